// Copyright 2026 the pystd authors. MIT license.

/**
 * {@linkcode FetchHTTPRequestHandler}: runs a fetch handler on the servers of
 * this package.
 *
 *     parse the head -> Request -> handler -> Response -> head and body
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

/** What a fetch handler is told beside the request. */
export interface FetchHandlerInfo {
  /** The address of the client's end. */
  readonly remoteAddr: Deno.Addr;
  /**
   * Resolves when the response has been handed to the connection; rejects if
   * that was not possible.
   */
  readonly completed: Promise<void>;
}

/**
 * Answers a request: what `Deno.serve` takes, Hono's `app.fetch`, and the
 * like.
 *
 * @param request The request. Its `signal` is aborted if the client goes away
 * before it is answered.
 * @param info What else is known of it.
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

/** What `Request` refuses (the forbidden methods of the Fetch standard). */
const FORBIDDEN_METHODS = new Set(["CONNECT", "TRACE", "TRACK"]);

/**
 * Runs a fetch handler for every method, so that what is written for
 * `Deno.serve` runs behind the limits, logs and override points of this
 * package's servers. Both bodies are streamed.
 *
 * `CONNECT`, `TRACE` and `TRACK` are answered with 501, since no `Request` can
 * have them; `Deno.upgradeWebSocket` needs `Deno.serve`. A `Server` or `Date`
 * header of the response stands in place of this server's, and
 * `Connection: close` ends the connection.
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
  /** The version of HTTP that responses speak. */
  static override protocolVersion = "HTTP/1.1";
  /** Whether a response repeats that the client ends the connection. */
  static override confirmsConnection = true;

  /** The options, as they were given. */
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
   * A subclass with options.
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
   * Answers a request; the fetch handler of the options does, by default.
   *
   * @param request The request.
   * @param info What else is known of it.
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
        "Cannot answer: FetchHTTPRequestHandler.with({ handler }) has not been used",
      );
    }
    return handler(request, info);
  }

  /** Every method is handled, unless a subclass has its own `do_METHOD`. */
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
        headers: this.headers,
        body: hasBody ? this.#body(turn) : null,
        signal: turn.gone.signal,
      });
    } catch {
      // An authority that no URL can have, or a method that is not a token.
      return undefined;
    }
    if (!hasBody) this.#watch(turn);
    return request;
  }

  /** The URL that the client had in mind. */
  #url(): string {
    // A URL would take each octet for a character of its own.
    const target = this.path.replace(
      /[\x80-\xff]/g,
      (octet) => `%${octet.charCodeAt(0).toString(16).toUpperCase()}`,
    );
    if (/^https?:\/\//i.test(target)) return target;
    const scheme = this.forwarded?.proto ??
      ("handshake" in this.request ? "https" : "http");
    const host = this.headers.get("host") ?? this.#localHost();
    // `OPTIONS *` is about no path, which no URL can say.
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

  /** The request's body, and whether the client is there behind its end. */
  #body(turn: RequestLifetime): ReadableStream<Uint8Array<ArrayBuffer>> {
    return new ReadableStream({
      type: "bytes",
      pull: async (controller): Promise<void> => {
        // By now it would be the body of another request.
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

  /** Aborts the request's signal if the client goes away before its answer. */
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
        // A body of one piece need not be streamed.
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
      // Whoever makes the body may stop.
      reader.cancel(error).catch(() => {});
      throw error;
    }
  }
}

/** One request, from its head to the end of its response. */
class RequestLifetime {
  /** Aborted when the client goes away. */
  readonly gone = new AbortController();
  /** Aborted when there is nothing more to answer. */
  readonly answered = new AbortController();
  /** Settles when the response is out. */
  readonly completion: PromiseWithResolvers<void> = Promise.withResolvers();

  constructor() {
    // A handler need not look at it.
    this.completion.promise.catch(() => {});
  }
}

/** How much of a body is handed on at once. */
const PIECE_BYTES = 32 * 1024;

/** Reads on while what was read is sent; then its failure is found, too. */
function readNext(
  reader: ReadableStreamDefaultReader<Uint8Array>,
): Promise<ReadableStreamReadResult<Uint8Array>> {
  const next = reader.read();
  // Meanwhile nobody would handle it, which ends the process.
  next.catch(() => {});
  return next;
}

/** Whether a stream is found to be at its end without waiting for it. */
async function isAtEnd(
  next: Promise<ReadableStreamReadResult<Uint8Array>>,
): Promise<boolean> {
  const turn = new Promise<undefined>((resolve) =>
    setImmediate(() => resolve(undefined))
  );
  // An error is found again by the one who reads on.
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
