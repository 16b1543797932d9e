// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertThrows } from "@std/assert/throws";
import {
  isLargeDirectory,
  listLargeDirectory,
  listSmallDirectory,
  SMALL_DIRECTORY_BYTES,
} from "../../files/list_directory.ts";
import { withListingLock } from "../../files/listing_lock.ts";
import { ServedDirectory } from "../../files/served_directory.ts";
import { stub } from "../support/stub.ts";
import { makeFiles } from "../support/tree.ts";

const nameOf = ({ name }: Deno.DirEntry) => ({ name });

/** Both ways to read a directory. */
const WAYS: Record<
  string,
  (servedDirectory: ServedDirectory, path: string) => Promise<unknown[]>
> = {
  "at once": (servedDirectory, path) =>
    Promise.try(() => listSmallDirectory(servedDirectory, path)!.map(nameOf)),
  "in slices": (servedDirectory, path) =>
    listLargeDirectory(servedDirectory, path, nameOf),
};

for (const [way, list] of Object.entries(WAYS)) {
  Deno.test(`a directory is listed ${way}, without hidden names`, async () => {
    await using tree = await makeFiles({ "d/a": "", "d/.b": "" });
    const servedDirectory = new ServedDirectory(tree.root, { dotfiles: false });
    assertEquals(await list(servedDirectory, tree.path("d")), [{ name: "a" }]);
  });

  Deno.test(`a path that is not a directory cannot be listed ${way}`, async () => {
    await using tree = await makeFiles({ "a": "" });
    const servedDirectory = new ServedDirectory(tree.root);
    for (const name of ["a", "none"]) {
      await assertRejects(
        () => list(servedDirectory, tree.path(name)),
        Deno.errors.NotFound,
        "Cannot list the directory: it does not exist",
      );
    }
  });

  Deno.test(`a directory that is replaced while it is listed ${way} is listed again`, async () => {
    await using tree = await makeFiles({ "d/a": "" });
    let replaced = 0;
    using _ = stub(
      ServedDirectory.prototype,
      "confirms",
      () => () => replaced-- <= 0,
    );
    const servedDirectory = new ServedDirectory(tree.root);
    replaced = 3;
    assertEquals(await list(servedDirectory, tree.path("d")), [{ name: "a" }]);
    replaced = 4;
    await assertRejects(
      () => list(servedDirectory, tree.path("d")),
      Deno.errors.NotFound,
      "Cannot list the directory: it has changed",
    );
  });
}

Deno.test("a large directory is not listed at once", async () => {
  await using tree = await makeFiles({ "d/a": "" });
  const servedDirectory = new ServedDirectory(tree.root);
  const path = tree.path("d");
  assertEquals([isLargeDirectory(path), isLargeDirectory(tree.path("none"))], [
    false,
    false,
  ]);
  const enlarge = (info: Deno.FileInfo) => ({
    ...info,
    size: SMALL_DIRECTORY_BYTES + 1,
  });
  using _stat = stub(Deno, "statSync", (real) => (at) => enlarge(real(at)));
  using _lstat = stub(Deno, "lstatSync", (real) => (at) => enlarge(real(at)));
  assertEquals(isLargeDirectory(path), true);
  assertEquals(listSmallDirectory(servedDirectory, path), undefined);
  assertThrows(
    () => listSmallDirectory(servedDirectory, tree.path("none")),
    Deno.errors.NotFound,
  );
});

Deno.test("withListingLock waits for the previous listing, even if that fails", async () => {
  const events: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = withListingLock(async () => {
    events.push("first");
    await gate.promise;
    throw new Error("It fails");
  });
  const second = withListingLock(() => events.push("second"));
  await Promise.resolve().then(() => {}).then(() => {});
  assertEquals(events, ["first"]);
  gate.resolve();
  await assertRejects(() => first, Error, "It fails");
  assert(await second === 2);
});
