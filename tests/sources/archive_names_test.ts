// Copyright 2026 the pystd authors. MIT license.

/**
 * The name of the archive of everything.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { toFetchHandler } from "../../fetch.ts";
import { Archives } from "../../handlers/share/archive/archives.ts";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import { MemorySource } from "../../sources/mod.ts";
import { R2Source } from "../../sources/r2.ts";
import { S3Source } from "../../sources/s3.ts";
import type { Source } from "../../sources/source.ts";
import { ZipSource } from "../../sources/zip.ts";
import { MemoryBucket } from "../support/r2_bucket.ts";
import { S3Store } from "../support/s3_store.ts";
import { makeFiles } from "../support/tree.ts";

class Quiet extends ShareHTTPRequestHandler {
  override logMessage(): void {}
}

/** Returns the name in `Content-Disposition`, and that of the top folder. */
async function namesOf(
  source: Source,
  target = "/?archive=zip",
): Promise<[disposition: string | null, top: string]> {
  const archives = new Archives();
  const handler = toFetchHandler(Quiet.with({ source, archives }));
  const response = await handler(new Request(`http://h${target}`));
  const bytes = await response.bytes();
  // APPNOTE 4.3.7: the length of the first name.
  const length = new DataView(bytes.buffer).getUint16(26, true);
  const top = new TextDecoder().decode(bytes.subarray(30, 30 + length));
  return [response.headers.get("content-disposition"), top];
}

const EMPTY_ZIP = new Uint8Array(22);
EMPTY_ZIP.set([0x50, 0x4b, 0x05, 0x06]);

for (
  const [file, name] of [
    ["site.zip", "site"],
    ["My Photos.ZIP", "My Photos"],
    ["backup", "backup"],
    // A name that leads out of the folder where somebody unpacks it.
    ["...zip", "files"],
    [".zip", "files"],
  ] as const
) {
  Deno.test(`an archive of all of ${JSON.stringify(file)} is called ${name}`, async () => {
    await using tree = await makeFiles({});
    Deno.writeFileSync(tree.path(file), EMPTY_ZIP);
    await using source = await ZipSource.open(tree.path(file));
    for (const target of ["/?archive=zip", "/?zip", "/x/../?zip"]) {
      assertEquals(await namesOf(source, target), [
        `attachment; filename="${name}.zip"`,
        `${name}/`,
      ]);
    }
  });
}

for (
  const [prefix, name] of [
    ["", "share"],
    ["photos", "photos"],
    ["photos/2026/", "2026"],
    ["photos/..", "files"],
    ["a\\b", "files"],
  ] as const
) {
  Deno.test(`an archive of all of a bucket below ${JSON.stringify(prefix)} is called ${name}`, async () => {
    await using store = new S3Store({ "a.txt": "x" });
    const source = new S3Source({ ...store.options, prefix });
    assertEquals((await namesOf(source))[1], `${name}/`);
  });
}

Deno.test("an archive of a folder has its name, and one of a source without a name is called files", async () => {
  const memory = new MemorySource({ "docs/a.txt": "x" });
  assertEquals((await namesOf(memory, "/docs/?zip"))[1], "docs/");
  assertEquals((await namesOf(memory))[1], "files/");
  const bucket = new MemoryBucket({ "in/a/b.txt": "x" });
  const within = new R2Source(bucket, { prefix: "in/a" });
  assertEquals((await namesOf(within))[1], "a/");
  assertEquals((await namesOf(new R2Source(bucket)))[1], "files/");
});
