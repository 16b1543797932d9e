// Copyright 2026 the pystd authors. MIT license.

/**
 * A server that does not run forever, but until some condition is fulfilled,
 * as the library reference of `BaseHTTPServer` shows.
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
 * @param keepRunning Asked at first, and again after each request; the server
 * goes on while it says `true`.
 * @param handlerClass The class of the handlers.
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
