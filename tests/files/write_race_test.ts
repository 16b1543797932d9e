// Copyright 2026 the pystd authors. MIT license.

/**
 * Another process replaces the folder for uploads by a link and back as fast as it
 * can. No byte is written outside.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { IncomingFile } from "../../files/incoming.ts";
import { RequestError } from "../../protocol/request_error.ts";
import { ATTACKER, underAttack } from "../support/attacker.ts";
import { stub } from "../support/stub.ts";
import { makeTrap } from "../support/tree.ts";

/** Errors to expect while folders come and go. */
function isExpected(error: unknown): boolean {
  return error instanceof RequestError ||
    error instanceof Deno.errors.NotFound ||
    (error as { code?: string }).code === "ENOTDIR";
}

for (const overwrite of [false, true]) {
  Deno.test({
    name:
      `IncomingFile writes nothing outside while its folder comes and goes, ${
        overwrite ? "with" : "without"
      } overwrite`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using tree = await makeTrap(ATTACKER);
      const top = tree.path("root");
      const folder = tree.path("root/a");
      const seen = { saved: 0, refused: 0 };
      await underAttack(tree, ["root/a", "root/link"], async () => {
        let file: IncomingFile | undefined;
        try {
          file = IncomingFile.create(folder, { root: top });
          await file.write(new TextEncoder().encode("upload"));
          await file.commit(`saved${seen.saved}`, { overwrite });
          seen.saved++;
        } catch (error) {
          if (!isExpected(error)) throw error;
          seen.refused++;
        } finally {
          await file?.discard();
        }
      }, () => seen.refused > 0);
      assert(seen.refused > 0, JSON.stringify(seen));
      const outside = [...Deno.readDirSync(tree.path("out"))]
        .map(({ name }) => name)
        .filter((name) => !["f", "b", "secret.txt"].includes(name));
      const written = outside.filter((name) =>
        Deno.statSync(tree.path(`out/${name}`)).size > 0
      );
      assertEquals(
        written,
        [],
        `${JSON.stringify(seen)}, ${outside.length} empty`,
      );
    },
  });
}

Deno.test({
  name: "IncomingFile removes no other file while its folder comes and goes",
  ignore: Deno.build.os === "windows",
  async fn() {
    const top = await Deno.realPath(await Deno.makeTempDir());
    const folder = `${top}/root/in`;
    const target = `${folder}/name`;
    for (const name of ["root/in", "wrong", "other"]) {
      Deno.mkdirSync(`${top}/${name}`, { recursive: true });
    }
    Deno.writeTextFileSync(`${top}/other/name`, "of somebody else");
    const lead = (to: string): void => {
      Deno.removeSync(folder);
      Deno.symlinkSync(`${top}/${to}`, folder);
    };
    const file = IncomingFile.create(folder, { root: `${top}/root` });
    await file.write(new TextEncoder().encode("upload"));

    const { linkSync, lstatSync } = Deno;
    // The folder becomes a link between the two paths of the call.
    Deno.linkSync = (from, to) => {
      Deno.renameSync(folder, `${top}/moved`);
      Deno.symlinkSync(`${top}/wrong`, folder);
      linkSync(`${from}`.replace(folder, `${top}/moved`), to);
    };
    // It leads to another file just after the one to remove was checked.
    const turns = ["wrong", "other", "wrong"];
    Deno.lstatSync = (path) => {
      const info = lstatSync(path);
      const turn = path === target ? turns.shift() : undefined;
      if (turn !== undefined) lead(turn);
      return info;
    };
    try {
      await assertRejects(() => file.commit("name"), RequestError);
    } finally {
      Object.assign(Deno, { linkSync, lstatSync });
    }
    assertEquals(
      Deno.readTextFileSync(`${top}/other/name`),
      "of somebody else",
    );
    // An empty folder stays where the path no longer leads.
    const namesIn = (path: string): string[] =>
      [...Deno.readDirSync(path)].map(({ name }) => name);
    const left = (name: string): string[] =>
      namesIn(`${top}/${name}`).filter((entry) =>
        !entry.endsWith(".trash") ||
        namesIn(`${top}/${name}/${entry}`).length > 0
      );
    assertEquals([left("wrong"), left("other")], [[], ["name"]]);
    await Deno.remove(top, { recursive: true });
  },
});

Deno.test({
  name: "IncomingFile takes no name from a file outside when it undoes a link",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using tree = await makeTrap({ "out/new": "secret" });
    const [folder, link, other] = ["a", "link", "other"]
      .map((name) => tree.path("root", name));
    const target = tree.path("root/a/new");
    const rename = Deno.renameSync;
    let isLink = false;
    const set = (mustBe: boolean): void => {
      if (mustBe === isLink) return;
      rename(folder, other);
      rename(link, folder);
      rename(other, link);
      isLink = mustBe;
    };
    const file = IncomingFile.create(folder, { root: tree.path("root") });
    await file.write(new TextEncoder().encode("upload"));
    using stack = new DisposableStack();
    // The new name is not found where it was made, then it is, and then the
    // folder is a link again.
    let lookups = Infinity;
    let removals = 0;
    stack.use(stub(Deno, "linkSync", (real) => (from, to) => {
      real(from, to);
      lookups = 0;
    }));
    stack.use(stub(Deno, "lstatSync", (real) => (path) => {
      if (path === target) set(lookups++ === 0);
      return real(path);
    }));
    const exchangeOnce = (path: string | URL): void =>
      set(path === target && removals++ === 0);
    stack.use(stub(Deno, "removeSync", (real) => (path, options) => {
      exchangeOnce(path);
      real(path, options);
    }));
    stack.use(stub(Deno, "renameSync", (real) => (from, to) => {
      exchangeOnce(from);
      real(from, to);
    }));
    stack.defer(() => set(false));
    await assertRejects(() => file.commit("new"), RequestError);
    stack.dispose();
    assert(removals > 0);
    assertEquals(Deno.readTextFileSync(tree.path("out/new")), "secret");
    assertEquals(
      [...Deno.readDirSync(folder)].map(({ name }) => name)
        .filter((name) => !["f", "b"].includes(name)),
      [],
    );
  },
});
