// Copyright 2026 the pystd authors. MIT license.

/**
 * Tests of `rfile`: each way to read it, with a length and with chunks, whole
 * and byte by byte, followed by the next request.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { Reader } from "../../io/reader.ts";
import { RequestBody } from "../../io/request_body.ts";
import type { Framing } from "../../protocol/framing.ts";
import { RequestError } from "../../protocol/request_error.ts";
import { MemoryConnection } from "../../testing.ts";

const TEXT = "one\ntwo\r\n\nfour";
const NEXT = "GET /next HTTP/1.1\r\n\r\n";

const BODIES: [why: string, framing: Framing, sent: string][] = [
  ["with a length", TEXT.length, TEXT],
  [
    "in chunks",
    "chunked",
    `4\r\none\n\r\n7;x\r\ntwo\r\n\nf\r\n3\r\nour\r\n0\r\nA: b\r\n\r\n`,
  ],
];

function open(
  framing: Framing,
  sent: string,
  readSize = Infinity,
  limit = Infinity,
): { body: RequestBody; rest(): Promise<string> } {
  const connection = new MemoryConnection(sent, { readSize });
  connection.end();
  const reader = new Reader(connection);
  const body = new RequestBody(reader, framing, limit);
  return {
    body,
    async rest() {
      while (await reader.fill()) { /* All that there is. */ }
      return reader.bytes.toString("latin1", reader.start, reader.end);
    },
  };
}

const text = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

/** Ways to read a whole body. */
const WAYS: [string, (body: RequestBody) => Promise<string>][] = [
  ["read()", async (body) => text(await body.read())],
  ["read(n)", async (body) => {
    let all = "";
    for (;;) {
      const piece = await body.read(3);
      all += text(piece);
      if (piece.length < 3) return all;
    }
  }],
  ["readSome()", async (body) => {
    let all = "";
    for (;;) {
      const piece = await body.readSome(5);
      if (piece === null) return all;
      all += text(piece);
    }
  }],
  ["readline()", async (body) => {
    let all = "";
    for (;;) {
      const line = await body.readline();
      if (line.length === 0) return all;
      all += text(line);
    }
  }],
  ["readable", async (body) => await new Response(body.readable).text()],
];

Deno.test("RequestBody ends at the end of the body with each way to read it", async () => {
  for (const [why, framing, sent] of BODIES) {
    for (const readSize of [Infinity, 1, 4]) {
      for (const [way, read] of WAYS) {
        const { body, rest } = open(framing, sent + NEXT, readSize);
        const what = `${why}, ${way}, by ${readSize}`;
        assertEquals(body.ended, false, what);
        assertEquals(await read(body), TEXT, what);
        assertEquals(body.ended, true, what);
        assertEquals(body.received, TEXT.length, what);
        assertEquals(await body.readSome(), null, what);
        assertEquals(await body.read(), new Uint8Array(0), what);
        assertEquals(await rest(), NEXT, what);
      }
    }
  }
});

Deno.test("RequestBody.readline returns lines with their ends, up to a limit", async () => {
  for (const [why, framing, sent] of BODIES) {
    for (const readSize of [Infinity, 1]) {
      const { body } = open(framing, sent + NEXT, readSize);
      const lines: string[] = [];
      for (const limit of [Infinity, 2, Infinity, 10, 100, 100]) {
        lines.push(text(await body.readline(limit)));
      }
      assertEquals(lines, ["one\n", "tw", "o\r\n", "\n", "four", ""], why);
    }
  }
});

Deno.test("RequestBody.drain discards the rest up to a limit", async () => {
  for (const [why, framing, sent] of BODIES) {
    const all = open(framing, sent + NEXT);
    await all.body.read(5);
    assertEquals(await all.body.drain(1000), true, why);
    assertEquals(await all.rest(), NEXT, why);
    const some = open(framing, sent + NEXT, 1);
    assertEquals(await some.body.drain(4), false, why);
    assertEquals(some.body.ended, false, why);
  }
});

Deno.test("RequestBody.drain makes pending and later reads fail", async () => {
  const connection = new MemoryConnection("ab");
  const reader = new Reader(connection);
  await reader.fill();
  const body = new RequestBody(reader, 6, 6);
  const stream = body.readable.getReader();
  const waiting = body.read();
  const drained = body.drain(100);
  connection.send("cdef");
  assertEquals(await drained, true);
  await assertRejects(() => waiting, TypeError, "has been answered");
  await assertRejects(() => body.readline(), TypeError, "has been answered");
  connection.send("next");
  const next = new RequestBody(reader, 4, 4);
  await assertRejects(() => stream.read(), TypeError, "has been answered");
  assertEquals(new TextDecoder().decode(await next.read()), "next");
});

Deno.test("RequestBody.drain stops at a malformed or truncated body", async () => {
  const cases: [Framing, string][] = [
    ["chunked", "xyz"],
    ["chunked", "5\r\nab"],
    [5, "ab"],
  ];
  for (const [framing, sent] of cases) {
    assertEquals(await open(framing, sent).body.drain(1000), false, sent);
  }
});

Deno.test("RequestBody throws if the body is malformed, too large or truncated", async () => {
  const malformed = open("chunked", "5\r\nhello!").body;
  const error = await assertRejects(() => malformed.read(), RequestError);
  assertEquals(error.status, 400);
  const large = open("chunked", "5\r\nhello\r\n5\r\nhello\r\n", 1, 8).body;
  const over = await assertRejects(() => large.read(), RequestError);
  assertEquals(over.status, 413);
  for (const [framing, sent] of [[5, "ab"], ["chunked", "5\r\nab"]] as const) {
    await assertRejects(
      () => open(framing, sent).body.read(),
      Deno.errors.UnexpectedEof,
    );
  }
});

Deno.test("RequestBody without bytes has ended from the start", async () => {
  const { body, rest } = open(0, NEXT);
  assertEquals(body.ended, true);
  assertEquals(await body.read(), new Uint8Array(0));
  assertEquals(await new Response(body.readable).text(), "");
  assertEquals(await rest(), NEXT);
});

Deno.test("RequestBody returns copies, which later reads do not change", async () => {
  const { body } = open(6, "aaabbb", 3);
  const first = await body.read(3);
  await body.read(3);
  assertEquals(text(first), "aaa");
});

Deno.test("RequestBody joins the data of chunks that arrive together", async () => {
  const sent = "1\r\na\r\n".repeat(10_000) + "0\r\n\r\n";
  const { body, rest } = open("chunked", sent + NEXT);
  let pieces = 0;
  let length = 0;
  for (;;) {
    const piece = await body.readSome();
    if (piece === null) break;
    assertEquals(text(piece), "a".repeat(piece.length));
    pieces++;
    length += piece.length;
  }
  // Each piece takes as much memory as a hundred of its bytes.
  assertEquals([length, pieces <= 4], [10_000, true]);
  assertEquals(await rest(), NEXT);
  const lines = open("chunked", "1\r\na\r\n1\r\n\n\r\n1\r\nb\r\n0\r\n\r\n");
  assertEquals(text(await lines.body.readline()), "a\n");
  assertEquals(text(await lines.body.readline()), "b");
});

Deno.test("RequestBody does not allocate Content-Length bytes in advance", async () => {
  const { body } = open(2 ** 40, "ab");
  await assertRejects(
    () => body.read(2 ** 40),
    Deno.errors.UnexpectedEof,
  );
});
