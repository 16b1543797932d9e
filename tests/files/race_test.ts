// Copyright 2026 the pystd authors. MIT license.

/**
 * Another process replaces files and directories by links and back as fast as it
 * can, while they are opened and listed. Nothing outside is ever read.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { ServedDirectory } from "../../files/served_directory.ts";
import { ATTACKER, underAttack } from "../support/attacker.ts";
import { makeTrap, type TemporaryTree } from "../support/tree.ts";

async function makeRace(): Promise<TemporaryTree> {
  const tree = await makeTrap({ ...ATTACKER });
  await Deno.symlink(tree.path("out/f"), tree.path("root/a/link"));
  return tree;
}

const OPENED: Record<string, [paths: [string, string], name: string]> = {
  "the file": [["root/a/f", "root/a/link"], "root/a/f"],
  "its directory": [["root/a", "root/link"], "root/a/f"],
  "the directory above": [["root/a", "root/link"], "root/a/b/f"],
};

for (const [what, [paths, name]] of Object.entries(OPENED)) {
  Deno.test({
    name:
      `ServedDirectory.open opens nothing outside while ${what} comes and goes`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using tree = await makeRace();
      const servedDirectory = new ServedDirectory(tree.path("root"));
      const seen = { public: 0, secret: 0, nothing: 0 };
      const bytes = new Uint8Array(6);
      await underAttack(tree, paths, () => {
        const found = servedDirectory.locate(tree.path(name));
        const opened = found.kind === "file"
          ? servedDirectory.open(found)
          : undefined;
        if (opened === undefined) {
          seen.nothing++;
          return;
        }
        opened.file.readSync(bytes);
        opened.file.close();
        seen[new TextDecoder().decode(bytes) as "public" | "secret"]++;
      }, () => seen.nothing > 0);
      assertEquals(seen.secret, 0, JSON.stringify(seen));
      assert(seen.nothing > 0, JSON.stringify(seen));
    },
  });
}

Deno.test({
  name:
    "ServedDirectory.list lists nothing outside while the directory comes and goes",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using tree = await makeRace();
    const servedDirectory = new ServedDirectory(tree.path("root"));
    const seen = { listed: 0, nothing: 0 };
    await underAttack(tree, ["root/a", "root/link"], () => {
      const found = servedDirectory.locate(tree.path("root/a"));
      let entries: Deno.DirEntry[] | undefined;
      try {
        if (found.kind === "directory") entries = servedDirectory.list(found);
      } catch {
        // It did not exist at that moment.
      }
      seen[entries === undefined ? "nothing" : "listed"]++;
      assert(!entries?.some(({ name }) => name === "secret.txt"));
    }, () => seen.nothing > 0);
    assert(seen.nothing > 0, JSON.stringify(seen));
  },
});
