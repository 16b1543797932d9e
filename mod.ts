// Copyright 2026 the pystd authors. MIT license.

/**
 * Python's `http.server` for Deno: servers on `Deno.listen`, and the handlers
 * that they hand connections to.
 *
 * @example A handler
 * ```ts
 * import { BaseHTTPRequestHandler, HTTPServer } from "@pystd/http-server";
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
 * await using httpd = new HTTPServer(["127.0.0.1", 0], Hello);
 * const served = httpd.handleRequest();
 * const response = await fetch(`http://127.0.0.1:${httpd.serverPort}/`);
 * assertEquals(await response.text(), "hello\n");
 * await served;
 * ```
 *
 * @module
 */

export * from "./handlers/mod.ts";
export {
  BaseServer,
  HTTPServer,
  HTTPSServer,
  type HTTPSServerOptions,
  type RequestHandler,
  type RequestHandlerClass,
  type ServeForeverOptions,
  type ServerAddress,
  type ServerOptions,
  TCPServer,
  ThreadingHTTPServer,
  ThreadingHTTPSServer,
} from "./server.ts";
