// Copyright 2026 the pystd authors. MIT license.

/**
 * A file server in its own process, to measure its memory.
 *
 *     deno run -N -R slow_server.ts DIRECTORY LIMITS
 *
 * LIMITS is JSON: class variables of the handler. Prints its port; then, for
 * each line on stdin, its memory and connections as JSON. Ends with stdin.
 *
 * @module
 */

import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { ThreadingHTTPServer } from "../../server.ts";

class Server extends ThreadingHTTPServer {
  static override limitCheckInterval = 100;
}

class Handler extends SimpleHTTPRequestHandler {
  override writeLog(): void {}
}

if (import.meta.main) {
  const [directory, limits] = Deno.args;
  Object.assign(Handler, JSON.parse(limits!));
  const httpd = new Server(["127.0.0.1", 0], Handler.with({ directory }));
  httpd.serveForever();
  console.log(httpd.serverPort);
  for await (const _ of Deno.stdin.readable) {
    const { rss, heapUsed, external } = Deno.memoryUsage();
    const { connectionCount } = httpd;
    console.log(JSON.stringify({ rss, heapUsed, external, connectionCount }));
  }
  Deno.exit(0);
}
