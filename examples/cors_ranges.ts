// Copyright 2026 the pystd authors. MIT license.

/**
 * Files for web pages of other sites that read ranges of them (maps, archives,
 * PDF viewers). Python's class does not support ranges; this one does.
 *
 *     deno run --allow-net --allow-read=. examples/cors_ranges.ts [PORT] [DIR]
 *
 * @module
 */

import {
  SimpleHTTPRequestHandler,
  ThreadingHTTPServer,
} from "@pystd/http-server";

class Shared extends SimpleHTTPRequestHandler {
  override endHeaders(): void {
    this.sendHeader("Access-Control-Allow-Origin", "*");
    this.sendHeader("Access-Control-Expose-Headers", "Content-Range");
    super.endHeaders();
  }

  /** Answers the preflight request of a browser before `Range`. */
  do_OPTIONS(): void {
    this.sendResponse(204);
    this.sendHeader("Access-Control-Allow-Methods", "GET, HEAD");
    this.sendHeader("Access-Control-Allow-Headers", "Range");
    this.endHeaders();
  }
}

if (import.meta.main) {
  const [port = "8000", directory = "."] = Deno.args;
  await using httpd = new ThreadingHTTPServer(
    ["127.0.0.1", Number(port)],
    Shared.with({ directory }),
  );
  console.log(`Serving on port ${httpd.serverPort}`);
  await httpd.serveForever();
}
