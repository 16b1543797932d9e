// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertThrows } from "@std/assert/throws";
import { Writer } from "../../io/writer.ts";
import { MemoryConnection } from "../../testing.ts";
import { seeded } from "../support/memory.ts";

/** A connection that tells when bytes have been written to it. */
class RecordingConnection extends MemoryConnection {
  #written = Promise.withResolvers<void>();
  #count = 0;

  override async write(data: Uint8Array): Promise<number> {
    const count = await super.write(data);
    this.#count += count;
    this.#written.resolve();
    this.#written = Promise.withResolvers();
    return count;
  }

  /** Waits until that many bytes have been written. */
  async received(count: number): Promise<void> {
    while (this.#count < count) await this.#written.promise;
  }
}

/**
 * Waits until another writer, which is written to now, has sent its bytes.
 * Whatever the end of the turn sends has been sent by then.
 */
async function laterWriterSends(): Promise<void> {
  const connection = new RecordingConnection();
  new Writer(connection).write("later");
  await connection.received(5);
}

Deno.test("Writer sends all output of a turn in one write, including the head", async () => {
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

Deno.test("Writer.writeInPlace has a function put bytes into the buffer", async () => {
  const connection = new MemoryConnection();
  const writer = new Writer(connection);
  writer.writeHead("head ");
  writer.beginBody(9, false);
  const fill = (text: string) => (buffer: Uint8Array): boolean =>
    new TextEncoder().encodeInto(text, buffer).read === buffer.length;
  assertEquals(writer.writeInPlace(3, fill("abc")), true);
  // The function does not fill the buffer; the body may not be as long.
  assertEquals(writer.writeInPlace(3, fill("d")), false);
  assertEquals(writer.writeInPlace(7, fill("abcdefg")), false);
  assertEquals([writer.missing, writer.bodyBytes], [6, 3]);
  writer.write("efg");
  assertEquals(writer.writeInPlace(3, fill("hij")), true);
  await writer.drained();
  assertEquals(connection.text, "head abcefghij");
  assertEquals(connection.writes.length, 1);
});

Deno.test("Writer.writeInPlace writes nothing without room, or after the end", () => {
  const never = (): boolean => {
    throw new Error("Called");
  };
  const full = new Writer(new MemoryConnection());
  full.write(new Uint8Array(40_000));
  assertEquals(full.writeInPlace(40_000, never), false);
  const ended = new Writer(new MemoryConnection());
  ended.endResponse();
  assertEquals(ended.writeInPlace(1, never), false);
  const aborted = new Writer(new MemoryConnection());
  aborted.abort(new Error("Disconnected"));
  assertEquals(aborted.writeInPlace(1, never), false);
});

Deno.test("Writer sends at the end of the turn, without a flush", async () => {
  const connection = new RecordingConnection();
  const writer = new Writer(connection);
  writer.write("a");
  await connection.received(1);
  assertEquals(connection.text, "a");
});

Deno.test("Writer sends nothing while it is corked", async () => {
  const connection = new RecordingConnection();
  const writer = new Writer(connection);
  writer.cork();
  writer.write("a");
  await laterWriterSends();
  assertEquals(connection.text, "");
  writer.write("b");
  writer.uncork();
  await connection.received(2);
  assertEquals(connection.writes.length, 1);
  assertEquals(connection.text, "ab");
});

Deno.test("Writer keeps the order of writes, whatever their sizes", async () => {
  const random = seeded(4);
  for (const writeSize of [Infinity, 1000, 50_000]) {
    const connection = new RecordingConnection("", { writeSize });
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
        if (how === 2) await connection.received(wanted.length);
      }
    }
    await writer.drained();
    assert(connection.text === wanted, `the order is wrong by ${writeSize}`);
    assertEquals(writer.sent, wanted.length);
  }
});

Deno.test("Writer.write waits while the client accepts nothing", async () => {
  const connection = new MemoryConnection();
  connection.stall();
  const writer = new Writer(connection);
  const piece = new Uint8Array(16 * 1024);
  let accepted = 0;
  let waits: Promise<void> | undefined;
  while (waits === undefined && accepted < 100) {
    const written = writer.write(piece);
    writer.flush();
    if (writer.full) waits = written;
    else {
      await written;
      accepted++;
    }
  }
  // One buffer is being sent, and one waits.
  assert(accepted * piece.length <= 2 * 66 * 1024, `${accepted} accepted`);
  assertEquals(writer.busy, true);
  let resumed = false;
  const waited = waits!.then(() => assert(resumed));
  await laterWriterSends();
  resumed = true;
  connection.resume();
  await waited;
  await writer.drained();
  assertEquals(connection.bytes.length, (accepted + 1) * piece.length);
});

Deno.test("Writer fails all writes once the client has disconnected", async () => {
  const connection = new MemoryConnection();
  connection.stall();
  const writer = new Writer(connection);
  const large = writer.write(new Uint8Array(200_000));
  const next = writer.write("after it");
  next.catch(() => {});
  connection.fail();
  await assertRejects(() => large, Deno.errors.ConnectionReset);
  await assertRejects(() => next, Deno.errors.ConnectionReset);
  assertThrows(() => writer.write("x"), Deno.errors.ConnectionReset);
  writer.writeHead("ignored");
  await writer.drained();
  assert(writer.error instanceof Deno.errors.ConnectionReset);
});

Deno.test("Writer.abort ends all waiting writes with its reason", async () => {
  const connection = new MemoryConnection();
  connection.stall();
  const writer = new Writer(connection);
  const large = writer.write(new Uint8Array(200_000));
  const drained = writer.drained();
  writer.abort(new Error("timed out"));
  connection.close();
  await assertRejects(() => large, Error, "timed out");
  await drained;
  assertEquals(writer.error?.message, "timed out");
});

Deno.test("Writer.write throws if the body gets longer than its Content-Length", async () => {
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

Deno.test("Writer.write accepts bytes in any form, and throws for other values", async () => {
  const connection = new MemoryConnection();
  const writer = new Writer(connection);
  const shared = new SharedArrayBuffer(1);
  new Uint8Array(shared)[0] = 0x67;
  const { buffer } = new TextEncoder().encode("abcdef");
  writer.write(buffer);
  writer.write(new DataView(buffer, 1, 2));
  writer.write(new Uint16Array(buffer, 4, 1));
  writer.write(shared);
  writer.beginBody(2, true); // as for a HEAD request
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

Deno.test("Writer discards a body that the response must not have", async () => {
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

Deno.test("Writer.rewind discards a response that has not been sent", async () => {
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

Deno.test("Writer.writeSome returns the number of accepted bytes, and is not overtaken", async () => {
  const connection = new MemoryConnection("", { writeSize: 3 });
  const writer = new Writer(connection);
  writer.write("ab");
  assertEquals(await writer.writeSome(new TextEncoder().encode("cdefg")), 3);
  connection.stall();
  const some = writer.writeSome(new TextEncoder().encode("fgh"));
  await laterWriterSends();
  assertEquals(writer.busy, true);
  writer.write("ijk");
  await laterWriterSends();
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

Deno.test("Writer.writeHead sends a head that exactly fills the buffer", async () => {
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

Deno.test("Writer turns Nagle's algorithm off from a response's second write on", async () => {
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

Deno.test("Writer.uncorkInBatch sends a complete response without a flush", async () => {
  const connections = Array.from({ length: 40 }, () => {
    const connection = new RecordingConnection();
    const writer = new Writer(connection);
    writer.cork();
    writer.write("response");
    writer.uncorkInBatch();
    return connection;
  });
  for (const connection of connections) await connection.received(8);
  assert(connections.every(({ writes }) => writes.length === 1));
});

Deno.test("Writer.uncorkInBatch sends nothing after an abort", async () => {
  const connection = new MemoryConnection();
  const writer = new Writer(connection);
  writer.cork();
  writer.write("response");
  writer.uncorkInBatch();
  // A response that is ready within the same millisecond waits for others.
  const sent = connection.writes.length;
  writer.abort(new Error("disconnected"));
  await laterWriterSends();
  assertEquals(connection.writes.length, sent);
});

Deno.test("Writer accepts nothing between two responses", async () => {
  const connection = new MemoryConnection();
  const writer = new Writer(connection);
  writer.beginResponse();
  writer.writeHead("one");
  writer.endResponse();
  const message = "Cannot write: the request has been answered";
  assertThrows(() => writer.writeHead("two"), Error, message);
  assertThrows(() => writer.beginBody(3, false), Error, message);
  assertThrows(() => writer.write("two"), Error, message);
  assertEquals(writer.writeInPlace(3, () => true), false);
  writer.beginResponse();
  writer.writeHead("three");
  await writer.drained();
  assertEquals(connection.text, "onethree");
});

Deno.test("Writer fails when the connection throws rather than rejects", () => {
  class Throwing extends MemoryConnection {
    override write(): Promise<number> {
      throw new Error("Thrown, not rejected");
    }
  }
  const writer = new Writer(new Throwing());
  writer.write("a");
  writer.flush();
  assertEquals(writer.error?.message, "Thrown, not rejected");
});

Deno.test("Writer fails when the connection is closed between two writes of a response", async () => {
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
  // Sent at the end of the turn, where no caller could catch the error.
  writer.write("b");
  await laterWriterSends();
  assert(writer.error instanceof Deno.errors.BadResource);
  assertEquals(connection.text, "a");
});
