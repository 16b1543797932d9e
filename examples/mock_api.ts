// Copyright 2026 the pystd authors. MIT license.

/**
 * A mock API for a test suite: canned responses, and a list of the calls.
 *
 *     deno run --allow-net examples/mock_api.ts [PORT]
 *
 * @module
 */

import {
  BaseHTTPRequestHandler,
  ThreadingHTTPServer,
} from "@pystd/http-server";

/** The canned responses, by method and path. */
const ANSWERS: Record<string, [status: number, value: unknown]> = {
  "GET /users/1": [200, { id: 1, name: "Ada" }],
  "DELETE /users/1": [204, undefined],
};

/** A server that records the calls. */
export class MockServer extends ThreadingHTTPServer {
  calls: string[] = [];
}

/** Sends canned responses; answers a POST with its own value. */
export class MockAPI extends BaseHTTPRequestHandler {
  static override protocolVersion = "HTTP/1.1";

  declare readonly server: MockServer;

  do_GET(): void {
    if (this.path === "/calls") return this.json(200, this.server.calls);
    this.canned();
  }

  do_DELETE(): void {
    this.canned();
  }

  async do_POST(): Promise<void> {
    this.note();
    const text = new TextDecoder().decode(await this.rfile.read());
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      return this.json(400, { error: "not JSON" });
    }
    this.json(201, { created: value });
  }

  canned(): void {
    this.note();
    const answer = ANSWERS[`${this.command} ${this.path}`];
    if (answer === undefined) this.json(404, { error: "not there" });
    else this.json(...answer);
  }

  note(): void {
    this.server.calls.push(`${this.command} ${this.path}`);
  }

  json(status: number, value: unknown): void {
    this.sendResponse(status);
    if (value === undefined) return this.endHeaders();
    const text = new TextEncoder().encode(JSON.stringify(value));
    this.sendHeader("Content-Type", "application/json");
    this.sendHeader("Content-Length", text.length);
    this.endHeaders();
    this.wfile.write(text);
  }

  override logMessage(): void {}
}

if (import.meta.main) {
  const port = Number(Deno.args[0] ?? 8000);
  await using httpd = new MockServer(["127.0.0.1", port], MockAPI);
  console.log(`Serving on port ${httpd.serverPort}`);
  await httpd.serveForever();
}
