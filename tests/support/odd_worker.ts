// Copyright 2026 the pystd authors. MIT license.

/**
 * A worker of `--workers` that identifies itself, and dies on request.
 *
 * @module
 */

import { serveInWorker } from "../../cli/workers/worker_loop.ts";
import { BaseHTTPRequestHandler } from "../../handlers/base.ts";

const ME = crypto.randomUUID();

// The server catches uncaught errors; this one must end the worker.
globalThis.addEventListener("error", (event) => {
  event.stopImmediatePropagation();
});

class Odd extends BaseHTTPRequestHandler {
  do_GET(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Length", ME.length);
    this.endHeaders();
    this.wfile.write(ME);
  }
  do_DIE(): void {
    this.do_GET();
    setTimeout(() => {
      throw new Error("Asked to die");
    }, 20);
  }
}

serveInWorker(() => Promise.resolve(Odd));
