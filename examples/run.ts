// Copyright 2026 the pystd authors. MIT license.

/**
 * Creates a server and runs it, as in the library reference of
 * `BaseHTTPServer`.
 *
 *     deno run --allow-net examples/run.ts [PORT]
 *
 * The default handler implements no method, so each request gets a 501. Pass
 * your own handler class.
 *
 * @module
 */

import {
  BaseHTTPRequestHandler,
  HTTPServer,
  type RequestHandlerClass,
  type ServerAddress,
} from "@pystd/http-server";

/** A server class. */
type ServerClass = new (
  serverAddress: ServerAddress,
  RequestHandlerClass: RequestHandlerClass,
) => HTTPServer;

/**
 * Serves until the program is interrupted.
 *
 * @param serverClass The server class.
 * @param handlerClass The handler class.
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
