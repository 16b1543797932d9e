// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { Reader } from "../../io/reader.ts";
import { MemoryConnection } from "../../testing.ts";

function textOf({ bytes, start, end }: Reader): string {
  return bytes.toString("latin1", start, end);
}

Deno.test("Reader keeps bytes until they are consumed", async () => {
  const connection = new MemoryConnection("abc");
  const reader = new Reader(connection);
  assertEquals(reader.available, 0);
  assertEquals(await reader.fill(), true);
  assertEquals(textOf(reader), "abc");
  reader.take(1);
  connection.send("def");
  assertEquals(await reader.fill(), true);
  assertEquals(textOf(reader), "bcdef");
  reader.take(5);
  assertEquals(reader.available, 0);
  assertEquals(reader.received, 6);
});

Deno.test("Reader.fill returns false at every call after the end", async () => {
  const connection = new MemoryConnection("a");
  connection.end();
  const reader = new Reader(connection);
  assertEquals(await reader.fill(), true);
  assertEquals(await reader.fill(), false);
  assertEquals(await reader.fill(), false);
  assertEquals(reader.ended, true);
  assertEquals(textOf(reader), "a");
});

Deno.test("Reader grows while nothing is consumed", async () => {
  const sent = Array.from({ length: 9000 }, (_, i) => i % 10).join("");
  for (const readSize of [1, 7, 1000, Infinity]) {
    const connection = new MemoryConnection(sent, { readSize });
    connection.end();
    const reader = new Reader(connection);
    while (await reader.fill()) { /* All of it. */ }
    assertEquals(textOf(reader), sent, `by ${readSize}`);
  }
});

Deno.test("Reader has a small buffer for a waiting connection", async () => {
  const connection = new MemoryConnection("x".repeat(100_000));
  const reader = new Reader(connection);
  while (reader.received < 100_000) {
    await reader.fill(true);
    reader.take(reader.available);
  }
  const waiting = reader.fill();
  assert(reader.bytes.length <= 1024, `${reader.bytes.length}`);
  connection.send("y");
  await waiting;
  assertEquals(textOf(reader), "y");
});

Deno.test("Reader has the smallest buffer after a short request", async () => {
  const connection = new MemoryConnection();
  const reader = new Reader(connection);
  assertEquals(reader.bytes.length, 0);
  const held: number[] = [];
  for (const length of [192, 193, 100, 300, 100]) {
    const waiting = reader.beginRead();
    held.push(reader.bytes.length);
    connection.send("x".repeat(length));
    reader.endRead(await waiting);
    // A longer request is read completely.
    while (reader.available < length) await reader.fill();
    assertEquals(textOf(reader), "x".repeat(length));
    reader.take(length);
  }
  assertEquals(held, [1024, 256, 1024, 256, 1024]);
});

Deno.test("Reader.release returns its buffer to the pool, unless a read may write to it", async () => {
  const first = new Reader(new MemoryConnection("a"));
  first.endRead(await first.beginRead());
  const { bytes } = first;
  first.release();
  assertEquals([first.bytes.length, first.available], [0, 0]);
  const next = new MemoryConnection("b");
  const second = new Reader(next);
  second.endRead(await second.beginRead());
  assert(second.bytes === bytes);
  second.take(1);
  // A read is in progress.
  const ahead = second.readAhead();
  assert(second.bytes === bytes);
  second.release();
  const third = new Reader(new MemoryConnection("c"));
  third.endRead(await third.beginRead());
  assert(third.bytes !== bytes);
  next.end();
  await ahead;
  // The stream has ended, or a read has failed.
  const fourth = new MemoryConnection();
  for (const end of [() => fourth.end(), () => fourth.fail()]) {
    const reader = new Reader(fourth);
    const read = reader.beginRead();
    const used = reader.bytes;
    end();
    await read.then((count) => reader.endRead(count), () => {});
    reader.release();
    const later = new Reader(new MemoryConnection("d"));
    later.endRead(await later.beginRead());
    assert(later.bytes !== used);
  }
});

Deno.test("Reader.fill rejects if the connection fails", async () => {
  const connection = new MemoryConnection();
  const reader = new Reader(connection);
  connection.fail();
  await assertRejects(() => reader.fill(), Deno.errors.ConnectionReset);
});

Deno.test("Reader.readAhead notices that the client disconnects", async () => {
  const ended = new MemoryConnection();
  const one = new Reader(ended);
  const first = one.readAhead();
  ended.end();
  assertEquals(await first, false);
  const failed = new MemoryConnection();
  const other = new Reader(failed);
  const second = other.readAhead();
  failed.fail();
  assertEquals(await second, false);
  assertEquals(other.ended, true);
});

Deno.test("Reader.fill waits for a readAhead in progress", async () => {
  const connection = new MemoryConnection();
  const reader = new Reader(connection);
  const ahead = reader.readAhead();
  const fill = reader.fill();
  connection.send("abc");
  assertEquals(await ahead, true);
  assertEquals(await fill, true);
  assertEquals(textOf(reader), "abc");
});

Deno.test("Reader appends bytes while others are consumed", async () => {
  const connection = new MemoryConnection("one");
  const reader = new Reader(connection);
  await reader.fill();
  const ahead = reader.readAhead();
  reader.take(3);
  connection.send("two");
  assertEquals(await ahead, true);
  assertEquals(textOf(reader), "two");
});

Deno.test("Reader reads once for several calls of fill", async () => {
  class Counting extends MemoryConnection {
    reads = 0;
    override read(buffer: Uint8Array): Promise<number | null> {
      this.reads++;
      return super.read(buffer);
    }
  }
  const begin: ((reader: Reader) => Promise<unknown>)[] = [
    (reader) => reader.fill(),
    (reader) => reader.fill(true),
    (reader) => reader.readAhead(),
    (reader) => reader.beginRead().then((count) => reader.endRead(count)),
  ];
  for (const first of begin) {
    const connection = new Counting();
    const reader = new Reader(connection);
    const waiting = [first(reader)];
    assertEquals(reader.reads, true);
    for (const next of begin.slice(0, 3)) waiting.push(next(reader));
    assertEquals(reader.waiting, true);
    connection.send("a");
    assertEquals(await Promise.all(waiting), [true, true, true, true]);
    assertEquals([connection.reads, textOf(reader)], [1, "a"]);
    assertEquals([reader.reads, reader.waiting], [false, false]);
    const last = begin.slice(0, 3).map((next) => next(reader));
    connection.end();
    assertEquals(await Promise.all(last), [false, false, false]);
  }
});

Deno.test("Reader reads more at once while a body fills its buffer", async () => {
  const KIB = 1024;
  const table: [most: number, sizes: number[]][] = [
    [Infinity, [32, 64, 128, 256, 256]],
    // A slow client does not fill the first buffer.
    [1000, [32, 32, 32, 32, 32]],
  ];
  for (const [most, wanted] of table) {
    const sizes: number[] = [];
    class Filling extends MemoryConnection {
      override read(buffer: Uint8Array): Promise<number> {
        sizes.push(buffer.length / KIB);
        return Promise.resolve(Math.min(buffer.length, most));
      }
    }
    const reader = new Reader(new Filling());
    for (let i = 0; i < 5; i++) {
      await reader.fill(true);
      reader.take(reader.available);
    }
    assertEquals(sizes, wanted);
  }
});
