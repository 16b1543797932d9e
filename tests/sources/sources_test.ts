// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { SourceUploads } from "../../handlers/share/upload/source_uploads.ts";
import { Uploads } from "../../handlers/share/upload/uploads.ts";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { MemorySource } from "../../sources/mod.ts";
import { makeFiles } from "../support/tree.ts";
import {
  type Served,
  testSource,
  testUploads,
  UPLOAD_OPTIONS,
} from "./cases.ts";
import { FILES } from "./files.ts";

const NOTHING = { [Symbol.asyncDispose]: () => Promise.resolve() };

async function serveDirectory(): Promise<Served> {
  const tree = await makeFiles(FILES);
  return {
    options: { directory: tree.root },
    [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose](),
  };
}

function serveMemory(): Promise<Served> {
  const source = new MemorySource(FILES);
  return Promise.resolve({ options: { source }, ...NOTHING });
}

testSource("a directory", serveDirectory);
testUploads(
  "a directory",
  serveDirectory,
  ({ options }) => new Uploads(options.directory!, UPLOAD_OPTIONS),
);
testSource("memory", serveMemory);
testUploads(
  "memory",
  serveMemory,
  ({ options }) => new SourceUploads(options.source!, UPLOAD_OPTIONS),
);

Deno.test("a handler serves a directory or a source, not both", () => {
  assertThrows(
    () =>
      SimpleHTTPRequestHandler.with({
        directory: ".",
        source: new MemorySource(),
      }),
    TypeError,
    '"directory" and "source"',
  );
});

Deno.test("MemorySource refuses paths that no request can have", () => {
  for (const path of ["", "/a", "a//b", "../a", "a/./b"]) {
    assertThrows(() => new MemorySource({ [path]: "" }), TypeError, path);
  }
  assertThrows(() => new MemorySource({ "a": "", "a/b": "" }), Error, "exists");
});

Deno.test("MemorySource gives each version its own entity tag", async () => {
  const source = new MemorySource({ "a": "1" });
  const tags = new Set<string>();
  for (const text of ["2", "3"]) {
    tags.add(source.find("a")!.etag!);
    const bytes = new TextEncoder().encode(text);
    await source.write("a", new Blob([bytes]).stream(), { overwrite: true });
  }
  tags.add(source.find("a")!.etag!);
  assertEquals(tags.size, 3);
});
