// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { OpenFile, type SeekableFile } from "../../files/open_file.ts";
import { sendPart } from "../../files/send.ts";
import {
  type ResponseBody,
  SimpleHTTPRequestHandler,
} from "../../handlers/simple.ts";
import type { Writer } from "../../io/writer.ts";
import { ask, encodeLatin1, pause } from "../support/client.ts";
import { TestServer } from "../support/server.ts";
import { stub } from "../support/stub.ts";
import { makeFiles, openBelow } from "../support/tree.ts";

const MIB = 2 ** 20;
const POSIX = Deno.build.os !== "windows";

/** A file in memory, whose reads can be replaced. */
class FakeFile implements SeekableFile {
  bytes: Uint8Array;
  position = 0;
  reads = 0;
  beforeRead: (file: FakeFile) => void = () => {};

  constructor(size: number) {
    this.bytes = Uint8Array.from({ length: size }, (_, i) => i % 251);
  }

  seekSync(offset: number): number {
    return this.position = offset;
  }

  read(buffer: Uint8Array): Promise<number | null> {
    this.reads++;
    try {
      this.beforeRead(this);
    } catch (error) {
      return Promise.reject(error);
    }
    const left = this.bytes.subarray(this.position);
    const count = Math.min(left.length, buffer.length);
    buffer.set(left.subarray(0, count));
    this.position += count;
    return Promise.resolve(count === 0 ? null : count);
  }

  close(): void {}
}

/** A sink that accepts a limited number of bytes per write. */
function sinkOf(
  most: number,
): { sent: number[]; writeSome: Writer["writeSome"] } {
  const sent: number[] = [];
  return {
    sent,
    writeSome(bytes) {
      const part = bytes.subarray(0, most);
      for (const byte of part) sent.push(byte);
      return Promise.resolve(part.length);
    },
  };
}

Deno.test("sendPart sends all bytes, however few each write accepts", async () => {
  const table: [start: number, end: number, most: number][] = [
    [0, 0, 1],
    [0, 200_000, Infinity],
    [1, 199_999, 40_000],
    [100_000, 100_001, 1],
    [0, 2000, 7],
  ];
  for (const [start, end, most] of table) {
    const file = new FakeFile(200_000);
    const sink = sinkOf(most);
    await sendPart(file, sink, start, end);
    assertEquals(
      new Uint8Array(sink.sent),
      file.bytes.slice(start, end),
      `${start}-${end}`,
    );
  }
});

Deno.test("sendPart reads in this thread, and after a slow read in another one", async () => {
  const size = 70 * MIB;
  await using tree = await makeFiles({ "a": "" });
  Deno.truncateSync(tree.path("a"), size);
  const file = OpenFile.open(tree.path("a"));
  let now = 0;
  let reads: string[] = [];
  let slow = false;
  using _clock = stub(performance, "now", () => () => now);
  using _readSync = stub(
    OpenFile.prototype,
    "readSync",
    (real) =>
      function (this: OpenFile, buffer: Uint8Array): number | null {
        reads.push("here");
        if (slow) now += 5;
        return real.call(this, buffer);
      },
  );
  using _read = stub(
    OpenFile.prototype,
    "read",
    (real) =>
      function (this: OpenFile, buffer: Uint8Array): Promise<number | null> {
        reads.push("there");
        return real.call(this, buffer);
      },
  );
  const send = async (): Promise<[string[], number]> => {
    reads = [];
    let sent = 0;
    const writeSome = ({ length }: Uint8Array): Promise<number> => {
      sent += length;
      return Promise.resolve(length);
    };
    await sendPart(file, { writeSome }, 0, size);
    return [reads, sent];
  };
  const [fast, all] = await send();
  assertEquals([all, fast.includes("there")], [size, false]);
  slow = true;
  const [mixed, again] = await send();
  assertEquals(again, size);
  // It tries again 64 MiB later.
  const here = mixed.flatMap((where, i) => where === "here" ? [i] : []);
  assertEquals([here.length, here[0]], [2, 0]);
  file.close();
});

Deno.test("sendPart reads a piece while a fast client takes the one before", async () => {
  const file = new FakeFile(4 * MIB);
  const readBefore: number[] = [];
  await sendPart(
    file,
    {
      async writeSome({ length }) {
        await pause(0);
        readBefore.push(file.reads);
        return length;
      },
    },
    0,
    4 * MIB,
  );
  // The first write shows that the client is fast; nothing follows the last.
  const writes = readBefore.length;
  assert(writes > 4);
  const ahead = readBefore.map((reads, i) => reads - (i + 1));
  assertEquals(ahead, [0, ...Array(writes - 2).fill(1), 0]);
});

Deno.test("sendPart gives back what it read ahead if a write fails or takes less", async () => {
  const size = 8 * MIB;
  const file = new FakeFile(size);
  for (const fails of [false, true]) {
    // More often than there are buffers: each of them has to come back.
    for (let i = 0; i < 10; i++) {
      file.reads = 0;
      let writes = 0;
      let position = 0;
      const sending = sendPart(
        file,
        {
          writeSome(bytes): Promise<number> {
            const wanted = file.bytes.subarray(position, position + 9);
            assertEquals(bytes.subarray(0, 9), wanted);
            const takesLess = ++writes % 5 === 0;
            if (fails && takesLess) return Promise.reject(new Error("Gone"));
            const count = takesLess ? 1000 : bytes.length;
            position += count;
            return Promise.resolve(count);
          },
        },
        0,
        size,
      );
      if (fails) await assertRejects(() => sending, Error, "Gone");
      else await sending;
      assertEquals(position === size, !fails);
      assert(
        file.reads < 100,
        `${file.reads} reads: the large buffers are gone`,
      );
    }
  }
});

Deno.test("sendPart throws if the file has become shorter", async () => {
  const size = 200_000;
  const table: Record<string, [(file: FakeFile) => void, Error | undefined]> = {
    "one that grows": [(file) => {
      file.bytes = new FakeFile(size * 2).bytes;
    }, undefined],
    "one that shrinks": [(file) => {
      file.bytes = file.bytes.subarray(0, 100_000);
    }, new Deno.errors.UnexpectedEof()],
    "one that is emptied": [(file) => {
      file.bytes = new Uint8Array();
    }, new Deno.errors.UnexpectedEof()],
    "one that cannot be read": [() => {
      throw new Deno.errors.BadResource("Input/output error");
    }, new Deno.errors.BadResource()],
  };
  for (const [what, [change, error]] of Object.entries(table)) {
    const file = new FakeFile(size);
    const whole = file.bytes;
    file.beforeRead = () => file.reads === 2 && change(file);
    const sink = sinkOf(Infinity);
    const sending = sendPart(file, sink, 0, size);
    if (error === undefined) await sending;
    else {await assertRejects(() =>
        sending, error.constructor as ErrorConstructor);}
    const sent = new Uint8Array(sink.sent);
    assertEquals(sent, whole.slice(0, sent.length), what);
    assertEquals(sent.length === size, error === undefined, what);
  }
});

/** Returns what arrives on a connection that is read only after `change`. */
async function receive(
  port: number,
  change: () => void,
): Promise<{ head: string; body: number; tail: string }> {
  using conn = await Deno.connect({ hostname: "127.0.0.1", port });
  const request = "GET /large HTTP/1.1\r\nHost: x\r\n\r\n" +
    "GET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  await conn.write(encodeLatin1(request));
  const buffer = new Uint8Array(256 * 1024);
  const first = await conn.read(buffer);
  const text = new TextDecoder().decode(buffer.subarray(0, first ?? 0));
  const head = text.slice(0, text.indexOf("\r\n\r\n") + 4);
  let body = (first ?? 0) - head.length;
  let tail = "";
  change();
  try {
    for (;;) {
      const count = await conn.read(buffer);
      if (count === null) break;
      body += count;
      const bytes = buffer.subarray(0, count);
      tail = (tail + new TextDecoder().decode(bytes)).slice(-1000);
    }
  } catch (error) {
    if (!(error instanceof Deno.errors.ConnectionReset)) throw error;
  }
  return { head, body, tail };
}

Deno.test({
  name:
    "a file that changes while it is sent is sent completely, or the connection is closed",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeFiles({ "large": "", "small": "small" });
    const path = tree.path("large");
    const size = 64 * MIB;
    let breaks = false;
    class Handler extends SimpleHTTPRequestHandler {
      override copyfile(source: ResponseBody, outputfile: Writer) {
        if (breaks && "source" in source) {
          const file = source.source as SeekableFile;
          let reads = 0;
          const read = (buffer: Uint8Array) => {
            if (++reads > 3) throw new Error("Input/output error");
            return file.read(buffer);
          };
          const broken: SeekableFile = {
            read,
            seekSync: (offset, whence) => file.seekSync(offset, whence),
            close: () => file.close(),
          };
          return super.copyfile({ ...source, source: broken }, outputfile);
        }
        return super.copyfile(source, outputfile);
      }
    }
    await using server = new TestServer(Handler.with({ directory: tree.root }));
    const table: Record<string, [() => void, whole: boolean]> = {
      "stays": [() => {}, true],
      "grows": [() => Deno.truncateSync(path, size * 2), true],
      "is replaced": [() => {
        Deno.writeTextFileSync(tree.path("new"), "new");
        Deno.renameSync(tree.path("new"), path);
      }, true],
      "is removed": [() => Deno.removeSync(path), true],
      "shrinks": [() => Deno.truncateSync(path, MIB), false],
      "is emptied": [() => Deno.truncateSync(path, 0), false],
      "cannot be read": [() => {}, false],
    };
    for (const [what, [change, whole]] of Object.entries(table)) {
      Deno.writeTextFileSync(path, "");
      Deno.truncateSync(path, size);
      breaks = what === "cannot be read";
      const { head, body, tail } = await receive(server.port, change);
      assert(head.includes(`Content-Length: ${size}\r\n`), what);
      if (whole) {
        const [, next] = tail.split("HTTP/1.1 ");
        assert(next?.startsWith("200 ") && next.endsWith("small"), what);
        assertEquals(body - next.length - "HTTP/1.1 ".length, size, what);
      } else {
        assert(body < size, `${what}: ${body}`);
        // No second response, and no part of one.
        assert(!tail.includes("HTTP/"), what);
      }
      const [answer] = await ask(
        server.port,
        "GET /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n",
      );
      assertEquals(answer?.body, "small", what);
    }
  },
});

Deno.test({
  name: "SimpleHTTPRequestHandler closes every file that it opens",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using tree = await makeFiles({
      "large": "x".repeat(300_000),
      "small": "small",
      "sub/index.html": "y".repeat(300_000),
    });
    const Handler = SimpleHTTPRequestHandler.with({ directory: tree.root });
    await using server = new TestServer(Handler);
    const requests = [
      "GET /large",
      "GET /small",
      "HEAD /large",
      "GET /large\nIf-None-Match: *",
      "GET /large\nIf-Match: x",
      "GET /large\nRange: bytes=9999999-",
      "GET /large\nRange: bytes=0-9,20-29",
      "GET /sub/",
      "GET /none",
    ];
    const round = async () => {
      for (const request of requests) {
        const [line, ...fields] = request.split("\n");
        const head = [`${line} HTTP/1.1`, "Host: x", ...fields];
        head.push("Connection: close", "", "");
        await ask(server.port, head.join("\r\n"));
      }
    };
    for (let i = 0; i < 6; i++) await round();
    // The server may not have noticed the end of a closed connection yet.
    for (let i = 0; openBelow(tree.root).length > 0; i++) {
      assert(i < 500, openBelow(tree.root).join());
      await pause(20);
    }
  },
});

Deno.test("sendPart limits concurrent reads, and sends many files completely", async () => {
  let reading = 0;
  let most = 0;
  class SlowFile extends FakeFile {
    override async read(buffer: Uint8Array): Promise<number | null> {
      most = Math.max(most, ++reading);
      await pause(0);
      reading--;
      return super.read(buffer);
    }
  }
  // More than there are pooled buffers.
  const sends = Array.from({ length: 700 }, async () => {
    const size = 100_000;
    let sent = 0;
    await sendPart(
      new SlowFile(size),
      {
        writeSome(bytes): Promise<number> {
          sent += bytes.length;
          return Promise.resolve(bytes.length);
        },
      },
      0,
      size,
    );
    assertEquals(sent, size);
  });
  await Promise.all(sends);
  assert(most <= 4, `${most} reads at once`);
});
