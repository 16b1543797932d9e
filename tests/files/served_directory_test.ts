// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import type { FileSystem } from "../../files/symlink_race.ts";
import { OpenFile } from "../../files/open_file.ts";
import {
  type Found,
  type OpenedFile,
  ServedDirectory,
} from "../../files/served_directory.ts";
import { makeFiles, makeTrap, type TemporaryTree } from "../support/tree.ts";

const POSIX = Deno.build.os !== "windows";
const HOUR = 3_600_000;

/** File system calls, with a function called before each. */
function systemWith(
  before: (call: keyof FileSystem, path: string) => void,
  isSeenAs: (info: Deno.FileInfo) => Deno.FileInfo = (info) => info,
): FileSystem {
  return {
    now: () => Date.now(),
    realPath: (path) => (before("realPath", path), Deno.realPathSync(path)),
    lstat: (path) => (before("lstat", path), isSeenAs(Deno.lstatSync(path))),
    open: (path) => (before("open", path), OpenFile.open(path)),
    list: (path) => (before("list", path), [...Deno.readDirSync(path)]),
  };
}

/** Replaces `root/a` by a link, or by the folder again. */
function flip(tree: TemporaryTree, link: boolean): void {
  const [a, kept] = [tree.path("root/a"), tree.path("root/kept")];
  if (Deno.lstatSync(a).isSymlink === link) return;
  Deno.renameSync(a, tree.path("root/t"));
  Deno.renameSync(link ? tree.path("root/link") : kept, a);
  Deno.renameSync(tree.path("root/t"), link ? kept : tree.path("root/link"));
}

function located(servedDirectory: ServedDirectory, path: string): Found {
  const found = servedDirectory.locate(path);
  assert(found.kind !== "missing", path);
  return found;
}

function textOf(opened: OpenedFile): string {
  const bytes = new Uint8Array(100);
  const count = opened.file.readSync(bytes) ?? 0;
  opened.file.close();
  return new TextDecoder().decode(bytes.subarray(0, count));
}

Deno.test({
  name:
    "ServedDirectory.open opens nothing outside, whenever a parent becomes a link",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeTrap();
    // Bit i of the schedule tells whether the link exists at the i-th call. It
    // stays as it is after the last one.
    const calls = 9;
    const seen = { public: 0, secret: 0, nothing: 0 };
    for (const name of ["root/a/f", "root/a/b/f"]) {
      for (let schedule = 0; schedule < 2 ** calls; schedule++) {
        let call = 0;
        let flips = 0;
        let state = false;
        const system = systemWith(() => {
          const next = (schedule >> Math.min(call++, calls - 1) & 1) === 1;
          if (next !== state) flips++;
          flip(tree, state = next);
        }, (info) => {
          // The directories start with an old ctime.
          const age = flips === 0 ? HOUR : 0;
          return { ...info, ctime: new Date(+info.ctime! - age) };
        });
        const servedDirectory = new ServedDirectory(
          tree.path("root"),
          {},
          system,
        );
        const found = servedDirectory.locate(tree.path(name));
        const opened = found.kind === "file"
          ? servedDirectory.open(found)
          : undefined;
        seen[opened ? textOf(opened) as "public" : "nothing"]++;
        flip(tree, false);
      }
    }
    assertEquals(seen.secret, 0);
    assert(seen.public > 0 && seen.nothing > 0, JSON.stringify(seen));
  },
});

Deno.test({
  name:
    "ServedDirectory.list lists nothing outside, whenever the directory becomes a link",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeTrap();
    const calls = 7;
    let listed = 0;
    for (let schedule = 0; schedule < 2 ** calls; schedule++) {
      let call = 0;
      const system = systemWith(() =>
        flip(tree, (schedule >> Math.min(call++, calls - 1) & 1) === 1)
      );
      const servedDirectory = new ServedDirectory(
        tree.path("root"),
        {},
        system,
      );
      const found = servedDirectory.locate(tree.path("root/a"));
      const names = found.kind === "directory"
        ? servedDirectory.list(found)?.map(({ name }) => name)
        : undefined;
      assert(!names?.includes("secret.txt"), String(schedule));
      if (names !== undefined) listed++;
      flip(tree, false);
    }
    assert(listed > 0);
  },
});

Deno.test({
  name: "ServedDirectory.open opens only regular files, and never blocks",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeFiles({ "secret": "secret", "dir/a": "" });
    const path = tree.path("root/sub/f");
    const swaps: Record<string, [() => void, string | undefined]> = {
      "another file": [() => Deno.writeTextFileSync(path, "new"), "new"],
      "nothing": [() => {}, undefined],
      "a link out": [() => Deno.symlinkSync(tree.path("secret"), path), void 0],
      "a link within": [() => Deno.symlinkSync("g", path), undefined],
      "a directory": [() => Deno.mkdirSync(path), undefined],
      "a FIFO": [() => makeFifo(path), undefined],
      "a socket": [
        () => Deno.listen({ transport: "unix", path }).close(),
        undefined,
      ],
    };
    for (const [what, [swap, wanted]] of Object.entries(swaps)) {
      for (const age of [0, HOUR]) {
        await Deno.mkdir(tree.path("root/sub"), { recursive: true });
        await Deno.writeTextFile(path, "old");
        await Deno.writeTextFile(tree.path("root/sub/g"), "other");
        const system = systemWith((call) => {
          if (call !== "open") return;
          Deno.removeSync(path);
          swap();
        }, (info) => ({ ...info, ctime: new Date(+info.ctime! - age) }));
        const servedDirectory = new ServedDirectory(
          tree.path("root"),
          {},
          system,
        );
        const opened = servedDirectory.open(located(servedDirectory, path));
        assertEquals(opened && textOf(opened), wanted, what);
        await Deno.remove(tree.path("root"), { recursive: true });
      }
    }
  },
});

Deno.test({
  name:
    "ServedDirectory.locate finds regular files and directories, and nothing else",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeFiles({ "root/f": "x", "out/f": "x" });
    makeFifo(tree.path("root/fifo"));
    using _socket = Deno.listen({
      transport: "unix",
      path: tree.path("root/socket"),
    });
    const links = {
      "device": "/dev/null",
      "out": tree.path("out/f"),
      "in": "f",
      "loop": "loop",
      "nowhere": "none",
      "up": "..",
      "round": tree.path("root/../root/f"),
    };
    for (const [name, target] of Object.entries(links)) {
      await Deno.symlink(target, tree.path("root", name));
    }
    const table: [name: string, kept: string, followed: string][] = [
      ["", "directory", "directory"],
      ["f", "file", "file"],
      ["f/", "missing", "missing"],
      ["fifo", "missing", "missing"],
      ["socket", "missing", "missing"],
      ["device", "missing", "missing"],
      ["out", "missing", "file"],
      ["in", "file", "file"],
      ["loop", "missing", "missing"],
      ["nowhere", "missing", "missing"],
      ["up", "missing", "directory"],
      ["up/out/f", "missing", "file"],
      ["round", "file", "file"],
      ["none", "missing", "missing"],
    ];
    for (const [name, kept, followed] of table) {
      for (const followSymlinks of [false, true]) {
        const servedDirectory = new ServedDirectory(tree.path("root"), {
          followSymlinks,
        });
        const { kind } = servedDirectory.locate(`${tree.path("root")}/${name}`);
        assertEquals(kind, followSymlinks ? followed : kept, name);
      }
    }
  },
});

Deno.test({
  name:
    "ServedDirectory.locate hides names with a dot, also by links and other spellings",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeFiles({
      ".served/.secret": "x",
      ".served/.git/config": "x",
      ".served/.well-known/a": "x",
      ".served/.well-known/.b": "x",
      ".served/sub/.well-known/a": "x",
      ".served/a.b": "x",
      ".served/...": "x",
      ".other/f": "x",
    });
    const links = {
      "git": ".git",
      "config": ".git/config",
      "known": ".well-known",
      "secret": "sub/../.secret",
      "other": tree.path(".other"),
    };
    for (const [name, target] of Object.entries(links)) {
      await Deno.symlink(target, tree.path(".served", name));
    }
    const table: [name: string, seen: boolean][] = [
      ["a.b", true],
      [".secret", false],
      [".git", false],
      [".git/config", false],
      ["...", false],
      [".well-known", true],
      [".well-known/a", true],
      [".well-known/.b", false],
      [".well-known/../.secret", false],
      ["sub/.well-known/a", false],
      ["git", false],
      ["git/config", false],
      ["config", false],
      ["secret", false],
      ["known/a", true],
      ["other/f", false],
    ];
    for (const followSymlinks of [false, true]) {
      const options = { followSymlinks, dotfiles: false };
      const servedDirectory = new ServedDirectory(
        tree.path(".served"),
        options,
      );
      for (const [name, seen] of table) {
        const { kind } = servedDirectory.locate(
          `${servedDirectory.path}/${name}`,
        );
        assertEquals(kind !== "missing", seen, name);
      }
      const names = servedDirectory.list(
        located(servedDirectory, servedDirectory.path),
      )!
        .map(({ name }) => name).sort();
      // `other` leads out, so that it reveals no hidden name.
      assertEquals(names, ["a.b", "known", "other", "sub"]);
    }
  },
});

Deno.test({
  name: "ServedDirectory follows changes of the link to it",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeFiles({ "1/sub/f": "one", "2/sub/f": "two" });
    const current = tree.path("current");
    const servedDirectory = new ServedDirectory(current);
    assertEquals(servedDirectory.locate(current).kind, "missing");
    // Hidden names above the served directory do not matter.
    const options = { dotfiles: false };
    await Deno.mkdir(tree.path(".sites/.1/sub"), { recursive: true });
    await Deno.symlink(".sites/.1", tree.path("hidden"));
    const hidden = new ServedDirectory(tree.path("hidden"), options);
    const { path } = located(hidden, hidden.path);
    assertEquals(located(hidden, `${path}/sub`).kind, "directory");
    assertEquals(hidden.locate(`${path}/.`).kind, "directory");
    await Deno.symlink("1", current);
    const before = located(servedDirectory, `${current}/sub/f`);
    await Deno.remove(current);
    await Deno.symlink("2", current);
    const after = located(servedDirectory, `${current}/sub/f`);
    // A path located before still leads to the old file.
    assertEquals(textOf(servedDirectory.open(before)!), "one");
    assertEquals(textOf(servedDirectory.open(after)!), "two");
  },
});

function makeFifo(path: string): void {
  const { success } = new Deno.Command("mkfifo", { args: [path] }).outputSync();
  assert(success);
}

Deno.test({
  name: "ServedDirectory.locateEntry finds what locate finds",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeFiles({
      "root/sub/a": "a",
      "root/sub/deep/b": "b",
      "root/.hidden/c": "c",
      "outside/d": "d",
    });
    const links: Record<string, string> = {
      "in": "../sub/a",
      "folder": "deep",
      "hidden": "../.hidden/c",
      "out": "../../outside/d",
      "broken": "none",
      "loop": "loop",
    };
    for (const [name, target] of Object.entries(links)) {
      await Deno.symlink(target, tree.path(`root/sub/${name}`));
    }
    for (const dotfiles of [true, false]) {
      const root = tree.path("root");
      const directory = new ServedDirectory(root, { dotfiles });
      const folder = directory.locate(`${root}/sub`);
      assert(folder.kind === "directory");
      const names = [...Object.keys(links), "a", "deep", "none", "a\0"];
      for (const name of names) {
        const wanted = directory.locate(`${root}/sub/${name}`);
        assertEquals(directory.locateEntry(folder, name), wanted, name);
      }
    }
  },
});
