// Copyright 2026 the pystd authors. MIT license.

/**
 * {@linkcode FetchHTTPRequestHandler}: runs a fetch handler on the servers of
 * this package.
 *
 *     request head -> Request -> handler -> Response -> response head and body
 *
 * @module
 */

import { setImmediate } from "node:timers";
import type { Connection } from "../io/connection.ts";
import { alreadyAnsweredError } from "../io/request_body.ts";
import { HOP_BY_HOP } from "../protocol/hop_by_hop.ts";
import { endsWithHead } from "../protocol/status.ts";
import type { BaseServer } from "../server/base_server.ts";
import { BaseHTTPRequestHandler, type ClientAddress } from "./base.ts";

/** Information for a fetch handler about the connection. */
export interface FetchHandlerInfo {
  /** The client's address. */
  readonly remoteAddr: Deno.Addr;
  /**
   * Resolves when the response has been passed to the connection; rejects if
   * that fails.
   */
  readonly completed: Promise<void>;
}

/**
 * Answers a request: a handler for `Deno.serve`, Hono's `app.fetch`, and the
 * like.
 *
 * @param request The request. Its `signal` is aborted if the client disconnects
 * before the response.
 * @param info Information about the connection.
 * @returns The response.
 */
export type FetchHandler = (
  request: Request,
  info: FetchHandlerInfo,
) => Response | Promise<Response>;

/** Options of {@linkcode FetchHTTPRequestHandler}. */
export interface FetchHTTPRequestHandlerOptions {
  /** Answers the requests. */
  handler: FetchHandler;
}

/** The forbidden methods of the Fetch standard, which `Request` rejects. */
const FORBIDDEN_METHODS = new Set(["CONNECT", "TRACE", "TRACK"]);

/**
 * Runs a fetch handler for every method, so that handlers for `Deno.serve` get
 * the limits, logs and override points of this package's servers. Both bodies
 * are streamed.
 *
 * `CONNECT`, `TRACE` and `TRACK` are answered with 501, since no `Request` can
 * have them. `Deno.upgradeWebSocket` needs `Deno.serve`. A `Server` or `Date`
 * header of the response replaces this server's, and `Connection: close` ends
 * the connection.
 *
 * @example A fetch handler under `HTTPServer`
 * ```ts
 * import { FetchHTTPRequestHandler } from "@pystd/http-server/fetch";
 * import { HTTPServer } from "@pystd/http-server/server";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Quiet extends FetchHTTPRequestHandler {
 *   override logMessage(): void {}
 * }
 * const Handler = Quiet.with({
 *   handler: (request) => new Response(`${request.method} it is\n`),
 * });
 *
 * await using httpd = new HTTPServer(["127.0.0.1", 0], Handler);
 * const served = httpd.handleRequest();
 * const response = await fetch(`http://127.0.0.1:${httpd.serverPort}/`, {
 *   headers: { connection: "close" },
 * });
 * assertEquals(await response.text(), "GET it is\n");
 * await httpd.shutdown();
 * await served;
 * ```
 */
export class FetchHTTPRequestHandler extends BaseHTTPRequestHandler {
  /** HTTP version of the responses. */
  static override protocolVersion = "HTTP/1.1";
  /** Whether responses confirm the client's `Connection` option. */
  static override confirmsConnection = true;

  /** The options of `with()`. */
  protected readonly options: Partial<FetchHTTPRequestHandlerOptions>;

  /**
   * Stores its arguments.
   *
   * @param request The connection.
   * @param clientAddress The client's host and port.
   * @param server The server that accepted it.
   * @param options See {@linkcode FetchHTTPRequestHandlerOptions}.
   */
  constructor(
    request: Connection,
    clientAddress: ClientAddress,
    server: BaseServer,
    options: Partial<FetchHTTPRequestHandlerOptions> = {},
  ) {
    super(request, clientAddress, server);
    this.options = options;
  }

  /**
   * Returns a subclass with options.
   *
   * @param options The options.
   * @returns The subclass.
   *
   * @example Usage
   * ```ts
   * import { FetchHTTPRequestHandler } from "@pystd/http-server/fetch";
   * import { assert } from "@std/assert/assert";
   *
   * const Handler = FetchHTTPRequestHandler.with({
   *   handler: () => new Response("hello\n"),
   * });
   * assert(Handler.prototype instanceof FetchHTTPRequestHandler);
   * ```
   */
  static with<T extends typeof FetchHTTPRequestHandler>(
    this: T,
    options: FetchHTTPRequestHandlerOptions,
  ): T {
    return bind(this, options) as T;
  }

  /**
   * Answers a request, by default with the handler of the options.
   *
   * @param request The request.
   * @param info Information about the connection.
   * @returns The response.
   * @throws {TypeError} If no handler was given and this is not overridden.
   */
  fetch(
    request: Request,
    info: FetchHandlerInfo,
  ): Response | Promise<Response> {
    const { handler } = this.options;
    if (handler === undefined) {
      throw new TypeError(
        "Cannot answer: no handler; call FetchHTTPRequestHandler.with({ handler })",
      );
    }
    return handler(request, info);
  }

  /** Handles every method, unless a subclass has its own `do_METHOD`. */
  protected override dispatchRequest(): unknown {
    return `do_${this.command}` in this
      ? super.dispatchRequest()
      : this.#answer();
  }

  async #answer(): Promise<void> {
    const { command } = this;
    if (FORBIDDEN_METHODS.has(command.toUpperCase())) {
      this.sendError(501, `Unsupported method (fetch has no ${command})`);
      return;
    }
    const turn = new RequestLifetime();
    const request = this.#toRequest(turn);
    if (request === undefined) {
      this.sendError(400, "Bad request target or Host");
      return;
    }
    try {
      const response = await this.fetch(request, {
        remoteAddr: this.request.remoteAddr,
        completed: turn.completion.promise,
      });
      await this.#send(response);
      turn.completion.resolve();
    } catch (error) {
      turn.completion.reject(error);
      throw error;
    } finally {
      turn.answered.abort();
    }
  }

  #toRequest(turn: RequestLifetime): Request | undefined {
    const { command } = this;
    const hasBody = !this.rfile.ended && command !== "GET" &&
      command !== "HEAD";
    let request: Request;
    try {
      request = new Request(this.#url(), {
        method: command,
        headers: this.#headers(),
        body: hasBody ? this.#body(turn) : null,
        signal: turn.gone.signal,
      });
    } catch {
      // The host is invalid in a URL, or the method is not a token.
      return undefined;
    }
    if (!hasBody) this.#watch(turn);
    return request;
  }

  /** Returns the header fields, with the trace context of the server. */
  #headers(): Headers {
    const { headers, traceFields } = this;
    if (traceFields.length === 0) return headers;
    const traced = new Headers(headers);
    for (const [name, value] of traceFields) traced.set(name, value);
    return traced;
  }

  /** Returns the URL of the request. */
  #url(): string {
    // `URL` would encode each octet as a character of its own.
    const target = this.path.replace(
      /[\x80-\xff]/g,
      (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase()}`,
    );
    if (/^https?:\/\//i.test(target)) return target;
    const scheme = this.forwarded?.proto ??
      ("handshake" in this.request ? "https" : "http");
    const host = this.headers.get("host") ?? this.#localHost();
    // The target of `OPTIONS *` has no URL.
    const path = target.startsWith("/") ? target : `/${target}`;
    return new URL(`${scheme}://${host}`).origin + path;
  }

  #localHost(): string {
    const address = this.request.localAddr;
    if (!("hostname" in address)) return "localhost";
    const { hostname, port } = address;
    return hostname.includes(":")
      ? `[${hostname}]:${port}`
      : `${hostname}:${port}`;
  }

  /** Returns the request's body; watches the client after its end. */
  #body(turn: RequestLifetime): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      type: "bytes",
      pull: async (controller): Promise<void> => {
        // The connection may have gone on to the next request.
        if (turn.answered.signal.aborted) throw alreadyAnsweredError();
        const piece = await this.rfile.readSome(PIECE_BYTES).catch((error) => {
          if (!turn.answered.signal.aborted) turn.gone.abort(error);
          throw error;
        });
        if (piece !== null) return controller.enqueue(piece);
        this.#watch(turn);
        controller.close();
        controller.byobRequest?.respond(0);
      },
    });
  }

  /** Aborts the request's signal if the client disconnects before the response. */
  async #watch({ gone, answered }: RequestLifetime): Promise<void> {
    if (await this.clientDisconnected(answered.signal)) gone.abort();
  }

  async #send(response: Response): Promise<void> {
    const { status, statusText, headers, body } = response;
    if (status === 0) {
      throw new TypeError("Cannot send the response: it is a network error");
    }
    this.logRequest(status);
    this.sendResponseOnly(status, statusText === "" ? undefined : statusText);
    if (!headers.has("server")) this.sendHeader("Server", this.versionString());
    if (!headers.has("date")) this.sendHeader("Date", this.dateTimeString());
    for (const [name, value] of headers) {
      if (!HOP_BY_HOP.has(name)) this.sendHeader(name, value);
    }
    if (headers.get("connection")?.toLowerCase() === "close") {
      this.sendHeader("Connection", "close");
    }
    const ends = this.command === "HEAD" || endsWithHead(status);
    if (body === null || ends) {
      if (!ends && !headers.has("content-length")) {
        this.sendHeader("Content-Length", 0);
      }
      this.endHeaders();
      await body?.cancel();
      return;
    }
    await this.#sendBody(body.getReader(), headers.has("content-length"));
  }

  async #sendBody(
    reader: ReadableStreamDefaultReader<Uint8Array>,
    hasLength: boolean,
  ): Promise<void> {
    try {
      let { done, value } = await reader.read();
      let next = readNext(reader);
      if (!hasLength && (done || await isAtEnd(next))) {
        // The body has one piece, so its length is known.
        this.sendHeader("Content-Length", value?.length ?? 0);
        hasLength = true;
      }
      const wfile = this.wfile;
      const stream = hasLength ? undefined : this.endHeadersOfStream();
      if (stream === undefined) this.endHeaders();
      while (!done) {
        await (stream ?? wfile).write(value!);
        ({ done, value } = await next);
        if (!done) next = readNext(reader);
      }
      await stream?.end();
    } catch (error) {
      // Tell the handler to stop making the body.
      reader.cancel(error).catch(() => {});
      throw error;
    }
  }
}

/** A request, from its head to the end of its response. */
class RequestLifetime {
  /** Aborted when the client disconnects. */
  readonly gone = new AbortController();
  /** Aborted at the end of the response. */
  readonly answered = new AbortController();
  /** Settles when the response has been passed to the connection. */
  readonly completion: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor() {
    // A handler may ignore it.
    this.completion.promise.catch(() => {});
  }
}

/** Bytes of a request body that are read at once. */
const PIECE_BYTES = 32 * 1024;

/** Reads the next piece while the one before is sent. */
function readNext(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  const next = reader.read();
  // The caller awaits it later; until then a rejection would be unhandled.
  next.catch(() => {});
  return next;
}

/** Tells whether a stream ends within this turn of the event loop. */
async function isAtEnd(
  next: Promise<ReadableStreamReadResult<Uint8Array>>,
): Promise<boolean> {
  const turn = new Promise<undefined>((resolve) =>
    setImmediate(() => resolve(undefined))
  );
  // The next read reports an error.
  const result = await Promise.race([next, turn]).catch(() => undefined);
  return result?.done ?? false;
}

function bind(
  Base: typeof FetchHTTPRequestHandler,
  options: FetchHTTPRequestHandlerOptions,
): typeof FetchHTTPRequestHandler {
  return class extends Base {
    constructor(
      request: Connection,
      clientAddress: ClientAddress,
      server: BaseServer,
      more?: Partial<FetchHTTPRequestHandlerOptions>,
    ) {
      super(request, clientAddress, server, { ...options, ...more });
    }
  };
}
