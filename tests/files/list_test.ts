// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertThrows } from "@std/assert/throws";
import {
  inTurn,
  isLarge,
  listAtOnce,
  listInSlices,
  SMALL_DIRECTORY_BYTES,
} from "../../files/list.ts";
import { Root } from "../../files/served_directory.ts";
import { stub } from "../support/stub.ts";
import { makeFiles } from "../support/tree.ts";

const nameOf = ({ name }: Deno.DirEntry) => ({ name });

/** Both ways to read a directory: the names in it. */
const WAYS: Record<string, (root: Root, path: string) => Promise<unknown[]>> = {
  "at once": (root, path) =>
    Promise.try(() => listAtOnce(root, path)!.map(nameOf)),
  "in slices": (root, path) => listInSlices(root, path, nameOf),
};

for (const [way, list] of Object.entries(WAYS)) {
  Deno.test(`a directory is listed ${way}, without hidden names`, async () => {
    await using tree = await makeFiles({ "d/a": "", "d/.b": "" });
    const root = new Root(tree.root, { dotfiles: false });
    assertEquals(await list(root, tree.path("d")), [{ name: "a" }]);
  });

  Deno.test(`what is no directory is not listed ${way}`, async () => {
    await using tree = await makeFiles({ "a": "" });
    const root = new Root(tree.root);
    for (const name of ["a", "none"]) {
      await assertRejects(
        () => list(root, tree.path(name)),
        Deno.errors.NotFound,
        "Cannot list the directory: not there",
      );
    }
  });

  Deno.test(`a directory that is replaced while it is listed ${way} is listed anew`, async () => {
    await using tree = await makeFiles({ "d/a": "" });
    let replaced = 0;
    using _ = stub(Root.prototype, "confirms", () => () => replaced-- <= 0);
    const root = new Root(tree.root);
    replaced = 3;
    assertEquals(await list(root, tree.path("d")), [{ name: "a" }]);
    replaced = 4;
    await assertRejects(
      () => list(root, tree.path("d")),
      Deno.errors.NotFound,
      "Cannot list the directory: it has changed",
    );
  });
}

Deno.test("a large directory is not listed at once", async () => {
  await using tree = await makeFiles({ "d/a": "" });
  const root = new Root(tree.root);
  const path = tree.path("d");
  assertEquals([isLarge(path), isLarge(tree.path("none"))], [false, false]);
  const enlarge = (info: Deno.FileInfo) => ({
    ...info,
    size: SMALL_DIRECTORY_BYTES + 1,
  });
  using _stat = stub(Deno, "statSync", (real) => (at) => enlarge(real(at)));
  using _lstat = stub(Deno, "lstatSync", (real) => (at) => enlarge(real(at)));
  assertEquals(isLarge(path), true);
  assertEquals(listAtOnce(root, path), undefined);
  assertThrows(() => listAtOnce(root, tree.path("none")), Deno.errors.NotFound);
});

Deno.test("inTurn begins when what came before has ended, be it that it failed", async () => {
  const events: string[] = [];
  const gate = Promise.withResolvers<void>();
  const first = inTurn(async () => {
    events.push("first");
    await gate.promise;
    throw new Error("It fails");
  });
  const second = inTurn(() => events.push("second"));
  await Promise.resolve().then(() => {}).then(() => {});
  assertEquals(events, ["first"]);
  gate.resolve();
  await assertRejects(() => first, Error, "It fails");
  assert(await second === 2);
});
