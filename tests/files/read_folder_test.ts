// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import type { ListingEntry } from "../../files/entries.ts";
import {
  type EntrySource,
  openDirectory,
  readEntries,
} from "../../files/read_folder.ts";
import { ServedDirectory } from "../../files/served_directory.ts";
import { stub, systemError } from "../support/stub.ts";
import { makeFiles, type TemporaryTree } from "../support/tree.ts";

/** Both ways to read a directory. */
const WAYS: Record<string, (source: EntrySource) => Promise<ListingEntry[]>> = {
  "at once": (source) => Promise.try(readEntries, source),
  "in slices": async (source) => await (await openDirectory(source)).read(),
};

function sourceOf(tree: TemporaryTree, name = ""): EntrySource {
  const path = name === "" ? tree.root : tree.path(name);
  return {
    servedDirectory: new ServedDirectory(tree.root),
    path,
    dotfiles: false,
  };
}

for (const [name, read] of Object.entries(WAYS)) {
  Deno.test(`entries are read ${name}`, async () => {
    await using tree = await makeFiles({ "a": "a", ".b": "b", "d/": "" });
    const entries = await read(sourceOf(tree));
    const shown = entries.map(({ name, kind, size }) => [name, kind, size]);
    assertEquals(shown.sort(), [["a", "file", 1], ["d", "directory", -1]]);
  });

  Deno.test(`entries are not read ${name} of what is no directory`, async () => {
    await using tree = await makeFiles({ "a": "a" });
    for (const path of ["a", "none"]) {
      await assertRejects(
        () => read(sourceOf(tree, path)),
        Deno.errors.NotFound,
        "Cannot list the directory: it does not exist",
      );
    }
  });

  Deno.test(`entries read ${name} of another directory are not shown`, async () => {
    await using tree = await makeFiles({ "a": "a" });
    using _ = stub(ServedDirectory.prototype, "confirms", () => () => false);
    await assertRejects(
      () => read(sourceOf(tree)),
      Deno.errors.NotFound,
      "Cannot list the directory: it has changed",
    );
  });

  Deno.test(`entries read ${name} may be gone when they are looked at`, async () => {
    await using tree = await makeFiles({ "a": "a" });
    const source = sourceOf(tree);
    source.servedDirectory.locate(tree.root);
    using _ = stub(Deno, "lstatSync", (real) => (path) => {
      if (path === tree.path("a")) throw systemError("ENOENT");
      return real(path);
    });
    const [entry] = await read(source);
    const { kind, size, mtime } = entry;
    assertEquals([kind, size, mtime], ["other", -1, NaN]);
  });
}
