// Copyright 2026 the pystd authors. MIT license.

/**
 * A page that requires a user name and a password (RFC 7617).
 *
 *     deno run --allow-net examples/basic_auth.ts [PORT] [USER:PASSWORD]
 *
 * @module
 */

import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import {
  BaseHTTPRequestHandler,
  ThreadingHTTPServer,
} from "@pystd/http-server";

class Guarded extends ThreadingHTTPServer {
  /** The expected `Authorization` field as a whole: no decoding needed. */
  authorization = new Uint8Array();
}

class Private extends BaseHTTPRequestHandler {
  declare readonly server: Guarded;

  /** Checks the password before any method. */
  protected override dispatchRequest(): unknown {
    const given = this.headers.get("authorization") ?? "";
    const bytes = new TextEncoder().encode(given);
    const wanted = this.server.authorization;
    if (bytes.length === wanted.length && timingSafeEqual(bytes, wanted)) {
      return super.dispatchRequest();
    }
    this.sendResponse(401);
    this.sendHeader("WWW-Authenticate", 'Basic realm="private"');
    this.sendHeader("Content-Length", 0);
    this.endHeaders();
    return undefined;
  }

  do_GET(): void {
    const text = "For you alone.\n";
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain");
    this.sendHeader("Content-Length", text.length);
    this.endHeaders();
    this.wfile.write(text);
  }
}

if (import.meta.main) {
  const [port = "8000", credentials = "ada:secret"] = Deno.args;
  await using httpd = new Guarded(["127.0.0.1", Number(port)], Private);
  const field = `Basic ${btoa(credentials)}`;
  httpd.authorization = new TextEncoder().encode(field);
  console.log(`Serving on port ${httpd.serverPort}`);
  await httpd.serveForever();
}
