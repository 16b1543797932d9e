// Copyright 2026 the pystd authors. MIT license.

/**
 * Deleting, moving and copying while another process replaces folders by links,
 * and what a crash leaves behind.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { copyEntry } from "../../files/copy.ts";
import type { Place } from "../../files/holding_folder.ts";
import { removeLeftovers } from "../../files/leftovers.ts";
import { deleteEntry, moveEntry } from "../../files/move.ts";
import { ServedDirectory } from "../../files/served_directory.ts";
import { UploadQuota } from "../../files/upload_quota.ts";
import { RequestError } from "../../protocol/request_error.ts";
import { temporaryName } from "../../protocol/upload_name.ts";
import { ATTACKER, underAttack } from "../support/attacker.ts";
import { stub, systemError } from "../support/stub.ts";
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
      }, () => seen.refused > 0);
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

/** A place in the served directory. */
function at(tree: TemporaryTree, path: string): Place {
  const slash = path.lastIndexOf("/");
  return {
    folder: tree.path("root", path.slice(0, slash)),
    name: path.slice(slash + 1),
    root: tree.path("root"),
  };
}

/** Exchanges the folder `a` for a link to the folder `out`, or back. */
function exchange(tree: TemporaryTree, rename = Deno.renameSync): void {
  const [a, link, other] = ["a", "link", "other"]
    .map((name) => tree.path("root", name));
  rename(a, other);
  rename(link, a);
  rename(other, link);
}

Deno.test({
  name: "moveEntry takes no name from a file outside when it undoes a link",
  ignore: IS_WINDOWS,
  async fn() {
    await using tree = await makeTrap({
      "root/safe/x": "public",
      "out/new": "secret",
    });
    const target = tree.path("root/a/new");
    let isLink = false;
    let lookups = Infinity;
    const set = (mustBe: boolean): void => {
      if (mustBe !== isLink) exchange(tree, rename);
      isLink = mustBe;
    };
    const rename = Deno.renameSync;
    using stack = new DisposableStack();
    // The second name is not found where it was made, then it is, and then the
    // folder is a link again.
    stack.use(stub(Deno, "linkSync", (real) => (from, to) => {
      real(from, to);
      lookups = 0;
    }));
    stack.use(stub(Deno, "lstatSync", (real) => (path) => {
      if (path === target) set(lookups++ === 0);
      return real(path);
    }));
    stack.use(stub(Deno, "removeSync", (real) => (path, options) => {
      if (path === target) set(true);
      real(path, options);
    }));
    stack.defer(() => set(false));
    const error = await assertRejects(() =>
      moveEntry(at(tree, "safe/x"), at(tree, "a/new"), { overwrite: false })
    );
    assert(isExpected(error), String(error));
    stack.dispose();
    assertEquals(Deno.readTextFileSync(tree.path("out/new")), "secret");
    assertEquals(Deno.readTextFileSync(tree.path("root/safe/x")), "public");
  },
});

Deno.test({
  name: "gap: one rename() sees the folder first, and then the link",
  // Without renameat(), nothing protects against this: see docs/files.md.
  ignore: true,
  async fn() {
    await using tree = await makeTrap({ "root/safe/x": "public" });
    const target = tree.path("root/a/f");
    using _ = stub(Deno, "renameSync", (real) => (from, to) => {
      if (to === target) real(from, tree.path("out/f"));
      else real(from, to);
    });
    await moveEntry(at(tree, "safe/x"), at(tree, "a/f"), { overwrite: true })
      .catch(() => {});
    assertEquals(Deno.readTextFileSync(tree.path("out/f")), "secret");
  },
});

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

Deno.test("removeLeftovers completes a move before it undoes a replacement", async () => {
  const [a, b, c] = ["a", "b", "c"].map((digit) => digit.repeat(32));
  await using tree = await makeFiles({
    [`${temporaryName(a, "old")}/name/f`]: "replaced",
    [`${temporaryName(b, "moved")}/name/f`]: "moved",
    [`${temporaryName(c, "moved")}/used`]: "moved",
    "used": "used",
  });
  assertEquals(await removeLeftovers(tree.root, Date.now() + 1000), 3);
  const found = [...filesBelow(tree.root)].sort()
    .map((path) => [path.slice(tree.root.length), Deno.readTextFileSync(path)]);
  assertEquals(found, [
    ["/name/f", "moved"],
    ["/used", "used"],
    ["/used (recovered 1)", "moved"],
  ]);
});

/** The calls that change the disk. */
const CALLS = [
  ...["mkdirSync", "renameSync", "linkSync", "removeSync", "remove"] as const,
  ...["openSync", "mkdir", "copyFile", "utime", "chmod"] as const,
];

/**
 * Runs an operation that ends in a crash: after some calls that change the disk,
 * all others fail. If `areDisks`, the folders `d` and `e` are on two disks.
 *
 * @returns Whether the operation ended before the crash.
 */
async function crashAfter(
  calls: number,
  act: () => Promise<unknown>,
  areDisks = false,
): Promise<boolean> {
  let left = calls;
  using stack = new DisposableStack();
  for (const name of CALLS) {
    const stand =
      (real: (...args: unknown[]) => unknown) => (...args: unknown[]) => {
        if (left <= 0) throw new Error("crashed");
        const [from, to] = args.map((path) => /[de]\//.exec(String(path))?.[0]);
        if (areDisks && name === "renameSync" && from !== to) {
          throw systemError("EXDEV");
        }
        left--;
        return real(...args);
      };
    stack.use(stub(Deno, name, stand as never));
  }
  await act().catch(() => {});
  return left > 0;
}

async function copy(from: Place, to: Place): Promise<void> {
  const servedDirectory = new ServedDirectory(from.root!);
  const found = servedDirectory.locate(`${from.folder}/${from.name}`);
  assert(found.kind !== "missing");
  await copyEntry(found, to, options(servedDirectory));
}

const OPERATIONS: Record<
  string,
  (place: (path: string) => Place) => Promise<unknown>
> = {
  "moves a file": (at) =>
    moveEntry(at("d/file"), at("e/new"), { overwrite: false }),
  "moves a file in the served directory": (at) =>
    moveEntry(at("file"), at("new"), { overwrite: false }),
  "moves a file onto a file": (at) =>
    moveEntry(at("d/file"), at("e/file"), { overwrite: true }),
  "moves a file onto a folder": (at) =>
    moveEntry(at("d/file"), at("e/folder"), { overwrite: true }),
  "moves a folder onto a folder": (at) =>
    moveEntry(at("d/folder"), at("e/folder"), { overwrite: true }),
  "moves a folder onto a file": (at) =>
    moveEntry(at("folder"), at("file"), { overwrite: true }),
  "moves a file to another disk": (at) =>
    moveEntry(at("d/file"), at("e/file"), { overwrite: true }),
  "moves a folder to another disk": (at) =>
    moveEntry(at("d/folder"), at("e/folder"), { overwrite: true }),
  "copies a folder onto a folder": (at) => copy(at("d/folder"), at("e/folder")),
  "copies a file onto a file": (at) => copy(at("d/file"), at("e/file")),
  "deletes a folder": (at) => deleteEntry(at("d/folder")),
};

for (const [name, act] of Object.entries(OPERATIONS)) {
  Deno.test(`a crash at any call while the server ${name} loses nothing`, async () => {
    for (let calls = 0, done = false; !done; calls++) {
      await using tree = await makeFiles({
        ...Object.fromEntries(
          ["", "d/", "e/"].flatMap((folder) => [
            [`${folder}file`, `${folder}file`],
            [`${folder}folder/a`, `${folder}a`],
            [`${folder}folder/b`, `${folder}b`],
          ]),
        ),
      });
      const at = (path: string): Place => {
        const slash = path.lastIndexOf("/");
        return {
          folder: slash < 0 ? tree.root : tree.path(path.slice(0, slash)),
          name: path.slice(slash + 1),
          root: tree.root,
        };
      };
      const before = new Set(
        [...filesBelow(tree.root)].map((path) => Deno.readTextFileSync(path)),
      );
      done = await crashAfter(calls, () => act(at), /disk/.test(name));
      await removeLeftovers(tree.root, Date.now() + 1000);
      const files = [...filesBelow(tree.root)];
      const after = new Set(files.map((path) => Deno.readTextFileSync(path)));
      const paths = files.map((path) => path.slice(tree.root.length + 1));
      const lost = [...before].filter((text) => !after.has(text)).sort();
      // Only what was to be replaced or deleted may be gone, and as a whole.
      const mayGo = /deletes/.test(name)
        ? [["d/a", "d/b"]]
        : [["e/file"], ["e/a", "e/b"], ["file"]];
      const isWhole = lost.length === 0 ||
        mayGo.some((texts) => texts.join() === lost.join());
      assert(isWhole, `after ${calls} calls: lost ${lost}`);
      // Something is gone only if its place is taken, or it was deleted.
      if (lost.length > 0 && !/deletes/.test(name)) {
        const taken = { "e/file": "e/file", "e/a": "e/folder", "file": "file" };
        const place = taken[lost[0] as keyof typeof taken];
        assert(
          paths.some((path) => path.startsWith(place)),
          `after ${calls} calls: ${place} is empty`,
        );
      }
      const hidden = paths.filter((path) => path.includes(".pystd"));
      assertEquals(hidden, [], `after ${calls} calls`);
      // Nothing is there in part.
      for (const text of after) assert(before.has(text), text);
      assert(calls < 100);
    }
  });
}

Deno.test("removeLeftovers leaves alone what another process holds", async () => {
  const id = "0".repeat(32);
  const kinds = ["part", "old", "moved"] as const;
  const names = kinds.map((kind) => temporaryName(id, kind));
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
  assertEquals(await removeLeftovers(tree.root, Date.now() + 1000), 3);
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
