// Copyright 2026 the pystd authors. MIT license.

/**
 * `BaseHTTPRequestHandler` over a connection in memory that counts writes.
 * What equals CPython byte for byte is tested in `tests/golden/`.
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
import { waitUntil } from "../support/wait.ts";

/** Speaks HTTP/1.1; each method shows one thing. */
class Handler extends BaseHTTPRequestHandler {
  static override protocolVersion = "HTTP/1.1";

  text(body: string, status = 200): void {
    this.sendResponse(status);
    this.sendHeader("Content-Length", body.length);
    this.endHeaders();
    this.wfile.write(body);
  }

  do_GET(): void {
    this.text(`${this.command} ${this.path}\n`);
  }

  do_HEAD(): void {
    this.do_GET();
  }

  async do_POST(): Promise<void> {
    const body = await this.rfile.read();
    this.text(`read ${body.length}\n`);
  }

  /** Does not read the body. */
  do_PUT(): void {
    this.text("put\n");
  }

  async do_STREAM(): Promise<void> {
    this.sendResponse(200);
    const body = this.endHeadersOfStream();
    for (const piece of ["one", "", "three"]) await body.write(piece);
    await body.end();
  }

  do_SHORT(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 10);
    this.endHeaders();
    this.wfile.write("short");
  }

  do_UNFRAMED(): void {
    this.sendResponse(200);
    this.endHeaders();
    this.wfile.write("to the end");
  }

  do_EMPTY(): void {
    this.sendResponse(204);
    this.sendHeader("Content-Length", 0);
    this.sendHeader("Transfer-Encoding", "chunked");
    this.endHeaders();
    this.wfile.write("no body");
  }

  do_HINT(): void {
    this.sendResponseOnly(103);
    this.sendHeader("Link", "</a>");
    this.endHeaders();
    this.text("hinted\n");
  }

  do_THROW(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 2);
    this.endHeaders();
    this.wfile.write("ok");
    throw new Error("after the response was written");
  }

  async do_LATETHROW(): Promise<void> {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 10);
    this.endHeaders();
    await this.wfile.write("ok");
    await this.wfile.drained();
    throw new Error("after the response was sent");
  }

  do_TEAPOT(): void {
    throw new RequestError(418, "Short and stout");
  }

  override keepsConnection(code: number): boolean {
    return code === 501 || code === 417 || code === 413 || code === 400;
  }
}

const request = (line: string, more = ""): string =>
  `${line} HTTP/1.1\r\nHost: h\r\n${more}\r\n`;

/** The status codes in what was sent. */
function statuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, code]) =>
    Number(code)
  );
}

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

Deno.test("BaseHTTPRequestHandler answers pipelined requests in order, and gathers them", async () => {
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
      "an error of framing ends the connection, whatever keepsConnection says",
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

Deno.test("BaseHTTPRequestHandler frames a body of unknown length by the client's version", async () => {
  const { headers, text } = await respond(Handler, request("STREAM /"));
  assertEquals(headers.get("Transfer-Encoding"), "chunked");
  assertStringIncludes(text, "\r\n\r\n3\r\none\r\n5\r\nthree\r\n0\r\n\r\n");
  const old = await respond(Handler, "STREAM / HTTP/1.0\r\n\r\n");
  assertEquals(old.headers.get("Transfer-Encoding"), null);
  assertEquals(old.body, "onethree");
});

Deno.test("BaseHTTPRequestHandler ends a connection whose next response would be taken for a body", async () => {
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

Deno.test("BaseHTTPRequestHandler sends a 1xx to HTTP/1.1 clients alone", async () => {
  const { text } = await respond(Handler, request("HINT /"));
  assertEquals(statuses(text), [103, 200]);
  const old = await respond(Handler, "HINT / HTTP/1.0\r\n\r\n");
  assertEquals(statuses(old.text), [200]);
  assert(!old.text.includes("Link"));
});

Deno.test("BaseHTTPRequestHandler answers an exception where it still can", async () => {
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
  // The peer's fault is not the server's: it is answered, and not thrown.
  const [teapot, none] = await connection("TEAPOT /");
  assertStringIncludes(teapot, "418 Short and stout");
  assertEquals(none, undefined);
});

class Quiet extends Handler {
  override writeLog(): void {}
}

Deno.test("sendHeader and sendResponse refuse what would split a response", () => {
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

Deno.test("BaseHTTPRequestHandler announces the end that the server wants", async () => {
  class Two extends Handler {
    static override maxRequests = 2;
  }
  const { text, headers } = await respond(Two, request("GET /").repeat(3));
  assertEquals(statuses(text), [200, 200]);
  assertEquals(headers.get("Connection"), null);
  assertStringIncludes(text, "Connection: close\r\n");
});

Deno.test("BaseHTTPRequestHandler lets Host give way to an absolute target (RFC 9112 3.2.2)", async () => {
  class Echo extends Handler {
    override do_GET(): void {
      this.text(`${this.headers.get("host")} ${this.path}`);
    }
  }
  const { body } = await respond(Echo, request("GET http://other:1/a"));
  assertEquals(body, "other:1 /a");
});

Deno.test("BaseHTTPRequestHandler asks who pipelines to take the responses first", async () => {
  let handled = 0;
  class Large extends Handler {
    override do_GET(): void {
      handled++;
      this.text("x".repeat(100_000));
    }
    override writeLog(): void {}
  }
  const memory = new MemoryConnection(request("GET /").repeat(50));
  memory.end();
  memory.stall();
  const server = new HTTPServer(["127.0.0.1", 0], Large, {
    bindAndActivate: false,
  });
  const running = new Large(memory, ["127.0.0.1", 1], server).run();
  for (let i = 0; i < 20; i++) {
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  assert(handled <= 2, `${handled} requests were handled`);
  memory.resume();
  await running;
  assertEquals(handled, 50);
});

Deno.test("BaseHTTPRequestHandler holds no request while it waits for one", async () => {
  const seen: unknown[] = [];
  class Kept extends Quiet {
    override do_GET(): void {
      seen.push(this.requestline, this.headers.get("x-seen"));
      super.do_GET();
    }
  }
  const memory = new MemoryConnection(request("GET /a", "X-Seen: 1\r\n"));
  const server = new HTTPServer(["127.0.0.1", 0], Kept, {
    bindAndActivate: false,
  });
  const handler = new Kept(memory, ["127.0.0.1", 1], server);
  const served = handler.run();
  await waitUntil(() => memory.writes.length === 1 && handler.path === "");
  seen.push(handler.command, handler.requestline, [...handler.headers]);
  memory.send(request("GET /b", "X-Seen: 2\r\n"));
  memory.end();
  await served;
  assertEquals(seen, [
    ...["GET /a HTTP/1.1", "1"],
    ...["", "", []],
    ...["GET /b HTTP/1.1", "2"],
  ]);
});

Deno.test("run ends when the client resets the connection, in each phase", async () => {
  const phases = [
    "",
    "GET / HT",
    request("POST /", "Content-Length: 5\r\n") + "ab",
  ];
  for (const sent of phases) {
    const memory = new MemoryConnection(sent);
    const server = new HTTPServer(["127.0.0.1", 0], Quiet, {
      bindAndActivate: false,
    });
    const running = new Quiet(memory, ["127.0.0.1", 1], server).run();
    await new Promise((resolve) => setTimeout(resolve, 0));
    memory.fail();
    await running;
    assertEquals(memory.text, "", sent);
  }
});

Deno.test("run throws what a method throws", async () => {
  await assertRejects(
    () => respond(Handler, request("THROW /")),
    Error,
    "after the response was written",
  );
});

Deno.test("rawRequestline is what came, with its end", async () => {
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

Deno.test("respond tells of what is no response", async () => {
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

Deno.test("a protocol version that is none is taken for an old one", async () => {
  class Odd extends Handler {
    static override protocolVersion = "HTTP/2";
  }
  const { text } = await respond(Odd, "GET / HTTP/1.1\r\nHost: h\r\n\r\n");
  assertStringIncludes(text, "HTTP/2 200 OK\r\n");
});

Deno.test("disableNagleAlgorithm asks the connection, if it has one", async () => {
  const asked: boolean[] = [];
  class Prompt extends Handler {
    static override disableNagleAlgorithm = true;
    override setup(): void {
      Object.assign(this.request, {
        setNoDelay: (on: boolean) => asked.push(on),
      });
      super.setup();
    }
  }
  await respond(Prompt, "GET / HTTP/1.0\r\n\r\n");
  assertEquals(asked, [true]);
});

Deno.test("run throws what handle throws at once, and finishes all the same", async () => {
  const steps: string[] = [];
  class Hasty extends Handler {
    override handle(): Promise<void> {
      throw new Error("Thrown at once");
    }
    override finish(): Promise<void> {
      steps.push("finish");
      return super.finish();
    }
  }
  await assertRejects(
    () => respond(Hasty, "GET / HTTP/1.0\r\n\r\n"),
    Error,
    "Thrown at once",
  );
  assertEquals(steps, ["finish"]);
});

for (const sent of ["\r\n\r\n", "\r\n\r\nGET /2"]) {
  const name = sent.length > 4 ? "in the middle of a head" : "between two";
  Deno.test(`a client that takes no response waits for the next, ${name}`, async () => {
    const taken = Promise.withResolvers<void>();
    const asked = Promise.withResolvers<void>();
    class Slow extends MemoryConnection {
      override async write(data: Uint8Array): Promise<number> {
        asked.resolve();
        await taken.promise;
        return await super.write(data);
      }
    }
    const connection = new Slow(`GET /1 HTTP/1.1\r\nHost: h${sent}`);
    const server = new HTTPServer(["127.0.0.1", 0], Handler, {
      bindAndActivate: false,
    });
    const paths: string[] = [];
    class Noting extends Handler {
      override do_GET(): void {
        paths.push(this.path);
        super.do_GET();
      }
      override writeLog(): void {}
    }
    const running = new Noting(connection, ["127.0.0.1", 1], server).run();
    await asked.promise;
    const rest = " HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    connection.send(sent.endsWith("2") ? rest : `GET /2${rest}`);
    connection.end();
    for (let i = 0; i < 5; i++) {
      await new Promise((resolve) => setTimeout(resolve));
    }
    assertEquals(paths, ["/1"]);
    taken.resolve();
    await running;
    assertEquals(paths, ["/1", "/2"]);
    assertEquals(connection.text.match(/GET \/\d/g), ["GET /1", "GET /2"]);
  });
}

Deno.test("a body longer than announced is an error that is told, awaited or not", async () => {
  class Long extends Handler {
    override do_GET(): void {
      this.sendResponse(200);
      this.sendHeader("Content-Length", "Grüße".length);
      this.endHeaders();
      this.wfile.write("Grüße");
    }
  }
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
});
