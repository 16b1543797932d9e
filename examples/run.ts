// Copyright 2026 the pystd authors. MIT license.

/**
 * Creates a server and runs it, as the library reference of `BaseHTTPServer`
 * shows.
 *
 *     deno run --allow-net examples/run.ts [PORT]
 *
 * The default handler implements no method: each request is answered with a
 * 501. Pass a handler class of your own to have more done.
 *
 * @module
 */

import {
  BaseHTTPRequestHandler,
  HTTPServer,
  type RequestHandlerClass,
  type ServerAddress,
} from "@pystd/http-server";

/** A class of servers that takes an address and a class of handlers. */
type ServerClass = new (
  serverAddress: ServerAddress,
  RequestHandlerClass: RequestHandlerClass,
) => HTTPServer;

/**
 * Serves until the program is interrupted.
 *
 * @param serverClass The class of the server.
 * @param handlerClass The class of the handlers.
 * @param port The port to listen on; 0 for a free one.
 */
export async function run(
  serverClass: ServerClass = HTTPServer,
  handlerClass: RequestHandlerClass = BaseHTTPRequestHandler,
  port = 8000,
): Promise<void> {
  const serverAddress: ServerAddress = ["", port];
  await using httpd = new serverClass(serverAddress, handlerClass);
  console.log(`Serving on port ${httpd.serverPort}`);
  await httpd.serveForever();
}

if (import.meta.main) {
  await run(HTTPServer, BaseHTTPRequestHandler, Number(Deno.args[0] ?? 8000));
}
