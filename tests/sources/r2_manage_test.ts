// Copyright 2026 the pystd authors. MIT license.

/** Management of a bucket of R2: what its copies and deletions do. */

import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { R2Source } from "../../sources/r2.ts";
import { SourceError } from "../../sources/source.ts";
import { MemoryBucket } from "../support/r2_bucket.ts";
import { type Served, testManagement } from "./cases.ts";
import { FILES } from "./files.ts";
import { MOVED, testInterrupted } from "./interrupted.ts";

testManagement("a bucket of R2", (): Promise<Served> => {
  const bucket = new MemoryBucket(
    Object.fromEntries(
      Object.entries(FILES).map(([key, content]) => [`top/${key}`, content]),
    ),
  );
  return Promise.resolve({
    options: { source: new R2Source(bucket, { prefix: "top", partBytes: 4 }) },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });
});

testInterrupted("a bucket of R2", (files) => {
  const bucket = new MemoryBucket(files);
  return {
    source: new R2Source(bucket),
    contents: () => contentsOf(bucket),
    failAfter(most) {
      let count = 0;
      bucket.fault = (method) =>
        /put|delete/.test(method) && count++ >= most
          ? new Error("internal error (10001)")
          : undefined;
    },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  };
});

function contentsOf({ contents }: MemoryBucket): Record<string, string> {
  const decoder = new TextDecoder();
  return Object.fromEntries(
    [...contents].map(([key, bytes]) => [key, decoder.decode(bytes)] as const)
      .sort(([a], [b]) => a < b ? -1 : 1),
  );
}

async function statusOf(work: () => Promise<unknown>): Promise<number> {
  return (await assertRejects(work, SourceError)).status;
}

const FILE = { kind: "file", overwrite: true } as const;
const COPY = { overwrite: true };

Deno.test("R2Source copies a large object in parts, with all that is stored", async () => {
  class Small extends R2Source {
    static override maxUploadMemory = 10;
  }
  const text = "0123456789".repeat(10) + "end";
  const bucket = new MemoryBucket({ "a": text, "b": text });
  const metadata = {
    contentType: "text/x-odd",
    contentEncoding: "zstd",
    cacheControl: "no-store",
  };
  bucket.describe("a", metadata);
  const source = new Small(bucket, { partBytes: 10 });
  await Promise.all([
    source.copy("a", "c", COPY),
    source.copy("b", "d", COPY),
  ]);
  assertEquals(contentsOf(bucket), { a: text, b: text, c: text, d: text });
  assertEquals((await bucket.head("c"))?.httpMetadata, metadata);
  assertEquals(bucket.largestPart, 10);
  assertEquals(bucket.open.size, 0);
});

Deno.test("R2Source writes no copy of an object that it cannot read to its end", async (t) => {
  const encoder = new TextEncoder();
  const bodies: Record<string, () => ReadableStream<Uint8Array>> = {
    "ends early": () => new Blob(["0123456789 01234"]).stream(),
    "sends too much": () => new Blob(["0".repeat(26)]).stream(),
    "fails": () =>
      new ReadableStream({
        pull(controller) {
          controller.enqueue(encoder.encode("0123456789 "));
          controller.error(new Error("Network connection lost"));
        },
      }, { highWaterMark: 0 }),
  };
  for (const [name, body] of Object.entries(bodies)) {
    for (const partBytes of [10, 100]) {
      await t.step(`${name}, in parts of ${partBytes}`, async () => {
        const files = { "a": "0".repeat(25), "to": "old" };
        class Broken extends MemoryBucket {
          override async get(
            ...args: Parameters<MemoryBucket["get"]>
          ): ReturnType<MemoryBucket["get"]> {
            return { ...(await super.get(...args))!, body: body() };
          }
        }
        const bucket = new Broken(files);
        const source = new R2Source(bucket, { partBytes });
        assertEquals(
          await statusOf(() => source.move("a", "to", FILE)),
          502,
        );
        assertEquals(contentsOf(bucket), files);
        assertEquals(bucket.open.size, 0);
      });
    }
  }
});

Deno.test("R2Source never removes another version than it copied", async () => {
  const bucket = new MemoryBucket({ "a": "1", "d/1": "one", "d/2": "two" });
  const source = new R2Source(bucket);
  const write = (key: string): Promise<unknown> =>
    bucket.put(key, new TextEncoder().encode("new"), { httpMetadata: {} });
  const after = (method: string, key: string, change: string): void => {
    bucket.fault = (called, path) => {
      if (called === method && path === key) {
        bucket.fault = () => undefined;
        write(change);
      }
      return undefined;
    };
  };
  const etag = (await source.find("a"))!.etag;
  after("put", "b", "a");
  assertEquals(await statusOf(() => source.move("a", "b", FILE)), 409);
  const { a, b } = contentsOf(bucket);
  assertEquals([a, b], ["new", "1"]);
  after("get", "a", "a");
  assertEquals(await statusOf(() => source.copy("a", "b", COPY)), 503);
  const old = { kind: "file", ifMatch: etag } as const;
  assertEquals(await statusOf(() => source.remove("a", old)), 412);
  const move = { kind: "directory", overwrite: true } as const;
  after("put", "x/2", "d/1");
  assertEquals(await statusOf(() => source.move("d", "x", move)), 409);
  const { "d/1": kept, "x/1": copied, "x/2": other } = contentsOf(bucket);
  assertEquals([kept, copied, other], ["new", "one", "two"]);
  // Sent again, the move takes the new version along.
  assertEquals(await source.move("d", "x", move), "replaced");
  const { "x/1": first, "x/2": second } = contentsOf(bucket);
  assertEquals([first, second], ["new", "two"]);
  assertEquals(await source.find("d"), undefined);
});

Deno.test("R2Source does not replace what another worker wrote meanwhile", async () => {
  for (const partBytes of [2, 100]) {
    const bucket = new MemoryBucket({ "a": "12345" });
    const source = new R2Source(bucket, { partBytes });
    bucket.fault = (method, key) => {
      if (method === "get" && key === "a") {
        const bytes = new TextEncoder().encode("other");
        bucket.put("b", bytes, { httpMetadata: {} });
      }
      return undefined;
    };
    const options = { overwrite: false };
    assertEquals(await source.copy("a", "b", options), "exists");
    assertEquals(contentsOf(bucket), { a: "12345", b: "other" });
    assertEquals(bucket.open.size, 0);
  }
});

Deno.test("R2Source does not move a folder of more objects than a worker may ask for", async () => {
  class Small extends R2Source {
    static override maxMovedObjects = 3;
  }
  const bucket = new MemoryBucket(MOVED);
  const source = new Small(bucket);
  const options = { kind: "directory", overwrite: true } as const;
  assertEquals(await statusOf(() => source.move("d", "x", options)), 409);
  assertEquals(contentsOf(bucket), MOVED);
});

Deno.test("R2Source deletes a folder with everything in it, and nothing else", async () => {
  const around = { "d": "a file", "d2/1": "1", "e/d/1": "2" };
  const odd = { "d/../d2/1": "1", "d//x": "2", "d/\x01": "3", "d/.h": "4" };
  const bucket = new MemoryBucket({ ...MOVED, ...odd, ...around });
  await new R2Source(bucket).remove("d", { kind: "directory" });
  assertEquals(contentsOf(bucket), around);
});
