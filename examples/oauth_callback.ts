// Copyright 2026 the pystd authors. MIT license.

/**
 * The login of a command-line program: it listens until the browser returns
 * with a code, then ends.
 *
 *     deno run --allow-net examples/oauth_callback.ts [PORT] [STATE]
 *
 * @module
 */

import { BaseHTTPRequestHandler, HTTPServer } from "@pystd/http-server";

class CallbackServer extends HTTPServer {
  /** The value that the browser must return, against forged logins. */
  state = "";
  code: string | null = null;
}

class Callback extends BaseHTTPRequestHandler {
  declare readonly server: CallbackServer;

  do_GET(): void {
    const { pathname, searchParams } = new URL(this.path, "http://localhost");
    if (pathname !== "/callback") return this.sendError(404);
    if (searchParams.get("state") !== this.server.state) {
      return this.sendError(400, "Wrong state");
    }
    const code = searchParams.get("code");
    if (code === null) {
      return this.sendError(403, searchParams.get("error") ?? "No code");
    }
    this.server.code = code;
    const page = "<p>You are logged in. You can close this window.</p>\n";
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/html; charset=utf-8");
    this.sendHeader("Content-Length", page.length);
    this.endHeaders();
    this.wfile.write(page);
  }

  /** The log would contain the code. */
  override logMessage(): void {}
}

if (import.meta.main) {
  const [port = "8000", state = crypto.randomUUID()] = Deno.args;
  await using httpd = new CallbackServer(["127.0.0.1", Number(port)], Callback);
  httpd.state = state;
  console.log(`Serving on port ${httpd.serverPort}`);
  while (httpd.code === null) await httpd.handleRequest();
  console.log(`Code: ${httpd.code}`);
}
