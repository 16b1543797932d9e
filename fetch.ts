// Copyright 2026 the pystd authors. MIT license.

/**
 * Runs handlers on platforms with a fetch API, and fetch handlers on the servers
 * of this package.
 *
 * {@linkcode toFetchHandler} turns a handler class into a
 * `(request) => Promise<Response>`, for `Deno.serve` and similar APIs.
 * {@linkcode FetchHTTPRequestHandler} is a handler class that runs such a
 * function. Both stream in both directions.
 *
 *     Request -> head and body as bytes -> handler -> bytes -> Response
 *
 * The handler gets a connection in memory in place of a socket. Fetch cannot
 * represent HTTP/0.9, `101 Switching Protocols`, statuses outside 200 to 599 and
 * bytes written past `sendResponse`: these are errors. Informational responses
 * are dropped. The answer to `CONNECT` is 501.
 *
 * @example A handler under `Deno.serve`
 * ```ts
 * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
 * import { toFetchHandler } from "@pystd/http-server/fetch";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Hello extends BaseHTTPRequestHandler {
 *   do_GET(): void {
 *     this.sendResponse(200);
 *     this.sendHeader("Content-Length", 6);
 *     this.endHeaders();
 *     this.wfile.write("hello\n");
 *   }
 *   override logMessage(): void {}
 * }
 *
 * const handler = toFetchHandler(Hello);
 * await using served = Deno.serve({
 *   hostname: "127.0.0.1",
 *   port: 0,
 *   onListen: () => {},
 * }, handler);
 * const response = await fetch(`http://127.0.0.1:${served.addr.port}/`);
 * assertEquals(await response.text(), "hello\n");
 * ```
 *
 * @module
 */

import type { Connection } from "./io/connection.ts";
import { FetchConnection } from "./io/fetch_connection.ts";
import type { ClientAddress } from "./server/address.ts";
import { BaseServer, type RequestHandlerClass } from "./server/base_server.ts";

export * from "./handlers/fetch.ts";

/** What a platform passes along with a request. */
export interface RequestOrigin {
  /** The address of the client's end, as `Deno.serve` gives it. */
  readonly remoteAddr?: Deno.Addr;
  /**
   * Settles at the end of the response. `Deno.serve` has it, and cancels the
   * response's body if the client disconnects.
   */
  readonly completed?: Promise<void>;
}

/** Options of {@linkcode toFetchHandler}. */
export interface ToFetchHandlerOptions {
  /**
   * Returns the client's address, on platforms that do not pass it as `Deno.serve`
   * does.
   *
   * @param request The request.
   * @param origin What the platform passes along with it.
   * @returns The host and port; `["-", 0]` if they are unknown.
   */
  clientAddress?: (request: Request, origin?: RequestOrigin) => ClientAddress;
  /**
   * The `serverAddress` of the server that handlers see.
   *
   * @default {["localhost", 80]}
   */
  serverAddress?: readonly [host: string, port: number];
  /**
   * Called with an exception of a handler, after the client got its response.
   *
   * @default what `BaseServer.handleError` does
   */
  onError?: (error: unknown, clientAddress: ClientAddress) => void;
}

/**
 * Turns a handler class into a fetch handler.
 *
 * Each request gets its own handler and its own connection in memory. The
 * response is streamed as fast as it is read. If the request's `signal` is
 * aborted or the response's body is cancelled, the client counts as
 * disconnected.
 *
 * Under `Deno.serve`, only a handler that waits for the client's disconnect for
 * more than a second reads the `signal` (a slow CGI script's, for example),
 * because Deno prints a notice once about programs that do. Nothing else tells it
 * before the response. `--unstable-no-legacy-abort` avoids the notice.
 *
 * @param HandlerClass The handler class, with its options set by `with()`.
 * @param options See {@linkcode ToFetchHandlerOptions}.
 * @returns The fetch handler. What an engine passes besides the request may be
 * anything; `clientAddress` gets it. It rejects with a `TypeError` if fetch cannot
 * represent the response.
 *
 * @example A directory
 * ```ts
 * import { toFetchHandler } from "@pystd/http-server/fetch";
 * import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const directory = Deno.makeTempDirSync();
 * Deno.writeTextFileSync(`${directory}/a.txt`, "alpha\n");
 * class Quiet extends SimpleHTTPRequestHandler {
 *   override logMessage(): void {}
 * }
 *
 * const handler = toFetchHandler(Quiet.with({ directory }));
 * const response = await handler(
 *   new Request("http://localhost/a.txt", { headers: { range: "bytes=0-2" } }),
 * );
 * assertEquals(response.status, 206);
 * assertEquals(await response.text(), "alp");
 * ```
 */
export function toFetchHandler(
  HandlerClass: RequestHandlerClass,
  options: ToFetchHandlerOptions = {},
): (request: Request, origin?: RequestOrigin | object) => Promise<Response> {
  const server = new FetchServer(HandlerClass, options);
  return (request, origin) => server.respond(request, origin);
}

const CONNECT_REFUSED =
  "CONNECT needs the connection itself, which fetch does not give away.\n";

/** The server that handlers see. It has no socket. */
class FetchServer extends BaseServer {
  #options: ToFetchHandlerOptions;

  constructor(
    HandlerClass: RequestHandlerClass,
    options: ToFetchHandlerOptions,
  ) {
    const address = options.serverAddress ?? ["localhost", 80] as const;
    super(address, HandlerClass);
    this.#options = options;
  }

  override getRequest(): Promise<[Connection, ClientAddress]> {
    return Promise.reject(
      new TypeError("Cannot accept a connection: requests come over fetch"),
    );
  }

  override handleError(
    request: Connection,
    clientAddress: ClientAddress,
    error: unknown,
  ): void {
    const { onError } = this.#options;
    if (onError !== undefined) onError(error, clientAddress);
    else super.handleError(request, clientAddress, error);
  }

  async respond(
    request: Request,
    origin: RequestOrigin | undefined,
  ): Promise<Response> {
    if (request.method === "CONNECT") {
      return new Response(CONNECT_REFUSED, { status: 501 });
    }
    const clientAddress = this.#options.clientAddress?.(request, origin) ??
      addressOf(origin);
    const [hostname, port] = clientAddress;
    const connection = new FetchConnection(
      request,
      { transport: "tcp", hostname: this.serverName, port: this.serverPort },
      origin?.remoteAddr ?? { transport: "tcp", hostname, port },
    );
    // Deno.serve prints a notice if a program reads a request's signal. Its
    // `completed` settles after the response only. So the signal is read there
    // if a handler waits for the client's disconnect for long.
    const isDenoServe = origin !== undefined && "completed" in origin;
    if (!isDenoServe) connection.watchSignal();
    this.#serve(connection, clientAddress);
    try {
      return await connection.response;
    } catch (error) {
      // Deno.serve would print the error. Nobody receives the response.
      if (isDenoServe && connection.aborted) {
        return new Response(null, { status: 499 });
      }
      throw error;
    }
  }

  async #serve(
    connection: FetchConnection,
    clientAddress: ClientAddress,
  ): Promise<void> {
    try {
      await this.finishRequest(connection, clientAddress);
    } catch (error) {
      // The caller gets this error by the response.
      if (error !== connection.refusal) {
        this.handleError(connection, clientAddress, error);
      }
    } finally {
      connection.close();
    }
  }
}

function addressOf(origin: RequestOrigin | undefined): ClientAddress {
  const address = origin?.remoteAddr;
  if (address === undefined) return ["-", 0];
  if ("hostname" in address) return [address.hostname, address.port];
  return [address.transport, 0];
}
