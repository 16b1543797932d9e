// Copyright 2026 the pystd authors. MIT license.

/**
 * Handlers over fetch: one table of cases for a handler on a socket, under
 * `Deno.serve`, called directly, and through both conversions.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertRejects } from "@std/assert/rejects";
import { assertStringIncludes } from "@std/assert/string-includes";
import { FetchHTTPRequestHandler, toFetchHandler } from "../fetch.ts";
import { BaseHTTPRequestHandler } from "../handlers/base.ts";
import { Cases, serve } from "./support/fetch.ts";
import { stub } from "./support/stub.ts";
import { TestServer } from "./support/server.ts";

/** Sends a request, as `fetch` does. */
type Ask = (path: string, init?: RequestInit) => Promise<Response>;

/** A transport between a request and a handler. */
interface Transport {
  name: string;
  open(Handler: typeof BaseHTTPRequestHandler): Opened;
}

interface Opened extends AsyncDisposable {
  ask: Ask;
}

/** The expected response. */
interface Case {
  name: string;
  path: string;
  init?: RequestInit;
  status: number;
  body?: string;
  headers?: Record<string, string | null>;
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
  // A stream can be read only once, but there are several transports.
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

/** A handler that a test controls step by step. */
class Streams extends BaseHTTPRequestHandler {
  static override protocolVersion = "HTTP/1.1";
  static written = 0;
  static ended: PromiseWithResolvers<unknown> = Promise.withResolvers();

  /** Echoes the body as it arrives. */
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

  /** Waits until its client disconnects. */
  async do_WAIT(): Promise<void> {
    await this.rfile.read();
    Streams.ended.resolve(
      await this.clientDisconnected(new AbortController().signal),
    );
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

  Deno.test(`a disconnect ends the handler over ${transport.name}`, async () => {
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
    // Deno's notice about programs that read a request's signal, as this
    // handler does.
    const printed: string[] = [];
    using _ = stub(console, "warn", () => (text) => printed.push(text));
    const asked = opened.ask("/", { method: "WAIT", signal: client.signal });
    setTimeout(() => client.abort(), 50);
    await assertRejects(() => asked, DOMException);
    assertEquals(await Handler.ended.promise, true);
    await opened[Symbol.asyncDispose]();
    for (const text of printed) {
      assertMatch(text, /^Deno\.serve: request\.signal/);
    }
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
