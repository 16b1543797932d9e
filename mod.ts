// Copyright 2026 the pystd authors. MIT license.

/**
 * Python's `http.server` for Deno: servers on `Deno.listen`, and the handlers
 * that they hand connections to.
 *
 * Extend a handler, give its class to a server, let it serve:
 *
 * - {@linkcode BaseHTTPRequestHandler} parses requests and calls `do_GET()` and
 *   its kin: for answers of your own;
 * - {@linkcode SimpleHTTPRequestHandler} serves the files of a directory;
 * - {@linkcode CGIHTTPRequestHandler} runs scripts, too;
 * - {@linkcode ShareHTTPRequestHandler} is what people who share files expect:
 *   a listing to work with, uploads, archives, passwords;
 * - {@linkcode ThreadingHTTPServer} serves its connections concurrently,
 *   {@linkcode HTTPServer} one after the other, {@linkcode ThreadingHTTPSServer}
 *   and {@linkcode HTTPSServer} over TLS.
 *
 * The servers are also in `./server`, each handler in a module of its own such
 * as `./handlers/simple`, which loads no more than it needs. `./fetch` runs
 * handlers where there is no socket, and fetch handlers on these servers;
 * `./testing` tests handlers without a socket; `./cli` is the command.
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
