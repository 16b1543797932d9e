// Copyright 2026 the pystd authors. MIT license.

/**
 * A forward proxy: it fetches what a client asks it for, and with CONNECT
 * carries bytes to and fro. Whoever reaches it reaches what it reaches, so it
 * listens on this machine alone.
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
  /** So that `path` is the whole URL, `https` included. */
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
      carry(this.request, upstream),
      carry(upstream, this.request),
    ]);
    upstream.close();
  }
}

/** Carries bytes until one side ends, and tells the other side. */
async function carry(from: Connection, to: Connection): Promise<void> {
  const buffer = new Uint8Array(64 * 1024);
  try {
    for (let count; (count = await from.read(buffer)) !== null;) {
      let sent = 0;
      while (sent < count) sent += await to.write(buffer.subarray(sent, count));
    }
    await to.closeWrite?.();
  } catch {
    // One of them is gone: then there is nobody to tell.
  }
}

if (import.meta.main) {
  const port = Number(Deno.args[0] ?? 8000);
  await using httpd = new ThreadingHTTPServer(["127.0.0.1", port], Proxy);
  console.log(`Serving on port ${httpd.serverPort}`);
  await httpd.serveForever();
}
