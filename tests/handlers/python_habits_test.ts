// Copyright 2026 the pystd authors. MIT license.

/**
 * Handlers written in the style of Python's `http.server`: they work as
 * intended, and mistakes get a response and a log line.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertStringIncludes } from "@std/assert/string-includes";
import { BaseHTTPRequestHandler } from "../../handlers/base.ts";
import { HTTPServer, ThreadingHTTPServer } from "../../server.ts";
import { MemoryConnection } from "../../testing.ts";
import { RawClient } from "../support/client.ts";
import { Handler, request, statuses } from "../support/http11.ts";
import { outcomeOf } from "../support/outcome.ts";
import { waitUntil } from "../support/wait.ts";

Deno.test("A method without a response gets a 500 and is logged", async () => {
  class Silent extends Handler {
    override do_GET(): void {}
    override do_HEAD(): void {
      this.sendResponse(200); // and no endHeaders()
    }
    override async do_POST(): Promise<void> {
      await this.rfile.read();
    }
  }
  const post = "Content-Length: 3\r\nExpect: 100-continue\r\n";
  const cases: [sent: string, statuses: number[]][] = [
    [request("GET /"), [500]],
    [request("HEAD /"), [500]],
    [request("POST /", post) + "abc", [100, 500]],
    ["GET / HTTP/1.0\r\n\r\n", [500]],
    // The response before it has been sent.
    [request("PUT /") + request("GET /"), [200, 500]],
  ];
  for (const [sent, wanted] of cases) {
    const { text, log, error } = await outcomeOf(Silent, sent);
    assertEquals([sent, statuses(text)], [sent, wanted]);
    assertEquals(error, undefined);
    const ends = log.filter((line) => / ended without a response: /.test(line));
    assertEquals(ends.length, 1, log.join("\n"));
  }
  const { log } = await outcomeOf(Silent, request("GET /"));
  const line =
    "do_GET() ended without a response: return or await what it starts";
  assertEquals(log[0], line);
});

Deno.test("A response after the 500 of its request is not sent", async () => {
  let late: unknown;
  class Forgets extends Handler {
    override do_GET(): void {
      this.#answer().catch((error) => late = error);
    }
    async #answer(): Promise<void> {
      await new Promise((resolve) => setTimeout(resolve, 5));
      this.sendResponse(200);
      this.endHeaders();
    }
  }
  const { text } = await outcomeOf(Forgets, request("GET /"));
  await waitUntil(() => late !== undefined);
  assertEquals(statuses(text), [500]);
});

Deno.test("A handler may write the head of its response itself", async () => {
  class Raw extends Handler {
    override do_GET(): void {
      this.wfile.write("HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n");
      this.wfile.write("raw");
    }
  }
  const { text, error } = await outcomeOf(Raw, request("GET /"));
  assertEquals([statuses(text), error], [[200], undefined]);
  class Continues extends Handler {
    override async do_POST(): Promise<void> {
      this.wfile.write("");
      this.wfile.write("HTTP/1.1 100 Continue\r\n\r\n");
      await super.do_POST();
    }
  }
  const posted = await outcomeOf(
    Continues,
    request("POST /", "Content-Length: 1\r\n") + "a" + request("GET /"),
  );
  assertEquals(statuses(posted.text), [100, 200, 200]);
  assertEquals(posted.error, undefined);
  // An HTTP/0.9 response has no head.
  class Bare extends Handler {
    override do_GET(): void {
      this.wfile.write("bare\n");
    }
  }
  assertEquals((await outcomeOf(Bare, "GET /\r\n")).text, "bare\n");
});

Deno.test("A handler may respond without sendResponse()", async () => {
  class Own extends Handler {
    do_RAW(): void {
      this.wfile.write("HTTP/1.1 299 Mine\r\n\r\n");
      this.closeConnection = true;
    }
    do_SWITCH(): void {
      this.sendResponseOnly(101);
      this.endHeaders();
      this.closeConnection = true;
    }
    async do_PAST(): Promise<void> {
      await this.request.write(new TextEncoder().encode("no HTTP at all"));
      this.closeConnection = true;
    }
    do_DROP(): void {
      this.request.close();
      this.closeConnection = true;
    }
    override do_GET(): void {} // an empty page, if the request is HTTP/0.9
  }
  const cases: [sent: string, wanted: string][] = [
    [request("RAW /"), "HTTP/1.1 299 Mine\r\n\r\n"],
    [request("SWITCH /"), "HTTP/1.1 101 Switching Protocols\r\n\r\n"],
    [request("PAST /"), "no HTTP at all"],
    [request("DROP /"), ""],
    ["GET /\r\n", ""],
  ];
  for (const [sent, wanted] of cases) {
    const { text, log } = await outcomeOf(Own, sent);
    assertEquals([sent, text], [sent, wanted]);
    assertEquals(log.filter((line) => line.includes("ended without")), []);
  }
});

Deno.test("super.handle() and handleOneRequest() are awaited if nobody else awaits them", async () => {
  class Unawaited extends Handler {
    override async handle(): Promise<void> {
      try {
        super.handle();
      } catch {
        // Never reached, since the call returns a promise.
      }
      await Promise.resolve();
    }
    override do_THROW(): void {
      throw new Error("A mistake in do_THROW");
    }
  }
  class Once extends Handler {
    override handle(): Promise<void> {
      this.handleOneRequest();
      return Promise.resolve();
    }
  }
  class Each extends Unawaited {
    override handleOneRequest(): Promise<void> {
      super.handleOneRequest();
      return Promise.resolve();
    }
  }
  const two = request("GET /1") + request("POST /2", "Content-Length: 1\r\n") +
    "x";
  for (const Class of [Unawaited, Each]) {
    const { text, error } = await outcomeOf(Class, two);
    assertEquals([statuses(text), error], [[200, 200], undefined]);
    const thrown = await outcomeOf(Class, request("THROW /"));
    assertEquals(statuses(thrown.text), [500]);
    assertStringIncludes(String(thrown.error), "A mistake in do_THROW");
  }
  assertEquals(statuses((await outcomeOf(Once, two)).text), [200]);
});

Deno.test("A handle() can catch the error of super.handle()", async () => {
  const caught: string[] = [];
  class Catching extends Handler {
    override async handle(): Promise<void> {
      try {
        await super.handle();
      } catch (error) {
        caught.push(String(error));
      }
    }
    override do_GET(): void {
      throw new Error("A mistake in do_GET");
    }
  }
  const { text, error } = await outcomeOf(Catching, request("GET /"));
  assertEquals([statuses(text), error], [[500], undefined]);
  assertEquals(caught, ["Error: A mistake in do_GET"]);
});

Deno.test("A handler that speaks HTTP/1.1 rejects a malformed request line with a status line", async () => {
  const bad: [line: string, status: number][] = [
    ["Invalid", 400],
    ["GET", 400],
    ["POST /", 400],
    ["GET / HTTP/2.0", 505],
    ["GET / FTP/1.0", 400],
    ["GET / x HTTP/1.1", 400],
    ["GET relative", 400],
    ["GET relative HTTP/0.9", 400],
  ];
  for (const [line, status] of bad) {
    for (const before of ["", request("GET /")]) {
      const sent = `${before}${line}\r\n\r\n`;
      const { text } = await outcomeOf(Handler, sent);
      const wanted = before === "" ? [status] : [200, status];
      assertEquals([sent, statuses(text)], [sent, wanted]);
    }
  }
  // A well-formed HTTP/0.9 request gets no head, as in CPython.
  assertEquals((await outcomeOf(Handler, "GET /a\r\n")).text, "GET /a\n");
  const lenient = await outcomeOf(BaseHTTPRequestHandler, "Invalid\r\n\r\n");
  assertMatch(lenient.text, /^<!DOCTYPE HTML>/);
});

Deno.test("keepsAbsoluteTarget leaves path unchanged, for proxies", async () => {
  class Shows extends Handler {
    override do_GET(): void {
      const host = this.headers.get("host");
      this.text(`${this.path} ${this.requestTarget} ${host}`);
    }
    do_CONNECT(): void {
      this.do_GET();
    }
  }
  class Proxy extends Shows {
    static override keepsAbsoluteTarget = true;
  }
  const absolute = "http://up.example:81/x?y";
  const secure = "https://up.example/x";
  const rows: [sent: string, shows: string, proxy: string][] = [
    [
      `GET ${absolute}`,
      `200 /x?y ${absolute} up.example:81`,
      `200 ${absolute} ${absolute} up.example:81`,
    ],
    [`GET ${secure}`, "421", `200 ${secure} ${secure} up.example`],
    ["GET //a/b", "200 /a/b //a/b h", "200 /a/b //a/b h"],
    ["CONNECT up:443", "200 up:443 up:443 h", "200 up:443 up:443 h"],
    ["GET ftp://up/", "400", "400"],
  ];
  for (const [sent, ...wanted] of rows) {
    for (const [i, Class] of [Shows, Proxy].entries()) {
      const { text } = await outcomeOf(Class, request(sent));
      const [status] = statuses(text);
      const body = text.slice(text.indexOf("\r\n\r\n") + 4);
      const shown = status === 200 ? `${status} ${body}` : `${status}`;
      assertEquals([sent, shown], [sent, wanted[i]]);
    }
  }
});

Deno.test("A successful CONNECT has no Connection: close", async () => {
  class Tunnel extends Handler {
    do_CONNECT(): void {
      this.sendResponseOnly(200, "Connection Established");
      this.endHeaders();
      this.wfile.write("what was carried");
    }
  }
  const { text } = await outcomeOf(Tunnel, request("CONNECT up:443"));
  const head = "HTTP/1.1 200 Connection Established\r\n\r\n";
  assertEquals(text, `${head}what was carried`);
});

Deno.test("A write after the response is not sent as the next response", async () => {
  const late: unknown[] = [];
  class Late extends Handler {
    override do_GET(): void {
      super.do_GET();
      this.later(() => this.sendError(500));
    }
    override async do_STREAM(): Promise<void> {
      await super.do_STREAM();
      this.later(() => this.wfile.write("late"));
    }
    later(work: () => unknown): void {
      setTimeout(() => {
        try {
          work();
          late.push("written");
        } catch (error) {
          late.push((error as Error).message);
        }
      });
    }
    override writeLog(): void {}
  }
  const memory = new MemoryConnection(request("GET /1"));
  const server = new HTTPServer(["127.0.0.1", 0], Late, {
    bindAndActivate: false,
  });
  const served = new Late(memory, ["127.0.0.1", 1], server).run();
  await waitUntil(() => late.length === 1);
  memory.send(request("STREAM /2"));
  await waitUntil(() => late.length === 2);
  memory.send(request("PUT /3"));
  memory.end();
  await served;
  assertEquals(statuses(memory.text), [200, 200, 200]);
  assertEquals(memory.text.includes("late"), false);
  const message = "Cannot write: the request has been answered";
  assertEquals(late, [message, message]);
});

Deno.test("A loop that writes without await ends when the client disconnects", async () => {
  // More than the client takes before it leaves.
  const MAX_FRAMES = 20_000;
  let frames = 0;
  const ended = Promise.withResolvers<void>();
  class Frames extends BaseHTTPRequestHandler {
    async do_GET(): Promise<void> {
      this.sendResponse(200);
      this.endHeaders();
      while (frames < MAX_FRAMES) {
        this.wfile.write(new Uint8Array(50_000));
        frames++;
        await new Promise((resolve) => setTimeout(resolve));
      }
    }
    override async finish(): Promise<void> {
      await super.finish();
      ended.resolve();
    }
    override logMessage(): void {}
  }
  await using httpd = new ThreadingHTTPServer(["127.0.0.1", 0], Frames);
  const serving = httpd.serveForever();
  const client = await RawClient.connect(httpd.serverPort);
  await client.send("GET / HTTP/1.0\r\n\r\n");
  await client.waitFor(() => client.received.length > 100_000);
  await client[Symbol.asyncDispose]();
  await ended.promise;
  await httpd.shutdown();
  await serving;
  assert(frames < MAX_FRAMES);
});

Deno.test("A write after the end of the connection is an error over HTTP/1.0, too", async () => {
  let late: unknown;
  class Late extends BaseHTTPRequestHandler {
    do_GET(): void {
      this.sendResponse(200);
      this.endHeaders();
      setTimeout(() => {
        try {
          this.wfile.write("late\n");
          late = "written";
        } catch (error) {
          late = error;
        }
      }, 5);
    }
  }
  await outcomeOf(Late, "GET / HTTP/1.0\r\n\r\n");
  await waitUntil(() => late !== undefined);
  assertMatch(String(late), /the request has been answered/);
});
