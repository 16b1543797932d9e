// Copyright 2026 the pystd authors. MIT license.

/**
 * A server that runs until a condition is met, as in the library reference of
 * `BaseHTTPServer`.
 *
 *     deno run --allow-net examples/run_while_true.ts [PORT] [REQUESTS]
 *
 * @module
 */

import {
  BaseHTTPRequestHandler,
  HTTPServer,
  type RequestHandlerClass,
} from "@pystd/http-server";

/**
 * Serves as long as a condition holds.
 *
 * @param keepRunning Called before each request; `false` stops the server.
 * @param handlerClass The handler class.
 * @param port The port to listen on; 0 for a free one.
 */
export async function runWhileTrue(
  keepRunning: () => boolean,
  handlerClass: RequestHandlerClass = BaseHTTPRequestHandler,
  port = 8000,
): Promise<void> {
  await using httpd = new HTTPServer(["", port], handlerClass);
  console.log(`Serving on port ${httpd.serverPort}`);
  while (keepRunning()) await httpd.handleRequest();
}

if (import.meta.main) {
  const [port = "8000", requests = "3"] = Deno.args;
  let left = Number(requests);
  await runWhileTrue(() => left-- > 0, BaseHTTPRequestHandler, Number(port));
}
