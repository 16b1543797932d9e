// Copyright 2026 the pystd authors. MIT license.

/**
 * Handlers over fetch: one table of cases against a handler on a socket of
 * ours, under `Deno.serve`, called directly, and through both directions.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertStringIncludes } from "@std/assert/string-includes";
import {
  type FetchHandler,
  FetchHTTPRequestHandler,
  toFetchHandler,
} from "../fetch.ts";
import { BaseHTTPRequestHandler } from "../handlers/base.ts";
import { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import type { HTTPServer } from "../server.ts";
import { redirectLog } from "../io/log.ts";
import { waitUntil } from "./support/wait.ts";
import { ask } from "./support/client.ts";
import { TestServer } from "./support/server.ts";

/** Asks a server for something, as `fetch` does. */
type Ask = (path: string, init?: RequestInit) => Promise<Response>;

/** A way from a request to a handler. */
interface Transport {
  name: string;
  open(Handler: typeof BaseHTTPRequestHandler): Opened;
}

interface Opened extends AsyncDisposable {
  ask: Ask;
}

/** What a request has to be answered with. */
interface Case {
  name: string;
  path: string;
  init?: RequestInit;
  status: number;
  body?: string;
  headers?: Record<string, string | null>;
}

class Cases extends BaseHTTPRequestHandler {
  static override protocolVersion = "HTTP/1.1";

  do_GET(): void | Promise<void> {
    switch (this.path.split("?")[0]) {
      case "/length":
        return this.#text(`${this.command} ${this.path}\n`);
      case "/chunks":
        return this.#chunks();
      case "/close":
        this.sendResponse(200);
        this.endHeaders();
        this.wfile.write("until the end\n");
        return;
      case "/cookies":
        this.sendResponse(200);
        this.sendHeader("Set-Cookie", "a=1");
        this.sendHeader("Set-Cookie", "b=2");
        this.sendHeader("Content-Length", 0);
        this.endHeaders();
        return;
      case "/reset":
        this.sendResponse(205);
        this.sendHeader("Content-Length", 0);
        this.endHeaders();
        return;
      case "/early":
        this.sendResponseOnly(103);
        this.sendHeader("Link", "</a.css>; rel=preload");
        this.endHeaders();
        return this.#text("late\n");
      case "/throw":
        throw new Error("Deliberate");
      case "/persist":
        this.sendResponse(200);
        this.sendHeader("Connection", "keep-alive");
        this.sendHeader("Content-Length", 2);
        this.endHeaders();
        this.wfile.write("ok");
        return;
      case "/agent":
        return this.#text(`${this.headers.get("x-agent")}\n`);
      default:
        this.sendError(404);
    }
  }

  do_HEAD(): void | Promise<void> {
    return this.do_GET();
  }

  do_DELETE(): void {
    this.sendResponse(204);
    this.endHeaders();
  }

  async do_POST(): Promise<void> {
    await this.#text(new TextDecoder().decode(await this.rfile.read()));
  }

  /** Answers before the body has been read. */
  async do_PUT(): Promise<void> {
    await this.#text("no need\n");
  }

  async #text(text: string): Promise<void> {
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain");
    const body = new TextEncoder().encode(text);
    this.sendHeader("Content-Length", body.length);
    this.endHeaders();
    await this.wfile.write(body);
  }

  async #chunks(): Promise<void> {
    this.sendResponse(200);
    const body = this.endHeadersOfStream();
    for (const piece of ["one ", "", "two ", "three\n"]) {
      await body.write(piece);
    }
    await body.end();
  }

  override writeLog(): void {}
}

const TRANSPORTS: Transport[] = [
  {
    name: "a socket",
    open(Handler) {
      const server = new TestServer(Handler);
      return {
        ask: (path, init) =>
          fetch(`http://127.0.0.1:${server.port}${path}`, init),
        [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
      };
    },
  },
  {
    name: "Deno.serve",
    open(Handler) {
      const handler = toFetchHandler(Handler, { onError() {} });
      const served = serve(handler);
      return {
        ask: (path, init) =>
          fetch(`http://127.0.0.1:${served.addr.port}${path}`, init),
        [Symbol.asyncDispose]: () => served.shutdown(),
      };
    },
  },
  {
    name: "a call",
    open(Handler) {
      const handler = toFetchHandler(Handler, { onError() {} });
      return {
        ask: (path, init) =>
          handler(new Request(`http://localhost${path}`, init)),
        [Symbol.asyncDispose]: () => Promise.resolve(),
      };
    },
  },
  {
    name: "a fetch handler on a socket",
    open(Handler) {
      const handler = toFetchHandler(Handler, { onError() {} });
      const Round = FetchHTTPRequestHandler.with({ handler });
      return TRANSPORTS[0]!.open(Round);
    },
  },
];

function serve(handler: FetchHandler): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen() {},
    onError: () => new Response("refused", { status: 500 }),
  }, handler);
}

function pieces(...texts: string[]): ReadableStream<Uint8Array<ArrayBuffer>> {
  return ReadableStream.from(
    texts.map((text) => new TextEncoder().encode(text)),
  );
}

const CASES: Case[] = [
  {
    name: "a body with a length",
    path: "/length?q=1",
    status: 200,
    body: "GET /length?q=1\n",
    headers: { "content-length": "16", "content-type": "text/plain" },
  },
  {
    name: "HEAD",
    path: "/length",
    init: { method: "HEAD" },
    status: 200,
    body: "",
    headers: { "content-length": "13" },
  },
  {
    name: "a body in chunks",
    path: "/chunks",
    status: 200,
    body: "one two three\n",
  },
  {
    name: "a body that the end of the connection ends",
    path: "/close",
    status: 200,
    body: "until the end\n",
  },
  {
    name: "a response that wants to persist",
    path: "/persist",
    status: 200,
    body: "ok",
  },
  {
    name: "several fields of one name",
    path: "/cookies",
    status: 200,
    body: "",
    headers: { "set-cookie": "a=1, b=2" },
  },
  {
    name: "a status without a body",
    path: "/x",
    init: { method: "DELETE" },
    status: 204,
    body: "",
    headers: { "content-length": null },
  },
  { name: "a 205", path: "/reset", status: 205, body: "" },
  { name: "a 103 before", path: "/early", status: 200, body: "late\n" },
  { name: "an error page", path: "/nothing", status: 404 },
  {
    name: "a method without a name",
    path: "/",
    init: { method: "SPAM" },
    status: 501,
  },
  { name: "a handler that throws", path: "/throw", status: 500 },
  {
    name: "a field of the request",
    path: "/agent",
    init: { headers: { "x-agent": "caf\u00e9" } },
    status: 200,
    body: "caf\u00e9\n",
  },
  {
    name: "a body of the request with a length",
    path: "/",
    init: { method: "POST", body: "ping" },
    status: 200,
    body: "ping",
  },
  {
    name: "an empty body",
    path: "/",
    init: { method: "POST" },
    status: 200,
    body: "",
  },
  {
    name: "a body in pieces",
    path: "/",
    init: { method: "POST", body: pieces("a", "b", "c") },
    status: 200,
    body: "abc",
  },
  {
    name: "a body that nobody reads",
    path: "/",
    init: { method: "PUT", body: "x".repeat(100_000) },
    status: 200,
    body: "no need\n",
  },
];

for (const transport of TRANSPORTS) {
  Deno.test(`a handler answers over ${transport.name}`, async (t) => {
    await using opened = transport.open(Cases);
    for (const wanted of CASES) {
      await t.step(wanted.name, () => checkCase(opened.ask, wanted));
    }
  });
}

async function checkCase(ask: Ask, wanted: Case): Promise<void> {
  // A stream is read once, and there are several transports.
  const init = { ...wanted.init };
  if (init.body instanceof ReadableStream) {
    const [mine, others] = init.body.tee();
    wanted.init!.body = others;
    init.body = mine;
  }
  const response = await ask(wanted.path, init);
  const body = await response.text();
  assertEquals(response.status, wanted.status);
  if (wanted.body !== undefined) assertEquals(body, wanted.body);
  for (const [name, value] of Object.entries(wanted.headers ?? {})) {
    assertEquals(response.headers.get(name), value, name);
  }
  if (wanted.status >= 400) assertStringIncludes(body, String(wanted.status));
}

/** A handler whose steps a test takes part in. */
class Streams extends BaseHTTPRequestHandler {
  static override protocolVersion = "HTTP/1.1";
  static written = 0;
  static ended: PromiseWithResolvers<unknown> = Promise.withResolvers();

  /** Sends what it gets, as it gets it. */
  async do_POST(): Promise<void> {
    this.sendResponse(200);
    const body = this.endHeadersOfStream();
    for await (const piece of this.rfile.readable) await body.write(piece);
    await body.end();
  }

  /** Sends without end. */
  async do_GET(): Promise<void> {
    this.sendResponse(200);
    this.endHeaders();
    const piece = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        await this.wfile.write(piece);
        Streams.written += piece.length;
      }
    } catch (error) {
      Streams.ended.resolve(error);
      throw error;
    }
  }

  /** Waits for its client to go away. */
  async do_WAIT(): Promise<void> {
    await this.rfile.read();
    Streams.ended.resolve(await this.clientGone(new AbortController().signal));
  }

  override writeLog(): void {}
}

function freshStreams(): typeof Streams {
  Streams.written = 0;
  Streams.ended = Promise.withResolvers();
  return Streams;
}

for (const transport of TRANSPORTS) {
  Deno.test(`bodies stream both ways over ${transport.name}`, async () => {
    await using opened = transport.open(freshStreams());
    const upload = new TransformStream<Uint8Array<ArrayBuffer>>();
    const writer = upload.writable.getWriter();
    writer.write(new TextEncoder().encode("first"));
    const response = await opened.ask("/", {
      method: "POST",
      body: upload.readable,
    });
    const reader = response.body!.pipeThrough(new TextDecoderStream())
      .getReader();
    assertEquals((await reader.read()).value, "first");
    writer.write(new TextEncoder().encode("second"));
    assertEquals((await reader.read()).value, "second");
    await writer.close();
    assertEquals((await reader.read()).done, true);
  });

  Deno.test(`a reader that leaves ends the handler over ${transport.name}`, async () => {
    const Handler = freshStreams();
    await using opened = transport.open(Handler);
    const response = await opened.ask("/");
    const reader = response.body!.getReader();
    await reader.read();
    await reader.cancel();
    assert(await Handler.ended.promise instanceof Error);
  });

  Deno.test(`an aborted request ends the handler over ${transport.name}`, async () => {
    const Handler = freshStreams();
    await using opened = transport.open(Handler);
    const client = new AbortController();
    const asked = opened.ask("/", { method: "WAIT", signal: client.signal });
    setTimeout(() => client.abort(), 50);
    await assertRejects(() => asked, DOMException);
    assertEquals(await Handler.ended.promise, true);
  });
}

Deno.test("toFetchHandler writes no faster than its response is read", async () => {
  const Handler = freshStreams();
  const response = await toFetchHandler(Handler)(new Request("http://h/"));
  const reader = response.body!.getReader();
  for (let i = 0; i < 3; i++) await reader.read();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert(Handler.written < 8 * 64 * 1024, `${Handler.written} bytes ahead`);
  await reader.cancel();
  await Handler.ended.promise;
});

Deno.test("toFetchHandler says what fetch has no form for", async (t) => {
  class Odd extends BaseHTTPRequestHandler {
    do_RAW(): void {
      this.wfile.write("as in HTTP/0.9\n");
    }
    do_SWITCH(): void {
      this.sendResponseOnly(101);
      this.endHeaders();
    }
    do_ODD(): void {
      this.sendResponse(999);
      this.endHeaders();
    }
    do_NOTHING(): void {}
    override writeLog(): void {}
  }
  const handler = toFetchHandler(Odd);
  for (
    const [method, message] of [
      ["RAW", "no status line"],
      ["SWITCH", "switches protocols (101)"],
      ["ODD", "999"],
      ["NOTHING", "sent no response"],
    ] as const
  ) {
    await t.step(method, async () => {
      await assertRejects(
        () => handler(new Request("http://h/", { method })),
        TypeError,
        message,
      );
    });
  }
  await t.step("CONNECT", async () => {
    await using server = serve(handler);
    const [answer] = await ask(
      server.addr.port,
      "CONNECT h:80 HTTP/1.1\r\nHost: h:80\r\n\r\n",
    );
    assertEquals(answer!.status, 501);
    assertStringIncludes(answer!.body, "CONNECT needs the connection");
  });
});

Deno.test("toFetchHandler cuts off what a handler does not finish", async () => {
  class Short extends BaseHTTPRequestHandler {
    do_GET(): void {
      this.sendResponse(200);
      this.sendHeader("Content-Length", 10);
      this.endHeaders();
      this.wfile.write("short");
    }
    override writeLog(): void {}
  }
  const response = await toFetchHandler(Short)(new Request("http://h/"));
  await assertRejects(() => response.text(), TypeError, "cut off");
});

Deno.test("toFetchHandler never takes a body for a request", async () => {
  const asked: string[] = [];
  class Log extends Cases {
    override logRequest(): void {
      asked.push(this.requestline);
    }
  }
  const smuggled = "GET /smuggled HTTP/1.1\r\nHost: h\r\n\r\n";
  const response = await toFetchHandler(Log)(
    new Request("http://h/", {
      method: "POST",
      body: `abc${smuggled}`,
      headers: { "content-length": "3", "connection": "keep-alive" },
    }),
  );
  assertEquals(await response.text(), "abc");
  assertEquals(asked, ["POST / HTTP/1.1"]);
});

Deno.test("toFetchHandler knows the client by what the platform tells", async (t) => {
  class Who extends BaseHTTPRequestHandler {
    do_GET(): void {
      this.sendResponse(200);
      this.endHeaders();
      this.wfile.write(JSON.stringify(this.clientAddress));
    }
    override writeLog(): void {}
  }
  const request = new Request("http://h/");
  const tcp = { transport: "tcp", hostname: "192.0.2.1", port: 5 } as const;
  for (
    const [name, origin, wanted] of [
      ["a TCP address", { remoteAddr: tcp }, ["192.0.2.1", 5]],
      ["a Unix socket", {
        remoteAddr: { transport: "unix", path: "/s" },
      }, ["unix", 0]],
      ["nothing", undefined, ["-", 0]],
    ] as const
  ) {
    await t.step(name, async () => {
      const response = await toFetchHandler(Who)(request, origin);
      assertEquals(await response.json(), wanted);
    });
  }
  await t.step("an option", async () => {
    const handler = toFetchHandler(Who, {
      clientAddress: ({ url }) => [url, 7],
    });
    const response = await handler(request);
    assertEquals(await response.json(), ["http://h/", 7]);
  });
});

Deno.test("SimpleHTTPRequestHandler serves files over fetch", async () => {
  const directory = await Deno.makeTempDir();
  try {
    const large = "0123456789".repeat(100_000);
    await Deno.writeTextFile(`${directory}/large.txt`, large);
    class Quiet extends SimpleHTTPRequestHandler {
      override writeLog(): void {}
    }
    const handler = toFetchHandler(Quiet.with({ directory }));
    await using server = serve(handler);
    const url = `http://127.0.0.1:${server.addr.port}/large.txt`;
    const whole = await fetch(url);
    assertEquals(whole.headers.get("content-length"), "1000000");
    assertEquals(await whole.text(), large);
    const part = await fetch(url, { headers: { range: "bytes=-5" } });
    assertEquals([part.status, await part.text()], [206, "56789"]);
    const etag = whole.headers.get("etag")!;
    const again = await fetch(url, { headers: { "if-none-match": etag } });
    assertEquals([again.status, await again.text()], [304, ""]);
    const [up] = await ask(
      server.addr.port,
      "GET /../../etc/passwd HTTP/1.1\r\nHost: h\r\n\r\n",
    );
    assertEquals(up!.status, 404);
  } finally {
    await Deno.remove(directory, { recursive: true });
  }
});

Deno.test("toFetchHandler has a server that accepts nothing", async () => {
  class Asks extends BaseHTTPRequestHandler {
    async do_GET(): Promise<void> {
      await assertRejects(() => this.server.getRequest(), TypeError, "fetch");
      const { serverName, serverPort } = this.server as HTTPServer;
      this.sendResponse(200);
      this.endHeaders();
      this.wfile.write(`${serverName} ${serverPort}`);
    }
    override writeLog(): void {}
  }
  const plain = await toFetchHandler(Asks)(new Request("http://h/"));
  assertEquals(await plain.text(), "localhost 80");
  const handler = toFetchHandler(Asks, { serverAddress: ["example.org", 443] });
  const named = await handler(new Request("https://example.org/"));
  assertEquals(await named.text(), "example.org 443");
});

Deno.test("toFetchHandler tells onError who was served", async () => {
  const told = Promise.withResolvers<string[]>();
  const handler = toFetchHandler(Cases, {
    onError: (error, [host]) => told.resolve([String(error), host]),
    clientAddress: () => ["192.0.2.1", 1],
  });
  const response = await handler(new Request("http://h/throw"));
  assertEquals(response.status, 500);
  await response.text();
  assertEquals(await told.promise, ["Error: Deliberate", "192.0.2.1"]);
});

Deno.test("toFetchHandler does nothing for a request that is aborted", async () => {
  const signal = AbortSignal.abort();
  await assertRejects(
    () => toFetchHandler(Cases)(new Request("http://h/length", { signal })),
    DOMException,
  );
});

Deno.test("toFetchHandler says what is wrong with a head of one's own", async () => {
  const logged: unknown[] = [];
  class Raw extends BaseHTTPRequestHandler {
    async do_GET(): Promise<void> {
      for (const piece of ["HTTP/1.1 200", " OK\r\nno field\r\n\r\n"]) {
        this.wfile.write(piece);
        await this.wfile.drained();
      }
    }
    async do_POST(): Promise<void> {
      this.wfile.write("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n");
      await this.wfile.drained();
      this.wfile.write("abc");
      await this.wfile.drained();
      this.wfile.write("more");
      await this.wfile.drained();
    }
    override writeLog(line: string): void {
      logged.push(line);
    }
  }
  const handler = toFetchHandler(Raw);
  await assertRejects(
    () => handler(new Request("http://h/")),
    TypeError,
    "its head is malformed",
  );
  // What comes behind a response's end is for nobody.
  const response = await handler(new Request("http://h/", { method: "POST" }));
  assertEquals(await response.text(), "ab");
});

Deno.test("toFetchHandler logs what a handler throws, without onError", async () => {
  const logged: string[] = [];
  redirectLog((lines) => logged.push(lines));
  const response = await toFetchHandler(Cases)(new Request("http://h/throw"));
  assertEquals(response.status, 500);
  await response.text();
  await waitUntil(() => logged.length > 0);
  assertStringIncludes(logged.join("\n"), "Error: Deliberate");
});

Deno.test("toFetchHandler takes a chunked body at its word, not its length", async () => {
  class Both extends BaseHTTPRequestHandler {
    do_GET(): void {
      this.wfile.write(
        "HTTP/1.1 200 OK\r\nContent-Length: 3\r\n" +
          "Transfer-Encoding: chunked\r\n\r\n5\r\nalpha\r\n0\r\n\r\n",
      );
    }
    override writeLog(): void {}
  }
  const response = await toFetchHandler(Both)(new Request("http://h/"));
  assertEquals(response.headers.get("content-length"), null);
  assertEquals(await response.text(), "alpha");
});
