// Copyright 2026 the pystd authors. MIT license.

/**
 * Metrics of a program for Prometheus, in its text format.
 *
 *     deno run --allow-net examples/metrics.ts [PORT]
 *
 * @module
 */

import {
  BaseHTTPRequestHandler,
  ThreadingHTTPServer,
} from "@pystd/http-server";

/** Number of requests, by kind. */
export const counts: Map<string, number> = new Map();

/** Serves /metrics and counts requests. */
export class Metrics extends BaseHTTPRequestHandler {
  do_GET(): void {
    const kind = this.path === "/metrics" ? "scrape" : "other";
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (kind === "other") return this.sendError(404);
    const lines = [
      "# HELP requests_total Requests by kind.",
      "# TYPE requests_total counter",
      ...[...counts].map(([kind, count]) =>
        `requests_total{kind="${kind}"} ${count}`
      ),
    ];
    const text = lines.join("\n") + "\n";
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain; version=0.0.4");
    this.sendHeader("Content-Length", text.length);
    this.endHeaders();
    this.wfile.write(text);
  }
}

if (import.meta.main) {
  const port = Number(Deno.args[0] ?? 8000);
  await using httpd = new ThreadingHTTPServer(["127.0.0.1", port], Metrics);
  console.log(`Serving on port ${httpd.serverPort}`);
  await httpd.serveForever();
}
