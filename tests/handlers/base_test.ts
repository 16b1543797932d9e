// Copyright 2026 the pystd authors. MIT license.

/**
 * `BaseHTTPRequestHandler` over a connection in memory that counts writes.
 * `base_run_test.ts` tests connections, and `tests/golden/` compares with
 * CPython byte for byte.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertStringIncludes } from "@std/assert/string-includes";
import { assertThrows } from "@std/assert/throws";
import { BaseHTTPRequestHandler, RequestError } from "../../handlers/base.ts";
import { HTTPServer } from "../../server.ts";
import { MemoryConnection, respond } from "../../testing.ts";
import { pause } from "../support/client.ts";
import { Handler, Quiet, request, statuses } from "../support/http11.ts";
import { captureLog, takeLog } from "../support/log.ts";

captureLog();

Deno.test("BaseHTTPRequestHandler sends a response in one write, its head included", async () => {
  for (const readSize of [Infinity, 1]) {
    const { status, body, writes } = await respond(
      Handler,
      request("GET /a"),
      { readSize },
    );
    assertEquals({ status, body, writes }, {
      status: 200,
      body: "GET /a\n",
      writes: 1,
    });
  }
});

Deno.test("BaseHTTPRequestHandler answers pipelined requests in order, in one write", async () => {
  const one = request("GET /1");
  const post = request("POST /2", "Content-Length: 3\r\n") + "abc";
  const chunked = request("POST /3", "Transfer-Encoding: chunked\r\n") +
    "2\r\nab\r\n0\r\n\r\n";
  for (const readSize of [Infinity, 1, 5]) {
    const { text } = await respond(
      Handler,
      one + post + chunked + request("HEAD /4") + request("GET /5"),
      { readSize },
    );
    assertEquals(statuses(text), [200, 200, 200, 200, 200]);
    const bodies = [...text.matchAll(/\r\n\r\n([^\r]*?\n|)(?=HTTP|$)/g)];
    assertEquals(bodies.map(([, body]) => body), [
      "GET /1\n",
      "read 3\n",
      "read 2\n",
      "",
      "GET /5\n",
    ]);
  }
  const { writes } = await respond(Handler, one.repeat(5));
  assertEquals(writes, 1);
});

Deno.test("BaseHTTPRequestHandler logs a bad request with its own target, not the one before", async () => {
  const failed: string[] = [];
  class Noting extends Handler {
    override logError(): void {
      failed.push(`${this.command} ${this.path}`);
    }
  }
  const bad = "GET /bad HTTP/1.1\r\nHost: h\r\nX : y\r\n\r\n";
  await respond(Noting, request("GET /good") + bad);
  await respond(Noting, request("GET /good") + "GET\r\n\r\n");
  assertEquals(failed, ["GET /bad", " "]);
});

Deno.test("BaseHTTPRequestHandler never takes a body for a request", async () => {
  const hidden = request("GET /hidden");
  const cases: [why: string, sent: string, wanted: number[]][] = [
    [
      "a body that is not read is drained",
      request("PUT /", `Content-Length: ${hidden.length}\r\n`) + hidden +
      request("GET /"),
      [200, 200],
    ],
    [
      "one that is too large to be drained ends the connection",
      request("PUT /", "Content-Length: 300000\r\n") + hidden.repeat(10_000),
      [200],
    ],
    [
      "one in chunks is drained",
      request("PUT /", "Transfer-Encoding: chunked\r\n") +
      `${hidden.length.toString(16)}\r\n${hidden}\r\n0\r\n\r\n` +
      request("GET /"),
      [200, 200],
    ],
    [
      "a malformed one ends the connection",
      request("PUT /", "Transfer-Encoding: chunked\r\n") + hidden,
      [200],
    ],
    [
      "a method that is not there leaves none",
      request("NONE /", `Content-Length: ${hidden.length}\r\n`) + hidden +
      request("GET /"),
      [501, 200],
    ],
    [
      "an error of framing ends the connection, whatever keepsConnectionAfterError says",
      request("GET /", "Content-Length: x\r\n") + hidden,
      [400],
    ],
    [
      "a body that is too large does so too",
      request("GET /", "Content-Length: 9999999999999\r\n") + hidden,
      [413],
    ],
    [
      "an expectation that is not met does not hide the body",
      request("GET /", `Expect: x\r\nContent-Length: ${hidden.length}\r\n`) +
      hidden + request("GET /"),
      [417, 200],
    ],
    [
      "nor does a head that is malformed",
      "GET / HTTP/1.1\r\nHost : h\r\n\r\n" + hidden,
      [400],
    ],
  ];
  for (const [why, sent, wanted] of cases) {
    const { text } = await respond(Handler, sent);
    assertEquals(statuses(text), wanted, why);
  }
});

Deno.test("BaseHTTPRequestHandler frames a body of unknown length according to the client's version", async () => {
  const { headers, text } = await respond(Handler, request("STREAM /"));
  assertEquals(headers.get("Transfer-Encoding"), "chunked");
  assertStringIncludes(text, "\r\n\r\n3\r\none\r\n5\r\nthree\r\n0\r\n\r\n");
  const old = await respond(Handler, "STREAM / HTTP/1.0\r\n\r\n");
  assertEquals(old.headers.get("Transfer-Encoding"), null);
  assertEquals(old.body, "onethree");
});

Deno.test("BaseHTTPRequestHandler closes a connection after a body that is short or has no length", async () => {
  const cases: [string, number[], string | null][] = [
    ["SHORT /", [200], null],
    ["UNFRAMED /", [200], "close"],
  ];
  for (const [line, wanted, connection] of cases) {
    const { text, headers } = await respond(
      Handler,
      request(line) + request("GET /"),
    );
    assertEquals(statuses(text), wanted, line);
    assertEquals(headers.get("Connection"), connection, line);
  }
});

Deno.test("BaseHTTPRequestHandler sends no framing and no body with a 204", async () => {
  const { text, headers } = await respond(
    Handler,
    request("EMPTY /") + request("GET /"),
  );
  assertEquals(statuses(text), [204, 200]);
  assertEquals(headers.get("Content-Length"), null);
  assertEquals(headers.get("Transfer-Encoding"), null);
  assert(!text.includes("no body"));
});

Deno.test("BaseHTTPRequestHandler sends a 1xx to HTTP/1.1 clients only", async () => {
  const { text } = await respond(Handler, request("HINT /"));
  assertEquals(statuses(text), [103, 200]);
  const old = await respond(Handler, "HINT / HTTP/1.0\r\n\r\n");
  assertEquals(statuses(old.text), [200]);
  assert(!old.text.includes("Link"));
});

Deno.test("BaseHTTPRequestHandler answers an exception while no response has been sent", async () => {
  const connection = async (line: string): Promise<[string, unknown]> => {
    const memory = new MemoryConnection(request(line) + request("GET /"));
    memory.end();
    const server = new HTTPServer(["127.0.0.1", 0], Quiet, {
      bindAndActivate: false,
    });
    try {
      await new Quiet(memory, ["127.0.0.1", 1], server).run();
      return [memory.text, undefined];
    } catch (error) {
      return [memory.text, error];
    }
  };
  const [thrown, error] = await connection("THROW /");
  assertEquals(statuses(thrown), [500]);
  assertEquals((error as Error).message, "after the response was written");
  const [late, lateError] = await connection("LATETHROW /");
  assertEquals(statuses(late), [200]);
  assert(late.endsWith("\r\n\r\nok"));
  assertEquals((lateError as Error).message, "after the response was sent");
  // An error of the client gets a response, and is not thrown.
  const [teapot, none] = await connection("TEAPOT /");
  assertStringIncludes(teapot, "418 Short and stout");
  assertEquals(none, undefined);
});

Deno.test("BaseHTTPRequestHandler answers an error after a 1xx was sent", async () => {
  class Late extends Quiet {
    static override maxBodyBytes = 3;
    override async do_HINT(): Promise<void> {
      this.sendResponseOnly(103);
      this.endHeaders();
      await this.rfile.read();
      throw new RequestError(418, "Short and stout");
    }
    async do_SWITCH(): Promise<void> {
      this.sendResponseOnly(101);
      this.endHeaders();
      await this.wfile.drained();
      throw new RequestError(418, "Short and stout");
    }
  }
  const chunked = "Transfer-Encoding: chunked\r\n";
  const expect = `Expect: 100-continue\r\n${chunked}`;
  const cases: [head: string, body: string, statuses: number[]][] = [
    [request("POST /", expect), "2\r\nab\r\n0\r\n\r\n", [100, 200]],
    [request("POST /", expect), "4\r\nabcd\r\n0\r\n\r\n", [100, 413]],
    [request("POST /", expect), "x\r\n", [100, 400]],
    [request("POST /", expect), "2\r\n", [100, 400]],
    [request("HINT /", chunked), "0\r\n\r\n", [103, 418]],
    [request("HINT /", expect), "0\r\n\r\n", [100, 103, 418]],
    // The following bytes are not HTTP.
    [request("SWITCH /"), "", [101]],
  ];
  for (const [head, body, wanted] of cases) {
    const memory = new MemoryConnection(head);
    const server = new HTTPServer(["127.0.0.1", 0], Late, {
      bindAndActivate: false,
    });
    const run = new Late(memory, ["127.0.0.1", 1], server).run();
    while (memory.writes.length === 0) await pause(1);
    memory.send(body);
    memory.end();
    await run;
    assertEquals(statuses(memory.text), wanted, head + body);
  }
});

Deno.test("sendHeader and sendResponse reject values that would split a response", () => {
  const memory = new MemoryConnection();
  const server = new HTTPServer(["127.0.0.1", 0], Quiet, {
    bindAndActivate: false,
  });
  const handler = new Quiet(memory, ["127.0.0.1", 1], server);
  handler.setup();
  handler.requestVersion = "HTTP/1.1";
  const cases: [string, string][] = [
    ["A", "b\r\nC: d"],
    ["A", "b\nC: d"],
    ["A", "b\rC: d"],
    ["A", "b\0"],
    ["A\r\nB", "c"],
    ["A", "\u010d\u010a"],
    ["A", "\u560d\u560a"],
  ];
  for (const [name, value] of cases) {
    const error = assertThrows(
      () => handler.sendHeader(name, value),
      TypeError,
      "Cannot send the header",
    );
    if (!name.includes("\r")) assertStringIncludes(error.message, `"${name}"`);
  }
  assertThrows(
    () => handler.sendResponse(200, "OK\r\nA: b"),
    TypeError,
    "Cannot send the reason phrase",
  );
});

Deno.test("BaseHTTPRequestHandler announces that the server closes the connection", async () => {
  class Two extends Handler {
    static override maxRequests = 2;
  }
  const { text, headers } = await respond(Two, request("GET /").repeat(3));
  assertEquals(statuses(text), [200, 200]);
  assertEquals(headers.get("Connection"), null);
  assertStringIncludes(text, "Connection: close\r\n");
});

Deno.test("BaseHTTPRequestHandler replaces Host by the host of an absolute target (RFC 9112 3.2.2)", async () => {
  class Echo extends Handler {
    override do_GET(): void {
      this.text(`${this.headers.get("host")} ${this.path}`);
    }
  }
  const { body } = await respond(Echo, request("GET http://other:1/a"));
  assertEquals(body, "other:1 /a");
});

Deno.test("rawRequestline is the received line with a CRLF", async () => {
  const lines: string[] = [];
  class Raw extends BaseHTTPRequestHandler {
    do_GET(): void {
      lines.push(new TextDecoder("latin1").decode(this.rawRequestline));
      this.sendResponse(204);
      this.endHeaders();
    }
  }
  await respond(Raw, "GET /caf\xe9 HTTP/1.0\r\n\r\n");
  assertEquals(lines, ["GET /caf\xe9 HTTP/1.0\r\n"]);
});

Deno.test("respond returns status 0 for an HTTP/0.9 response", async () => {
  class Old extends BaseHTTPRequestHandler {
    do_GET(): void {
      this.wfile.write("as in HTTP/0.9\n");
    }
  }
  const { status, body } = await respond(Old, "GET /\r\n", {
    remoteAddr: { transport: "unix", path: "/s" },
  });
  assertEquals([status, body], [0, "as in HTTP/0.9\n"]);
});

Deno.test("an invalid protocolVersion counts as an old version", async () => {
  class Odd extends Handler {
    static override protocolVersion = "HTTP/2";
  }
  const { text } = await respond(Odd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  assertStringIncludes(text, "HTTP/2 200 OK\r\n");
});

Deno.test("a body longer than its Content-Length is an error, awaited or not", async () => {
  class Long extends Handler {
    override do_GET(): void {
      this.sendResponse(200);
      this.sendHeader("Content-Length", "Grüße".length);
      this.endHeaders();
      this.wfile.write("Grüße");
    }
  }
  takeLog();
  const connection = new MemoryConnection(request("GET /"));
  connection.end();
  const server = new HTTPServer(["127.0.0.1", 0], Long, {
    bindAndActivate: false,
  });
  await assertRejects(
    () => new Long(connection, ["127.0.0.1", 1], server).run(),
    RangeError,
    "Cannot write 7 bytes: the Content-Length leaves room for 5 bytes",
  );
  assertEquals(statuses(connection.text), [500]);
  const [first, ...rest] = takeLog().map((line) => line.replace(/^.*?\] /, ""));
  assertEquals(first, '"GET / HTTP/1.1" 200 -');
  assertEquals(rest, [
    "code 500, message Internal Server Error",
    '"GET / HTTP/1.1" 500 -',
  ]);
});
