// Copyright 2026 the pystd authors. MIT license.

/**
 * Deleting, moving and copying while another process replaces folders by links,
 * and what a crash leaves behind.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { copyEntry } from "../../files/copy.ts";
import type { Place } from "../../files/holding_folder.ts";
import { removeLeftovers } from "../../files/leftovers.ts";
import { deleteEntry, moveEntry } from "../../files/move.ts";
import { ServedDirectory } from "../../files/served_directory.ts";
import { UploadQuota } from "../../files/upload_quota.ts";
import { RequestError } from "../../protocol/request_error.ts";
import { temporaryName } from "../../protocol/upload_name.ts";
import { ATTACKER, underAttack } from "../support/attacker.ts";
import { makeFiles, makeTrap, type TemporaryTree } from "../support/tree.ts";

const IS_WINDOWS = Deno.build.os === "windows";

/** Errors to expect while folders come and go. */
function isExpected(error: unknown): boolean {
  const { code } = error as { code?: string };
  return error instanceof RequestError ||
    error instanceof Deno.errors.NotFound || code === "ENOTDIR" ||
    code === "ENOENT" || code === "EEXIST";
}

/** Names, without those of the holding folders. */
function namesIn(path: string): string[] {
  return Array.from(Deno.readDirSync(path), ({ name }) => name).sort();
}

/** Runs an operation; `count` grows. */
type Attack = (tree: TemporaryTree, count: number) => Promise<void>;

/** Files of the same names in the folder and outside. */
const MANY = 300;
const names = Array.from({ length: MANY }, (_, i) => `f${i}`);

/** The place of an entry in the folder that is exchanged for a link. */
function inside(tree: TemporaryTree, name: string): Place {
  return { folder: tree.path("root/a"), name, root: tree.path("root") };
}

/** The place of an entry in a folder that stays. */
function beside(tree: TemporaryTree, name: string): Place {
  return { folder: tree.path("root/safe"), name, root: tree.path("root") };
}

const ATTACKS: Record<string, Attack> = {
  "deleteEntry of a file": async (tree, count) => {
    await deleteEntry(inside(tree, `f${count % MANY}`));
  },
  "deleteEntry of a folder": (tree) =>
    deleteEntry(inside(tree, "b")).then(() => {}),
  "moveEntry out of the folder": async (tree, count) => {
    await moveEntry(
      inside(tree, `f${count % MANY}`),
      beside(tree, `${count}`),
      {
        overwrite: count % 2 === 0,
      },
    );
  },
  "moveEntry into the folder": async (tree, count) => {
    Deno.writeTextFileSync(tree.path("root/safe/x"), "public");
    await moveEntry(beside(tree, "x"), inside(tree, `f${count % MANY}`), {
      overwrite: count % 2 === 0,
    });
  },
  "copyEntry into the folder": async (tree) => {
    const servedDirectory = new ServedDirectory(tree.path("root"));
    const found = servedDirectory.locate(tree.path("root/safe/tree"));
    assert(found.kind === "directory");
    await copyEntry(found, inside(tree, "b"), options(servedDirectory));
  },
  "copyEntry from the folder": async (tree, count) => {
    const servedDirectory = new ServedDirectory(tree.path("root"));
    const found = servedDirectory.locate(tree.path("root/a"));
    if (found.kind === "missing") throw new Deno.errors.NotFound();
    const to = beside(tree, `copy${count}`);
    await copyEntry(found, to, options(servedDirectory));
  },
};

function options(servedDirectory: ServedDirectory) {
  return {
    servedDirectory,
    overwrite: true,
    quota: new UploadQuota({ maxTotalBytes: Infinity, minFreeBytes: 0 }),
    maxBytes: Infinity,
    maxLevels: 100,
    recursive: true,
  };
}

for (const [name, act] of Object.entries(ATTACKS)) {
  Deno.test({
    name: `${name} changes nothing outside while its folder comes and goes`,
    ignore: IS_WINDOWS,
    async fn() {
      await using tree = await makeTrap({
        ...ATTACKER,
        "root/safe/tree/f": "public",
        "root/safe/tree/b/g": "public",
        ...Object.fromEntries(names.flatMap((name) => [
          [`root/a/${name}`, "public"],
          [`out/${name}`, "secret"],
        ])),
      });
      const seen = { done: 0, refused: 0 };
      let count = 0;
      await underAttack(tree, ["root/a", "root/link"], async () => {
        try {
          await act(tree, count++);
          seen.done++;
        } catch (error) {
          if (!isExpected(error)) throw error;
          seen.refused++;
        }
      });
      assert(seen.refused > 0, JSON.stringify(seen));
      const outside = namesIn(tree.path("out"))
        .filter((name) => !name.startsWith(".pystd-"));
      assertEquals(
        outside,
        ["b", "f", "secret.txt", ...names].sort(),
        JSON.stringify(seen),
      );
      for (const path of ["f", "b/f", "secret.txt", ...names]) {
        assertEquals(Deno.readTextFileSync(tree.path(`out/${path}`)), "secret");
      }
      // Nothing from outside came in.
      for (const path of filesBelow(tree.path("root/safe"))) {
        assertEquals(Deno.readTextFileSync(path), "public", path);
      }
    },
  });
}

function* filesBelow(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${folder}/${name}`;
    if (isDirectory) yield* filesBelow(path);
    else yield path;
  }
}

Deno.test("removeLeftovers completes deletions and undoes replacements", async () => {
  const [id, other] = ["0", "1"].map((digit) => digit.repeat(32));
  await using tree = await makeFiles({
    [`${temporaryName(id, "trash")}/d/f`]: "deleted",
    [`${temporaryName(id, "part")}/${temporaryName(id)}`]: "",
    [`${temporaryName(id, "part")}/d/f`]: "partial",
    [`${temporaryName(id, "old")}/${temporaryName(id)}`]: "",
    [`${temporaryName(id, "old")}/lost/f`]: "replaced",
    [`sub/${temporaryName(other, "old")}/kept`]: "replaced",
    "sub/kept": "new",
  });
  assertEquals(await removeLeftovers(tree.root, Date.now() + 1000), 4);
  assertEquals([...filesBelow(tree.root)].sort(), [
    tree.path("lost/f"),
    tree.path("sub/kept"),
  ]);
  assertEquals(Deno.readTextFileSync(tree.path("sub/kept")), "new");
});

Deno.test("removeLeftovers leaves alone what another process holds", async () => {
  const id = "0".repeat(32);
  const names = ["part", "old"].map((kind) =>
    temporaryName(id, kind as "part" | "old")
  );
  await using tree = await makeFiles(Object.fromEntries(
    names.map((name) => [`${name}/${temporaryName(id)}`, ""]),
  ));
  const program = `
    const files = Deno.args.map((path) => Deno.openSync(path, { write: true }));
    for (const file of files) file.lockSync(true);
    console.log("locked");
    setInterval(() => {}, 1000);
  `;
  await Deno.writeTextFile(tree.path("hold.js"), program);
  const holder = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "-A",
      "--no-config",
      tree.path("hold.js"),
      ...names.map((name) => tree.path(name, temporaryName(id))),
    ],
    stdout: "piped",
  }).spawn();
  const reader = holder.stdout.getReader();
  await reader.read();
  assertEquals(await removeLeftovers(tree.root, Date.now() + 1000), 0);
  holder.kill("SIGKILL");
  await holder.status;
  await reader.cancel();
  assertEquals(await removeLeftovers(tree.root, Date.now() + 1000), 2);
  assertEquals(namesIn(tree.root), ["hold.js"]);
});

Deno.test("moveEntry replaces another name of the same file", async () => {
  await using tree = await makeFiles({ "a": "1" });
  await Deno.link(tree.path("a"), tree.path("b"));
  const at = (name: string): Place => ({
    folder: tree.root,
    name,
    root: tree.root,
  });
  const placement = await moveEntry(at("a"), at("b"), { overwrite: true });
  assertEquals([placement, namesIn(tree.root)], ["replaced", ["b"]]);
});
