// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { mayExist, OpenFile } from "../../files/open_file.ts";
import { isSameFile } from "../../files/file_identity.ts";
import { makeFiles, openBelow } from "../support/tree.ts";

const POSIX = Deno.build.os !== "windows";

Deno.test("OpenFile reads from its position", async () => {
  await using tree = await makeFiles({ "a": "0123456789" });
  const file = OpenFile.open(tree.path("a"));
  assert(isSameFile(file, Deno.lstatSync(tree.path("a"))));
  const buffer = new Uint8Array(4);
  const text = (count: number | null) =>
    count === null ? null : new TextDecoder().decode(buffer.slice(0, count));
  assertEquals(text(await file.read(buffer)), "0123");
  assertEquals(text(file.readSync(buffer)), "4567");
  assertEquals(text(await file.read(buffer)), "89");
  assertEquals(text(await file.read(buffer)), null);
  assertEquals(text(file.readSync(buffer)), null);
  assertEquals(file.seekSync(2, Deno.SeekMode.Start), 2);
  assertEquals(file.seekSync(3, Deno.SeekMode.Current), 5);
  assertEquals(text(await file.read(buffer)), "5678");
  assertEquals(file.seekSync(99, Deno.SeekMode.Start), 99);
  assertEquals(text(await file.read(buffer)), null);
  assertEquals(file.readFullySync(buffer, 6), true);
  assertEquals(new TextDecoder().decode(buffer), "6789");
  assertEquals(file.readFullySync(buffer, 7), false);
  file.close();
  file.close();
  assertThrows(() => file.readSync(buffer));
  assertEquals(file.readFullySync(buffer, 0), false);
});

Deno.test({
  name: "OpenFile opens regular files only, and closes all others",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeFiles({ "dir/": "", "a": "x" });
    const { success } = new Deno.Command("mkfifo", {
      args: [tree.path("fifo")],
    }).outputSync();
    assert(success);
    using _socket = Deno.listen({
      transport: "unix",
      path: tree.path("socket"),
    });
    const file = OpenFile.open(tree.path("a"));
    if (Deno.build.os === "linux") assertEquals(openBelow(tree.root).length, 1);
    file.close();
    for (const name of ["dir", "fifo", "socket", "none", "a/b", "a\0b"]) {
      assertThrows(() => OpenFile.open(tree.path(name)), name);
    }
    assertThrows(() => OpenFile.open("/dev/null"));
    assertEquals(openBelow(tree.root), []);
  },
});

Deno.test("OpenFile.close waits for the read in progress", async () => {
  await using tree = await makeFiles({ "a": "x".repeat(100_000) });
  const file = OpenFile.open(tree.path("a"));
  const buffer = new Uint8Array(100_000);
  const reading = file.read(buffer);
  file.close();
  // A file opened now must not get its descriptor.
  const other = OpenFile.open(tree.path("a"));
  assertEquals(await reading, 100_000);
  other.close();
  assertEquals(openBelow(tree.root), []);
});

Deno.test("mayExist is false only for missing paths", async () => {
  await using tree = await makeFiles({ "a.txt": "alpha" });
  // From here on node:fs is loaded, and mayExist checks the path.
  OpenFile.open(tree.path("a.txt")).close();
  assertEquals(mayExist(tree.path("a.txt")), true);
  assertEquals(mayExist(tree.root), true);
  assertEquals(mayExist(tree.path("b.txt")), false);
  assertEquals(mayExist(tree.path("a.txt/b")), false);
  assertEquals(mayExist(tree.path("a\0.txt")), false);
});
