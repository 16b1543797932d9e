// Copyright 2026 the pystd authors. MIT license.

/**
 * `R2Source` over a bucket in memory; `tests/engines/` runs the same tables on
 * workerd.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { SourceUploads } from "../../handlers/share/upload/source_uploads.ts";
import { R2Source } from "../../sources/r2.ts";
import { SourceError } from "../../sources/source.ts";
import { MemoryBucket } from "../support/r2_bucket.ts";
import { type Served, testSource, testUploads } from "./cases.ts";
import { FILES, UPLOAD_OPTIONS } from "./files.ts";

const serve = (): Promise<Served> =>
  Promise.resolve({
    options: { source: new R2Source(new MemoryBucket(FILES)) },
    [Symbol.asyncDispose]: () => Promise.resolve(),
  });

testSource("a bucket of R2", serve);
testUploads(
  "a bucket of R2",
  serve,
  ({ options }) => new SourceUploads(options.source!, UPLOAD_OPTIONS),
);

async function* pieces(...sizes: number[]): AsyncGenerator<Uint8Array> {
  for (const [i, size] of sizes.entries()) {
    yield await Promise.resolve(new Uint8Array(size).fill(i + 1));
  }
}

Deno.test("R2Source serves only the keys below its prefix", async () => {
  const bucket = new MemoryBucket({
    "in/a": "1",
    "in/b/c": "2",
    "in/d": "3",
    "inner": "4",
    "out/a": "5",
  });
  const source = new R2Source(bucket, { prefix: "/in/" });
  const names: string[] = [];
  for await (const page of source.list("")) {
    names.push(...page.map(({ name, kind }) => `${name} ${kind}`));
  }
  assertEquals(names.sort(), ["a file", "b directory", "d file"]);
  assertEquals(await source.find("../out/a"), undefined);
  await source.write("e", pieces(1), { overwrite: false });
  assertEquals(bucket.contents.has("in/e"), true);
});

Deno.test("R2Source writes a large object in parts of one size", async () => {
  const bucket = new MemoryBucket();
  const source = new R2Source(bucket, { partBytes: 10 });
  assertEquals(
    await source.write("a", pieces(7, 7, 7, 4), { overwrite: false }),
    "created",
  );
  const wanted = [7, 7, 7, 4].flatMap((size, i) => Array(size).fill(i + 1));
  assertEquals([...bucket.contents.get("a")!], wanted);
  assertEquals(
    await source.write("a", pieces(20), { overwrite: true }),
    "replaced",
  );
  assertEquals(bucket.contents.get("a")!.length, 20);
  assertEquals(
    await source.write("a", pieces(1), { overwrite: false }),
    "exists",
  );
  assertEquals(bucket.open.size, 0);
});

Deno.test("R2Source leaves nothing of an upload that fails", async () => {
  const bucket = new MemoryBucket();
  const source = new R2Source(bucket, { partBytes: 10 });
  async function* cut(): AsyncGenerator<Uint8Array> {
    yield* pieces(25);
    throw new Error("Deliberate");
  }
  const written = source.write("a", cut(), { overwrite: false });
  await assertRejects(() => written, Error, "Deliberate");
  assertEquals([bucket.open.size, bucket.contents.size], [0, 0]);
});

Deno.test("R2Source tells which write came first", async () => {
  const bucket = new MemoryBucket();
  const source = new R2Source(bucket);
  async function* late(): AsyncGenerator<Uint8Array> {
    await source.write("a", pieces(1), { overwrite: false });
    yield* pieces(2);
  }
  assertEquals(await source.write("a", late(), { overwrite: false }), "exists");
  assertEquals(bucket.contents.get("a")!.length, 1);
});

Deno.test("R2Source never mixes two versions, and reports faults", async () => {
  const bucket = new MemoryBucket({ "a": "old" });
  const source = new R2Source(bucket);
  const entry = (await source.find("a"))!;
  const read = (): Promise<unknown> =>
    source.read("a", { start: 0, end: 3, entry });
  await source.write("a", pieces(3), { overwrite: true });
  assertEquals((await assertRejects(read, SourceError)).status, 503);
  bucket.fault = () => new Error("get: internal error (10001)");
  assertEquals((await assertRejects(read, SourceError)).status, 502);
  const gone = new R2Source(new MemoryBucket());
  const error = await assertRejects(
    () => gone.read("a", { start: 0, end: 3, entry }),
    SourceError,
  );
  assertEquals(error.status, 404);
  await assertRejects(() => gone.list("none").next(), SourceError, "not found");
});
