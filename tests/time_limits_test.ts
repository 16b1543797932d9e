// Copyright 2026 the pystd authors. MIT license.

/**
 * Every limit, with a small value, over real sockets: what the client sees,
 * that the connection ends, and the line that is logged. `maxConnections` is
 * in `server/threading_test.ts`, those of scripts in `handlers/cgi_*_test.ts`.
 *
 * @module
 */

/**
 * The time limits of handlers, each with a client that exceeds it.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { parseAnswers } from "./support/answers.ts";
import { ask, pause, RawClient } from "./support/client.ts";
import { req } from "./support/rfc.ts";
import { captureLog } from "./support/log.ts";
import { Hasty, message, Small, start } from "./support/low_limits.ts";

captureLog();

Deno.test("BaseHTTPRequestHandler enforces idleTimeout, before a request and after one", async () => {
  for (const first of ["", req("GET /")]) {
    await using server = start(Hasty);
    await using client = await RawClient.connect(server.port);
    const since = performance.now();
    await client.send(first);
    assert(await client.waitFor(() => client.closed, 2000));
    assert(performance.now() - since >= 100);
    assertEquals(parseAnswers(client.received).length, first === "" ? 0 : 1);
  }
});

Deno.test("BaseHTTPRequestHandler enforces headTimeout even if bytes keep arriving", async () => {
  await using server = start(Hasty);
  await using client = await RawClient.connect(server.port);
  const since = performance.now();
  for (const octet of "GET / HTTP/1.1\r\nHost: a-slow-client\r\n") {
    await client.send(octet, { pause_ms: 20 });
    if (client.closed) break;
  }
  assert(await client.waitFor(() => client.closed, 1000));
  assert(performance.now() - since < 1000);
  assertEquals(parseAnswers(client.received)[0]!.status, 408);
});

Deno.test("BaseHTTPRequestHandler enforces stallTimeout for a client that reads nothing", async () => {
  Small.log = [];
  await using server = start(Hasty);
  const conn = await Deno.connect({ port: server.port });
  await conn.write(new TextEncoder().encode(req("FLOOD /")));
  const since = performance.now();
  while (server.httpd.connectionCount === 0) await pause(5);
  while (server.httpd.connectionCount > 0) await pause(20);
  assert(performance.now() - since < 3000);
  conn.close();
  assertEquals(Small.log.map(message), [
    '"FLOOD / HTTP/1.1" 200 -',
    "Request timed out",
  ]);
});

Deno.test("BaseHTTPRequestHandler sets no time limit for computing handlers", async () => {
  await using server = start(Hasty);
  const [answer] = await ask(server.port, req("THINK /"));
  assertEquals(answer!.status, 204);
});

Deno.test("BaseHTTPRequestHandler enforces timeout in place of the three others", async () => {
  class Timed extends Small {
    static override timeout = 100;
    static override idleTimeout = 60_000;
    static override headTimeout = 60_000;
    static override stallTimeout = 60_000;
  }
  await using server = start(Timed);
  for (const sent of ["", "GET", req("POST /", "Content-Length: 9")]) {
    await using client = await RawClient.connect(server.port);
    await client.send(sent);
    assert(await client.waitFor(() => client.closed, 2000), sent);
  }
});

Deno.test("BaseHTTPRequestHandler shows a sending client why it is refused", async () => {
  await using server = start(Small);
  const cases: [string, number][] = [
    [req("POST /", "Content-Length: 8000000"), 413],
    [req("POST /", "Content-Length: x"), 400],
    [req("POST /", "Transfer-Encoding: gzip, chunked"), 501],
    ["POST / HTTP/1.1\r\nHost : h\r\n\r\n", 400],
    [req("NONE /", "Content-Length: 900"), 501],
  ];
  for (const [head, status] of cases) {
    await using client = await RawClient.connect(server.port);
    await client.send(head, { repeat: "x".repeat(8000), times: 1000 });
    await client.closeWrite();
    assert(await client.waitFor(() => client.closed, 4000), head);
    assertEquals(parseAnswers(client.received)[0]?.status, status, head);
    assertEquals(client.reset, false, head);
  }
});

Deno.test("BaseHTTPRequestHandler enforces lingerTimeout", async () => {
  class Brief extends Small {
    static override lingerTimeout = 100;
  }
  await using server = start(Brief);
  await using client = await RawClient.connect(server.port);
  const since = performance.now();
  await client.send(req("POST /", "Content-Length: 8000000"));
  assert(await client.waitFor(() => client.closed));
  // The client keeps its side open.
  while (server.httpd.connectionCount > 0) await pause(10);
  assert(performance.now() - since < Small.lingerTimeout);
});
