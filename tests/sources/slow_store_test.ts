// Copyright 2026 the pystd authors. MIT license.

/**
 * Stores that send a file too slowly. The clock is the test's.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import { ReadRate } from "../../sources/read_rate.ts";
import { S3Source } from "../../sources/s3.ts";
import { SourceError } from "../../sources/source.ts";
import { respond } from "../../testing.ts";
import { stub } from "../support/stub.ts";

const LIMITS = { minReadRate: 1000, maxReadStall: 30_000 };

interface RateCase {
  readonly name: string;
  /** Bytes, and how long they were waited for, in ms. */
  readonly pieces: readonly (readonly [bytes: number, waited: number])[];
  /** Index of the piece with which the store is too slow. */
  readonly slow?: number;
}

const RATES: readonly RateCase[] = [
  { name: "a byte a second", pieces: Array(31).fill([1, 1000]), slow: 29 },
  { name: "the lowest rate", pieces: Array(100).fill([1000, 1000]) },
  { name: "a byte less", pieces: Array(31).fill([999, 1000]), slow: 29 },
  {
    name: "a pause behind much data",
    pieces: [[1e6, 10], ...Array(30).fill([1, 999])],
  },
  {
    name: "a store that becomes slow",
    pieces: [[30_000, 30_000], ...Array(30).fill([1, 1000])],
    slow: 30,
  },
  { name: "pieces that were there at once", pieces: Array(1000).fill([1, 0]) },
];

for (const { name, pieces, slow = -1 } of RATES) {
  Deno.test(`ReadRate: ${name}`, () => {
    const rate = new ReadRate(LIMITS);
    const at = pieces.findIndex(([bytes, waited]) =>
      rate.isTooSlow(bytes, waited)
    );
    assertEquals(at, slow);
  });
}

/** A store with one object, and a clock that only its pieces and clients move. */
class SlowStore implements Disposable {
  now = 0;
  cancelled = false;
  /** Pieces that were sent. */
  sent = 0;
  #stub: Disposable;
  #size: number;
  #piece: number;
  #wait: number;

  constructor(size: number, piece: number, wait: number) {
    this.#size = size;
    this.#piece = piece;
    this.#wait = wait;
    this.#stub = stub(performance, "now", () => () => this.now);
  }

  get source(): S3Source {
    return new S3Source({
      bucket: "share",
      endpoint: "http://store.test",
      retries: 0,
      fetch: (input) => Promise.resolve(this.#answer(input as Request)),
    });
  }

  #answer({ method }: Request): Response {
    const headers = { etag: '"a"', "content-length": `${this.#size}` };
    if (method === "HEAD") return new Response(null, { headers });
    let left = this.#size;
    const body = new ReadableStream<Uint8Array>({
      pull: async (controller) => {
        // What was written before leaves meanwhile.
        await new Promise((resolve) => setTimeout(resolve, 0));
        const length = Math.min(left, this.#piece);
        if (length === 0) return controller.close();
        this.now += this.#wait;
        this.sent++;
        left -= length;
        controller.enqueue(new Uint8Array(length));
      },
      cancel: () => {
        this.cancelled = true;
      },
    }, { highWaterMark: 0 });
    return new Response(body, { status: 206, headers });
  }

  [Symbol.dispose](): void {
    this.#stub[Symbol.dispose]();
  }
}

async function readAll(
  { source }: SlowStore,
  afterEach: () => void,
): Promise<number> {
  const entry = await source.find("a.bin");
  const stream = await source.read("a.bin", {
    start: 0,
    end: entry!.size,
    entry: entry!,
  });
  let length = 0;
  for await (const piece of stream) {
    length += piece.length;
    afterEach();
  }
  return length;
}

Deno.test("S3Source ends the reading of a file that the store sends a byte at a time", async () => {
  using store = new SlowStore(1e6, 1, 1000);
  const error = await assertRejects(
    () => readAll(store, () => {}),
    SourceError,
    "The storage does not answer",
  );
  assertEquals(error.status, 504);
  assertEquals(
    error.detail,
    "S3: GET store.test/share/a.bin: less than 2048 bytes a second",
  );
  assertEquals(store.sent, 30);
  assert(store.cancelled);
});

Deno.test("S3Source reads a file to its end for a client that is slow", async () => {
  using store = new SlowStore(100_000, 1000, 1);
  assertEquals(
    await readAll(store, () => store.now += 60_000),
    100_000,
  );
});

for (const size of [1000, 1_000_000]) {
  Deno.test(`a client of a slow store gets no more than an error or a part of ${size} bytes, and the log says why`, async () => {
    using store = new SlowStore(size, 1, 1000);
    const Handler = ShareHTTPRequestHandler.with({ source: store.source });
    const request =
      "GET /a.bin HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    const { status, body, log } = await respond(Handler, request);
    // A small file is read before its head is sent.
    assertEquals(status, size === 1000 ? 504 : 200);
    assert(size === 1000 || body.length < 30, `${body.length}`);
    const reason = "S3: GET store.test/share/a.bin: less than 2048 bytes a";
    assert(log.some((line) => line.includes(reason)), log.join("\n"));
  });
}
