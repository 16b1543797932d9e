// Copyright 2026 the pystd authors. MIT license.

/**
 * Somebody else's process puts links in the place of files and directories and
 * takes them away again as fast as it can, while they are opened and listed:
 * what lies outside is never seen.
 *
 * `RACE_SECONDS` has each part run for longer than its second.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { Root } from "../../files/root.ts";
import { pause } from "../support/client.ts";
import { makeTrap, type TemporaryTree } from "../support/tree.ts";

const SECONDS = Number(Deno.env.get("RACE_SECONDS") ?? 1);

/** Exchanges two paths over and over until it is killed. */
const ATTACKER = `
  const [a, b] = Deno.args;
  const t = b + ".t";
  Deno.stdout.writeSync(new Uint8Array(1));
  for (;;) {
    Deno.renameSync(a, t);
    Deno.renameSync(b, a);
    Deno.renameSync(t, b);
  }
`;

async function makeRace(): Promise<TemporaryTree> {
  const tree = await makeTrap({ "attacker.js": ATTACKER });
  await Deno.symlink(tree.path("out/f"), tree.path("root/a/link"));
  return tree;
}

/** Runs something again and again while two paths are exchanged. */
async function underAttack(
  tree: TemporaryTree,
  [a, b]: [string, string],
  act: () => void,
): Promise<void> {
  const script = tree.path("attacker.js");
  const allowed = `--allow-read=${tree.root}`;
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-config",
      "--no-prompt",
      allowed,
      allowed.replace("read", "write"),
      script,
      tree.path(a),
      tree.path(b),
    ],
    stdout: "piped",
    stderr: "null",
  });
  const attacker = command.spawn();
  try {
    const reader = attacker.stdout.getReader();
    await reader.read();
    reader.releaseLock();
    const end = performance.now() + SECONDS * 1000;
    while (performance.now() < end) {
      for (let i = 0; i < 200; i++) act();
      await pause(0);
    }
  } finally {
    attacker.kill("SIGKILL");
    await attacker.stdout.cancel();
    await attacker.status;
  }
}

const OPENED: Record<string, [paths: [string, string], name: string]> = {
  "the file": [["root/a/f", "root/a/link"], "root/a/f"],
  "its directory": [["root/a", "root/link"], "root/a/f"],
  "the directory above": [["root/a", "root/link"], "root/a/b/f"],
};

for (const [what, [paths, name]] of Object.entries(OPENED)) {
  Deno.test({
    name: `Root.open opens nothing outside while ${what} comes and goes`,
    ignore: Deno.build.os === "windows",
    async fn() {
      await using tree = await makeRace();
      const root = new Root(tree.path("root"));
      const seen = { public: 0, secret: 0, nothing: 0 };
      const bytes = new Uint8Array(6);
      await underAttack(tree, paths, () => {
        const found = root.locate(tree.path(name));
        const opened = found.kind === "file" ? root.open(found) : undefined;
        if (opened === undefined) {
          seen.nothing++;
          return;
        }
        opened.file.readSync(bytes);
        opened.file.close();
        seen[new TextDecoder().decode(bytes) as "public" | "secret"]++;
      });
      assertEquals(seen.secret, 0, JSON.stringify(seen));
      assert(seen.nothing > 0, JSON.stringify(seen));
    },
  });
}

Deno.test({
  name: "Root.list lists nothing outside while the directory comes and goes",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using tree = await makeRace();
    const root = new Root(tree.path("root"));
    const seen = { listed: 0, nothing: 0 };
    await underAttack(tree, ["root/a", "root/link"], () => {
      const found = root.locate(tree.path("root/a"));
      let entries: Deno.DirEntry[] | undefined;
      try {
        if (found.kind === "directory") entries = root.list(found);
      } catch {
        // It was not there at that moment.
      }
      seen[entries === undefined ? "nothing" : "listed"]++;
      assert(!entries?.some(({ name }) => name === "secret.txt"));
    });
    assert(seen.nothing > 0, JSON.stringify(seen));
  },
});
