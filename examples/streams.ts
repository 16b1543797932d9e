// Copyright 2026 the pystd authors. MIT license.

/**
 * Two streams for a web page: events for `EventSource`, and pictures that
 * replace each other, as cameras send them.
 *
 *     deno run --allow-net examples/streams.ts [PORT] [COUNT]
 *
 * @module
 */

import {
  BaseHTTPRequestHandler,
  ThreadingHTTPServer,
} from "@pystd/http-server";

class Source extends ThreadingHTTPServer {
  /** Number of events or pictures in a stream. */
  count = Infinity;
}

class Streams extends BaseHTTPRequestHandler {
  declare readonly server: Source;

  async do_GET(): Promise<void> {
    if (this.path === "/events") await this.sendEvents();
    else if (this.path === "/camera") await this.sendPictures();
    else this.sendError(404);
  }

  async sendEvents(): Promise<void> {
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/event-stream");
    this.sendHeader("Cache-Control", "no-store");
    this.endHeaders();
    for (let i = 0; i < this.server.count; i++) {
      // `await` slows the loop for a slow client, and ends it on a disconnect.
      await this.wfile.write(`id: ${i}\ndata: tick ${i}\n\n`);
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }

  async sendPictures(): Promise<void> {
    this.sendResponse(200);
    const type = "multipart/x-mixed-replace; boundary=picture";
    this.sendHeader("Content-Type", type);
    this.endHeaders();
    for (let i = 0; i < this.server.count; i++) {
      const picture = take(i);
      const head = "--picture\r\nContent-Type: image/jpeg\r\n" +
        `Content-Length: ${picture.length}\r\n\r\n`;
      this.wfile.write(head);
      this.wfile.write(picture);
      await this.wfile.write("\r\n");
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  }
}

/** A mock camera: the first and last bytes of a JPEG file. */
function take(i: number): Uint8Array {
  return new Uint8Array([0xff, 0xd8, i % 256, 0xff, 0xd9]);
}

if (import.meta.main) {
  const [port = "8000", count = "Infinity"] = Deno.args;
  await using httpd = new Source(["127.0.0.1", Number(port)], Streams);
  httpd.count = Number(count);
  console.log(`Serving on port ${httpd.serverPort}`);
  await httpd.serveForever();
}
