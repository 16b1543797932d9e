// Copyright 2026 the pystd authors. MIT license.

import { Buffer } from "node:buffer";
import { closeSync, openSync } from "node:fs";
import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { SourceError } from "../../sources/source.ts";
import { ZipSource } from "../../sources/zip.ts";
import { DirectoryReader } from "../../sources/zip/directory_reader.ts";
import { respond } from "../../testing.ts";
import { makeFiles } from "../support/tree.ts";
import { HAS_PYTHON, zip } from "../support/zip_file.ts";
import { type Served, testSource } from "./cases.ts";
import { FILES, largeBytes } from "./files.ts";

for (const method of ["ZIP_STORED", "ZIP_DEFLATED"] as const) {
  testSource(`a zip file (${method})`, async (): Promise<Served> => {
    const tree = await makeFiles(FILES);
    const source = await ZipSource.open(await zip(tree, method));
    return {
      options: { source },
      async [Symbol.asyncDispose](): Promise<void> {
        await source[Symbol.asyncDispose]();
        await tree[Symbol.asyncDispose]();
      },
    };
  }, !HAS_PYTHON);
}

async function namesIn(source: ZipSource, path = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const page of source.list(path)) {
    names.push(...page.map(({ name }) => name));
  }
  return names.sort();
}

Deno.test({
  name: "ZipSource leaves out links, encrypted files and names that lead out",
  ignore: !HAS_PYTHON,
  async fn() {
    await using tree = await makeFiles({ "a.txt": "alpha\n" });
    const path = await zip(
      tree,
      "ZIP_DEFLATED",
      `
link = zipfile.ZipInfo("link"); link.create_system = 3
link.external_attr = 0o120777 << 16
z.writestr(link, "/etc/passwd")
for name in ["../up.txt", "/top.txt", "a/../../b", "x/./y", "C:/d.txt", "b\\\\c.txt"]:
    z.writestr(name, "x")
z.writestr("both", "file")
z.writestr("both/inner.txt", "folder")
z.writestr("twice.txt", "one")
z.writestr("twice.txt", "two!")
z.writestr("empty/", "")
z.writestr("d/" * 128 + "deep.txt", "x")
`,
    );
    await using source = await ZipSource.open(path);
    // A backslash separates names in zip files of old programs for Windows.
    assertEquals(await namesIn(source), [
      "C:",
      "a.txt",
      "b",
      "both",
      "empty",
      "twice.txt",
    ]);
    assertEquals(await namesIn(source, "both"), ["inner.txt"]);
    assertEquals(await namesIn(source, "empty"), []);
    assertEquals(source.find("twice.txt")?.size, 4);
    assertEquals(source.find("link"), undefined);
    assertEquals(source.find("up.txt"), undefined);
  },
});

Deno.test({
  name: "ZipSource opens a zip file in memory",
  ignore: !HAS_PYTHON,
  async fn() {
    await using tree = await makeFiles({ "a.txt": "alpha\n" });
    const bytes = await Deno.readFile(await zip(tree, "ZIP_DEFLATED"));
    for (const file of [bytes, bytes.buffer, new Blob([bytes])]) {
      await using source = await ZipSource.open(file);
      const entry = source.find("a.txt")!;
      const range = { start: 2, end: 6, entry };
      const stream = await source.read("a.txt", range);
      assertEquals(await new Response(stream).text(), "pha\n");
    }
  },
});

Deno.test("ZipSource names what it opens", async () => {
  for (const file of [undefined, 5, {}, [1, 2]]) {
    await assertRejects(
      () => ZipSource.open(file as unknown as string),
      TypeError,
      "expected a path or its bytes",
    );
  }
});

Deno.test("ZipSource refuses what is no zip file", async () => {
  await using tree = await makeFiles({
    "a.zip": "no zip file at all".repeat(9),
  });
  for (const file of [tree.path("a.zip"), new Uint8Array(100)]) {
    await assertRejects(() => ZipSource.open(file), SourceError, "no zip file");
  }
  await assertRejects(() => ZipSource.open(tree.path("none")), Error, "ENOENT");
});

Deno.test({
  name: "a damaged zip file gives 502, and no half file",
  ignore: !HAS_PYTHON,
  async fn() {
    await using tree = await makeFiles({ "a.txt": "alpha\n".repeat(1000) });
    const path = await zip(tree, "ZIP_DEFLATED");
    const bytes = await Deno.readFile(path);
    // Behind the local header and the name.
    for (const at of [40, 45, 50]) bytes[at] ^= 0xff;
    await using source = await ZipSource.open(bytes);
    const Handler = SimpleHTTPRequestHandler.with({ source });
    const request =
      "GET /a.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    const { status, log } = await respond(Handler, request);
    assertEquals(status, 502);
    assert(log.some((line) => line.includes("a zip file:")), log.join());
  },
});

Deno.test({
  name: "a zip file whose content does not match its checksum gives 502",
  ignore: !HAS_PYTHON,
  async fn() {
    await using tree = await makeFiles({
      "a.txt": "alpha\n",
      "large.bin": new Uint8Array(400_000),
    });
    const path = await zip(tree, "ZIP_STORED");
    const bytes = await Deno.readFile(path);
    const text = new TextDecoder("latin1").decode(bytes);
    bytes[text.indexOf("alpha")] ^= 1;
    bytes[text.indexOf("\0".repeat(1000)) + 500] ^= 1;
    await using source = await ZipSource.open(bytes);
    const Handler = SimpleHTTPRequestHandler.with({ source });
    const get = (path: string) =>
      respond(
        Handler,
        `GET ${path} HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n`,
      );
    assertEquals((await get("/a.txt")).status, 502);
    const { body, log } = await get("/large.bin");
    assert(body.length < 400_000);
    assert(/checksum differs/.test(log.join()), log.join());
  },
});

Deno.test({
  name: "a few parts of compressed files are unpacked at once, many are sent",
  ignore: !HAS_PYTHON,
  async fn() {
    await using tree = await makeFiles({ "large.bin": largeBytes() });
    await using source = await ZipSource.open(await zip(tree, "ZIP_DEFLATED"));
    const entry = source.find("large.bin")!;
    const part = { start: 300_000, end: 399_999, entry };
    const read = () => source.read("large.bin", part);
    const outcomes = await Promise.allSettled(Array.from({ length: 9 }, read));
    const refused = outcomes.filter(({ status }) => status === "rejected");
    assertEquals(refused.length, 1);
    // Nobody reads from the others, and still the next one is sent.
    const bytes = await new Response(await read()).bytes();
    assertEquals(bytes, largeBytes().slice(300_000, 399_999));
    for (const outcome of outcomes) {
      if (outcome.status === "fulfilled") await outcome.value.cancel();
    }
  },
});

Deno.test("the directory of a zip file is read in large pieces", async () => {
  await using tree = await makeFiles({ "a": "abcdef" });
  const descriptor = openSync(tree.path("a"), "r");
  const reader = new DirectoryReader(descriptor);
  const read = (position: number, length: number): Promise<string> => {
    const buffer = Buffer.alloc(length);
    const { promise, resolve, reject } = Promise.withResolvers<string>();
    reader.read(buffer, 0, length, position, (error, count) => {
      if (error) reject(error);
      else resolve(buffer.toString("latin1", 0, count));
    });
    return promise;
  };
  assertEquals(await read(1, 2), "bc");
  // The rest is in memory.
  await Deno.truncate(tree.path("a"));
  assertEquals(await read(3, 3), "def");
  assertEquals(await read(0, 2), "");
  closeSync(descriptor);
});
