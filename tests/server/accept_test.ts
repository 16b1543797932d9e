// Copyright 2026 the pystd authors. MIT license.

/**
 * Connections that are reset before they are accepted: Linux hands them out,
 * and Deno's `accept` throws for each. A client that makes many of them must
 * not make others wait.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { BaseHTTPRequestHandler } from "../../handlers/base.ts";
import type { Connection } from "../../io/connection.ts";
import { type ClientAddress, ThreadingHTTPServer } from "../../server.ts";
import { ask } from "../support/client.ts";

class Quiet extends BaseHTTPRequestHandler {
  do_GET(): void {
    this.sendResponse(204);
    this.endHeaders();
  }

  override writeLog(): void {}
}

const ERRORS = [
  Deno.errors.NotConnected,
  Deno.errors.ConnectionAborted,
  Deno.errors.ConnectionReset,
];

Deno.test("ThreadingHTTPServer passes over connections that are gone before they are accepted", async () => {
  let gone = 500;
  const reported: unknown[] = [];
  class Server extends ThreadingHTTPServer {
    override getRequest(): Promise<[Connection, ClientAddress]> {
      if (gone-- <= 0) return super.getRequest();
      return Promise.reject(new ERRORS[gone % ERRORS.length]!("Gone"));
    }
    protected override handleAcceptError(error: unknown): void {
      reported.push(error);
    }
  }
  await using httpd = new Server(["127.0.0.1", 0], Quiet);
  const since = performance.now();
  const serving = httpd.serveForever();
  const [answer] = await ask(httpd.serverPort, "GET / HTTP/1.0\r\n\r\n");
  assertEquals(answer!.status, 204);
  // With a pause after each of them it would be minutes.
  assert(performance.now() - since < 5000);
  assertEquals(reported, []);
  await httpd.shutdown();
  await serving;
});
