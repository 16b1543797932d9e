// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { mayExist, OpenFile } from "../../files/open_file.ts";
import { readSmallPart } from "../../files/store.ts";
import { makeFiles } from "../support/tree.ts";

Deno.test("mayExist is false only for what is not there", async () => {
  await using tree = await makeFiles({ "a.txt": "alpha" });
  // From here on node:fs is loaded, and the look is one.
  new OpenFile(tree.path("a.txt")).close();
  assertEquals(mayExist(tree.path("a.txt")), true);
  assertEquals(mayExist(tree.root), true);
  assertEquals(mayExist(tree.path("b.txt")), false);
  assertEquals(mayExist(tree.path("a.txt/b")), false);
  assertEquals(mayExist(tree.path("a\0.txt")), false);
});

Deno.test("readSmallPart reads what is small and there", async () => {
  const text = "0123456789".repeat(10_000);
  await using tree = await makeFiles({ "a.txt": text });
  const file = new OpenFile(tree.path("a.txt"));
  const part = (start: number, end: number): string | undefined => {
    const bytes = readSmallPart(file, start, end);
    return bytes && new TextDecoder().decode(bytes);
  };
  assertEquals(part(5, 12), "5678901");
  assertEquals(part(99_998, 100_000), "89");
  assertEquals(part(0, 65_536), text.slice(0, 65_536));
  assertEquals(part(0, 65_537), undefined);
  assertEquals(part(99_999, 100_001), undefined);
  file.close();
});
