// Copyright 2026 the pystd authors. MIT license.

/**
 * The sending side, over a connection that counts writes, takes little at
 * once, or takes nothing.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertThrows } from "@std/assert/throws";
import { Writer } from "../../io/writer.ts";
import { MemoryConnection } from "../../testing.ts";
import { seeded } from "../support/memory.ts";

function turn(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 0));
}

async function settled(promise: Promise<unknown>): Promise<boolean> {
  let done = false;
  promise.then(() => done = true, () => done = true);
  await turn();
  return done;
}

Deno.test("Writer sends what is written in one turn in one write, the head included", async () => {
  const connection = new MemoryConnection();
  const writer = new Writer(connection);
  writer.writeHead("HTTP/1.1 200 OK\r\n\r\n");
  writer.write("a");
  writer.write(new Uint8Array([0x62, 0xff]));
  assertEquals(connection.writes.length, 0);
  await writer.drained();
  assertEquals(connection.text, "HTTP/1.1 200 OK\r\n\r\nab\xff");
  assertEquals(connection.writes.length, 1);
});

Deno.test("Writer sends a head and 64 KiB in one write", async () => {
  const connection = new MemoryConnection();
  const writer = new Writer(connection);
  writer.writeHead("H".repeat(300));
  writer.write(new Uint8Array(64 * 1024));
  await writer.drained();
  assertEquals(connection.writes.length, 1);
  assertEquals(writer.sent, 300 + 64 * 1024);
});

Deno.test("Writer needs no flush: the end of the turn sends", async () => {
  const connection = new MemoryConnection();
  const writer = new Writer(connection);
  writer.write("a");
  await turn();
  await turn();
  assertEquals(connection.text, "a");
});

Deno.test("Writer gathers for longer while it is corked", async () => {
  const connection = new MemoryConnection();
  const writer = new Writer(connection);
  writer.cork();
  writer.write("a");
  await turn();
  await turn();
  assertEquals(connection.writes.length, 0);
  writer.write("b");
  writer.uncork();
  await turn();
  await turn();
  assertEquals(connection.writes.length, 1);
  assertEquals(connection.text, "ab");
});

Deno.test("Writer keeps the order of whatever is written, however it is taken", async () => {
  const random = seeded(4);
  for (const writeSize of [Infinity, 1000, 50_000]) {
    const connection = new MemoryConnection("", { writeSize });
    const writer = new Writer(connection);
    let wanted = "";
    for (let i = 0; i < 60; i++) {
      const text = String.fromCharCode(65 + i % 26).repeat(
        [1, 50, 5000, 70_000, 200_000][random(5)],
      );
      wanted += text;
      const how = random(4);
      if (how === 0) writer.writeHead(text);
      else if (how === 1) await writer.write(text);
      else {
        writer.write(text);
        if (how === 2) await turn();
      }
    }
    await writer.drained();
    assert(connection.text === wanted, `the order is wrong by ${writeSize}`);
    assertEquals(writer.sent, wanted.length);
  }
});

Deno.test("Writer lets who writes much wait for a client that takes nothing", async () => {
  const connection = new MemoryConnection();
  connection.stall();
  const writer = new Writer(connection);
  const piece = new Uint8Array(16 * 1024);
  let accepted = 0;
  let waits: Promise<void> | undefined;
  while (waits === undefined && accepted < 100) {
    const written = writer.write(piece);
    await turn();
    if (await settled(written)) accepted++;
    else waits = written;
  }
  // One buffer is being sent and one waits: that is all there is.
  assert(accepted * piece.length <= 3 * 66 * 1024, `${accepted} accepted`);
  assertEquals(writer.busy, true);
  assertEquals(writer.full, true);
  connection.resume();
  await waits;
  await writer.drained();
  assertEquals(connection.bytes.length, (accepted + 1) * piece.length);
});

Deno.test("Writer fails all writes from the moment the client is gone", async () => {
  const connection = new MemoryConnection();
  connection.stall();
  const writer = new Writer(connection);
  const large = writer.write(new Uint8Array(200_000));
  const next = writer.write("after it");
  next.catch(() => {});
  connection.fail();
  await assertRejects(() => large, Deno.errors.ConnectionReset);
  await assertRejects(() => next, Deno.errors.ConnectionReset);
  await assertRejects(() => writer.write("x"), Deno.errors.ConnectionReset);
  writer.writeHead("ignored");
  await writer.drained();
  assert(writer.error instanceof Deno.errors.ConnectionReset);
});

Deno.test("Writer.abort ends whatever waits, and its reason is the one that counts", async () => {
  const connection = new MemoryConnection();
  connection.stall();
  const writer = new Writer(connection);
  const large = writer.write(new Uint8Array(200_000));
  const drained = writer.drained();
  await turn();
  writer.abort(new Error("timed out"));
  connection.close();
  await assertRejects(() => large, Error, "timed out");
  await drained;
  assertEquals(writer.error?.message, "timed out");
});

Deno.test("Writer refuses more than Content-Length has announced", async () => {
  const connection = new MemoryConnection();
  const writer = new Writer(connection);
  writer.beginResponse();
  writer.writeHead("head\r\n");
  writer.beginBody(5, false);
  writer.write("abc");
  assertEquals(writer.missing, 2);
  assertThrows(
    () => writer.write("def"),
    RangeError,
    "Cannot write 3 bytes: the Content-Length leaves room for 2 bytes",
  );
  await assertRejects(() => writer.writeSome(new Uint8Array(3)), RangeError);
  writer.write("de");
  assertEquals(writer.missing, 0);
  await writer.drained();
  assertEquals(connection.text, "head\r\nabcde");
});

Deno.test("Writer takes bytes in any form, and throws for what is neither text nor bytes", async () => {
  const connection = new MemoryConnection();
  const writer = new Writer(connection);
  const shared = new SharedArrayBuffer(1);
  new Uint8Array(shared)[0] = 0x67;
  const { buffer } = new TextEncoder().encode("abcdef");
  writer.write(buffer);
  writer.write(new DataView(buffer, 1, 2));
  writer.write(new Uint16Array(buffer, 4, 1));
  writer.write(shared);
  writer.beginBody(2, true); // a HEAD, say: the mistake is the same
  const cases: [chunk: unknown, name: string][] = [
    [42, "a number"],
    [{ ok: true }, "an object (Object)"],
    [[1, 2], "an object (Array)"],
    [null, "null"],
    [undefined, "undefined"],
    [Object.create(null), "an object (without a class)"],
  ];
  for (const [chunk, name] of cases) {
    assertThrows(
      () => writer.write(chunk as string),
      TypeError,
      `Cannot write ${name}: only text and bytes can be written`,
    );
  }
  await writer.drained();
  assertEquals(connection.text, "abcdefbcefg");
});

Deno.test("Writer swallows a body that the response must not have", async () => {
  const connection = new MemoryConnection();
  const writer = new Writer(connection);
  writer.beginResponse();
  writer.writeHead("head\r\n");
  writer.beginBody(5, true);
  await writer.write("abcde");
  assertEquals(await writer.writeSome(new Uint8Array(9)), 9);
  await writer.drained();
  assertEquals(writer.missing, 0);
  assertEquals(connection.text, "head\r\n");
});

Deno.test("Writer takes back a response that has not left yet", async () => {
  const connection = new MemoryConnection();
  const writer = new Writer(connection);
  writer.cork();
  writer.write("first ");
  writer.beginResponse();
  assertEquals(writer.untouched, true);
  writer.beginBody(3, false);
  writer.write("sec");
  assertEquals(writer.untouched, false);
  assertEquals(writer.rewind(), true);
  writer.write("other");
  writer.flush();
  assertEquals(writer.rewind(), false);
  await writer.drained();
  assertEquals(connection.text, "first other");
});

Deno.test("Writer.writeSome says how much was taken, and is not overtaken", async () => {
  const connection = new MemoryConnection("", { writeSize: 3 });
  const writer = new Writer(connection);
  writer.write("ab");
  assertEquals(await writer.writeSome(new TextEncoder().encode("cdefg")), 3);
  connection.stall();
  const some = writer.writeSome(new TextEncoder().encode("fgh"));
  await turn();
  // A slow client's direct write is seen by the watch, and is in order.
  assertEquals(writer.busy, true);
  writer.write("ijk");
  await turn();
  await turn();
  connection.resume();
  assertEquals(await some, 3);
  await writer.drained();
  assertEquals(connection.text, "abcdefghijk");
});

Deno.test("Writer encodes text as UTF-8 and heads as latin-1", async () => {
  const connection = new MemoryConnection();
  const writer = new Writer(connection);
  writer.writeHead("\xe4");
  writer.write("\xe4");
  await writer.drained();
  assertEquals(connection.text, "\xe4\xc3\xa4");
});

Deno.test("Writer sends all of a head that just fills its buffer, whatever stands in it", async () => {
  for (const size of [8 * 1024, 66 * 1024]) {
    for (
      const head of [
        "\xe9" + "h".repeat(size - 1),
        "h".repeat(size - 1) + "\xe9",
      ]
    ) {
      const connection = new MemoryConnection();
      const writer = new Writer(connection);
      writer.writeHead(head);
      await writer.drained();
      assert(connection.text === head);
    }
  }
});

Deno.test("Writer asks for no delay from a response's second write on", async () => {
  let calls = 0;
  class Delaying extends MemoryConnection {
    setNoDelay(): void {
      calls++;
    }
  }
  const writer = new Writer(new Delaying());
  for (let response = 0; response < 3; response++) {
    writer.beginResponse();
    writer.writeHead("HTTP/1.1 200 OK\r\n\r\n");
    await writer.drained();
  }
  assertEquals(calls, 0);
  await writer.writeSome(new Uint8Array(10));
  await writer.writeSome(new Uint8Array(10));
  assertEquals(calls, 1);
});

/** Writers that have gathered so many bytes each, and their connections. */
function corked(count: number, size: number): [Writer, MemoryConnection][] {
  return Array.from({ length: count }, () => {
    const connection = new MemoryConnection();
    const writer = new Writer(connection);
    writer.cork();
    writer.write(new Uint8Array(size));
    return [writer, connection];
  });
}

function countWrites(writers: [Writer, MemoryConnection][]): number[] {
  return writers.map(([, { writes }]) => writes.length);
}

/** Sets the clock, and lets a response leave at that time. */
function clockAt(time: number): Disposable {
  const { now } = Date;
  Date.now = () => time;
  corked(1, 10)[0][0].uncorkAndLeave();
  return { [Symbol.dispose]: () => void (Date.now = now) };
}

Deno.test("Writer.uncorkAndLeave sends when all have answered that came together", async () => {
  using _clock = clockAt(1);
  const writers = corked(3, 10);
  const answered = writers.map(async ([writer], i) => {
    await Promise.resolve();
    assertEquals(countWrites(writers), [0, 0, 0], `before ${i}`);
    writer.uncorkAndLeave();
    await Promise.resolve();
    assertEquals(countWrites(writers), [1, 1, 1], `after ${i}`);
  });
  await Promise.all(answered);
  await turn();
  assertEquals(countWrites(writers), [1, 1, 1]);
});

Deno.test("Writer.uncorkAndLeave gathers neither many responses, nor large ones, nor those that take long", async () => {
  using _clock = clockAt(2);
  const writers = corked(40, 10);
  const leave = (count: number): number => {
    for (const [writer] of writers.splice(0, count)) writer.uncorkAndLeave();
    return countWrites(all).filter((writes) => writes === 1).length;
  };
  const all = [...writers];
  assertEquals([leave(15), leave(1), leave(10)], [0, 16, 16]);
  Date.now = () => 3;
  assertEquals([leave(1), leave(2)], [27, 27]);
  const [[large, connection]] = corked(1, 20_000);
  large.uncorkAndLeave();
  assertEquals([connection.writes.length, leave(0)], [1, 29]);
  assertEquals(leave(1), 29);
  await Promise.resolve();
  assertEquals(leave(0), 30);
});

Deno.test("Writer.uncorkAndLeave sends nothing of what was given up meanwhile", async () => {
  using _clock = clockAt(4);
  const [[writer, connection]] = corked(1, 10);
  writer.uncorkAndLeave();
  writer.abort(new Error("gone"));
  await turn();
  assertEquals(connection.writes.length, 0);
});

Deno.test("Writer.uncorkAndLeave sends the other responses though a connection throws at once", async () => {
  using _clock = clockAt(5);
  class Throwing extends MemoryConnection {
    override write(): Promise<number> {
      throw new Error("Thrown, not rejected");
    }
  }
  // With the end of the turn, and at once.
  for (const count of [1, 15]) {
    const failing = new Writer(new Throwing());
    failing.cork();
    failing.write("a");
    const others = corked(count, 10);
    failing.uncorkAndLeave();
    for (const [writer] of others) writer.uncorkAndLeave();
    await turn();
    assertEquals(countWrites(others), Array(count).fill(1));
    assertEquals(failing.error?.message, "Thrown, not rejected");
  }
});

Deno.test("Writer fails when the connection was closed between two writes of a response", async () => {
  class Closed extends MemoryConnection {
    setNoDelay(): void {
      throw new Deno.errors.BadResource("Bad resource ID");
    }
    override write(data: Uint8Array): Promise<number> {
      return this.closed
        ? Promise.reject(new Deno.errors.BadResource("Bad resource ID"))
        : super.write(data);
    }
  }
  const connection = new Closed();
  const writer = new Writer(connection);
  writer.write("a");
  await writer.drained();
  connection.close();
  // Sent with the end of the turn, where nobody could catch it.
  writer.write("b");
  await turn();
  await turn();
  assert(writer.error instanceof Deno.errors.BadResource);
  assertEquals(connection.text, "a");
});
