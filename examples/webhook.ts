// Copyright 2026 the pystd authors. MIT license.

/**
 * Receives webhook events with GitHub's signature.
 *
 *     deno run --allow-net examples/webhook.ts [PORT] [SECRET]
 *
 * @module
 */

import { decodeHex } from "@std/encoding/hex";
import {
  BaseHTTPRequestHandler,
  ThreadingHTTPServer,
} from "@pystd/http-server";

class Receiver extends ThreadingHTTPServer {
  key!: CryptoKey;
}

class Webhook extends BaseHTTPRequestHandler {
  /** Events are small; a larger body gets a 413. */
  static override maxBodyBytes = 1024 * 1024;

  declare readonly server: Receiver;

  async do_POST(): Promise<void> {
    if (this.headers.get("content-length") === null) {
      return this.sendError(411);
    }
    const body = await this.rfile.read();
    const signature = this.headers.get("x-hub-signature-256") ?? "";
    if (!await this.isSigned(body, signature)) {
      return this.sendError(403, "Bad signature");
    }
    console.log(this.headers.get("x-github-event"), body.length);
    this.sendResponse(204);
    this.endHeaders();
  }

  /** WebCrypto compares in constant time. */
  async isSigned(
    body: Uint8Array<ArrayBuffer>,
    signature: string,
  ): Promise<boolean> {
    const hex = /^sha256=([0-9a-f]{64})$/.exec(signature)?.[1];
    if (hex === undefined) return false;
    const { key } = this.server;
    return await crypto.subtle.verify("HMAC", key, decodeHex(hex), body);
  }
}

if (import.meta.main) {
  const [port = "8000", secret = "secret"] = Deno.args;
  await using httpd = new Receiver(["127.0.0.1", Number(port)], Webhook);
  httpd.key = await crypto.subtle.importKey(
    "raw",
    new TextEncoder().encode(secret),
    { name: "HMAC", hash: "SHA-256" },
    false,
    ["verify"],
  );
  console.log(`Serving on port ${httpd.serverPort}`);
  await httpd.serveForever();
}
