// Copyright 2026 the pystd authors. MIT license.

/**
 * A forward proxy: it fetches URLs for clients, and with CONNECT it copies
 * bytes in both directions. It listens on loopback only, since its clients can
 * reach everything that this machine can.
 *
 *     deno run --allow-net examples/forward_proxy.ts [PORT]
 *
 * @module
 */

import {
  BaseHTTPRequestHandler,
  type Connection,
  ThreadingHTTPServer,
} from "@pystd/http-server";

class Proxy extends BaseHTTPRequestHandler {
  /** Keeps the whole URL in `path`, also for `https`. */
  static override keepsAbsoluteTarget = true;

  async do_GET(): Promise<void> {
    if (!/^https?:\/\//.test(this.path)) {
      return this.sendError(400, "Not a proxy request");
    }
    const headers = { "accept": this.headers.get("accept") ?? "*/*" };
    let response: Response;
    try {
      response = await fetch(this.path, { headers, redirect: "manual" });
    } catch {
      return this.sendError(502, "Cannot reach the server");
    }
    this.sendResponse(response.status);
    const type = response.headers.get("content-type");
    if (type !== null) this.sendHeader("Content-Type", type);
    this.endHeaders();
    for await (const piece of response.body ?? []) {
      await this.wfile.write(piece);
    }
  }

  async do_CONNECT(): Promise<void> {
    const [, hostname, port] = /^\[?(.*?)\]?:(\d+)$/.exec(this.path) ?? [];
    let upstream: Deno.TcpConn;
    try {
      upstream = await Deno.connect({ hostname, port: Number(port) });
    } catch {
      return this.sendError(502, "Cannot reach the server");
    }
    this.sendResponse(200, "Connection Established");
    this.endHeaders();
    await this.wfile.drained();
    await Promise.all([
      copy(this.request, upstream),
      copy(upstream, this.request),
    ]);
    upstream.close();
  }
}

/** Copies bytes until one side ends, then ends the other side. */
async function copy(from: Connection, to: Connection): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (let count; (count = await from.read(buffer)) !== null;) {
      let sent = 0;
      while (sent < count) sent += await to.write(buffer.subarray(sent, count));
    }
    await to.closeWrite?.();
  } catch {
    // One side disconnected.
  }
}

if (import.meta.main) {
  const port = Number(Deno.args[0] ?? 8000);
  await using httpd = new ThreadingHTTPServer(["127.0.0.1", port], Proxy);
  console.log(`Serving on port ${httpd.serverPort}`);
  await httpd.serveForever();
}
