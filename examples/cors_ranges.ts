// Copyright 2026 the pystd authors. MIT license.

/**
 * Files for a page of another site that reads parts of them (maps, archives,
 * PDF viewers). Python's class needs ranges added; here it has them.
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

  /** What a browser asks before it sends `Range`. */
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
