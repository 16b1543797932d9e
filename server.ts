// Copyright 2026 the pystd authors. MIT license.

/**
 * The servers of CPython's `socketserver` and `http.server`, built on
 * `Deno.listen`.
 *
 * These are the steps of a connection, in CPython's order. Each can be
 * overridden:
 *
 *     serveForever, handleRequest
 *       getRequest -> verifyRequest -> processRequest -> finishRequest
 *                                          |               new Handler().run()
 *                                      shutdownRequest -> closeRequest
 *       if one of them throws: handleError -> shutdownRequest
 *
 * {@linkcode HTTPServer} serves one connection at a time, as in Python;
 * {@linkcode ThreadingHTTPServer} serves them concurrently on the event loop.
 *
 * @example Serve one request
 * ```ts
 * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
 * import { HTTPServer } from "@pystd/http-server/server";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class NoContent extends BaseHTTPRequestHandler {
 *   do_GET(): void {
 *     this.sendResponse(204);
 *     this.endHeaders();
 *   }
 *   override logMessage(): void {}
 * }
 *
 * await using httpd = new HTTPServer(["127.0.0.1", 0], NoContent);
 * const served = httpd.handleRequest();
 * const response = await fetch(`http://127.0.0.1:${httpd.serverPort}/`);
 * assertEquals(response.status, 204);
 * await served;
 * ```
 *
 * @module
 */

export type { Connection } from "./io/connection.ts";
export type { ClientAddress, ServerAddress } from "./server/address.ts";
export {
  BaseServer,
  type RequestHandler,
  type RequestHandlerClass,
  type ServeForeverOptions,
} from "./server/base_server.ts";
export { HTTPServer } from "./server/http_server.ts";
export { type ServerOptions, TCPServer } from "./server/tcp_server.ts";
export { ThreadingHTTPServer } from "./server/threading.ts";
export { HTTPSServer, ThreadingHTTPSServer } from "./server/tls.ts";
export type { HTTPSServerOptions } from "./server/tls_transport.ts";
