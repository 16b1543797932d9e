// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import type { FileSystem } from "../../files/symlink_race.ts";
import { OpenFile } from "../../files/open_file.ts";
import { ServedDirectory } from "../../files/served_directory.ts";
import { FileLookup, isSpelledAs } from "../../files/lookup.ts";
import { pause } from "../support/client.ts";
import { stub } from "../support/stub.ts";
import { makeFiles, openBelow } from "../support/tree.ts";

const POSIX = Deno.build.os !== "windows";
const CAPACITY = 2 ** 20;
/** Longer than the lowest age of a file to cache. */
const LATER = 5000;

function fileLookupFor(
  servedDirectory: ServedDirectory,
  cacheBytes = CAPACITY,
): FileLookup {
  return new FileLookup(servedDirectory, { cacheBytes, freshFor: 0 });
}

/** Waits until all files are old enough to cache. */
function later(): Disposable {
  return stub(Date, "now", (real) => () => real() + LATER);
}

/** Waits for the next turn, in which checks of the disk are no longer valid. */
const nextTurn = (): Promise<void> => Promise.resolve();

const describe = () => ({ type: "text/plain", etag: '"1"', lastModified: "" });

/** Reads a file by a lookup, as a handler does. */
function read(lookup: FileLookup, path: string): string {
  const cached = lookup.cached(path);
  if (cached !== undefined) {
    assert("bytes" in cached);
    return new TextDecoder().decode(cached.bytes);
  }
  const found = lookup.locate(path);
  if (found.kind !== "file") return found.kind;
  const file = lookup.open(path, found, describe);
  if (file === undefined) return "nothing";
  if ("file" in file) {
    file.file.close();
    return "open";
  }
  assertEquals(file.bytes.length, file.info.size);
  return new TextDecoder().decode(file.bytes);
}

/** Waits for the next second of the system clock. */
async function nextSecond(): Promise<void> {
  const second = Math.floor(Date.now() / 1000);
  while (Math.floor(Date.now() / 1000) === second) await pause(20);
  // The kernel's clock for files ticks a little later.
  await pause(20);
}

Deno.test({
  name: "FileLookup caches a file while it is the one on disk",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeFiles({ "sub/a": "first", "b": "b" });
    const path = tree.path("sub/a");
    const lookup = fileLookupFor(new ServedDirectory(tree.root));
    // A file changed a moment ago is not cached.
    assertEquals(read(lookup, path), "first");
    assertEquals(lookup.cached(path), undefined);
    using _ = later();
    assertEquals(read(lookup, path), "first");
    assert(lookup.cached(path) !== undefined);

    const changes: Record<string, [() => void, string]> = {
      "replaced": [() => {
        Deno.writeTextFileSync(tree.path("new"), "other");
        Deno.renameSync(tree.path("new"), path);
      }, "other"],
      "grown": [
        () => Deno.writeTextFileSync(path, "longer text"),
        "longer text",
      ],
      "truncated": [() => Deno.truncateSync(path, 3), "lon"],
      "removed": [() => Deno.removeSync(path), "missing"],
      "made anew": [() => Deno.writeTextFileSync(path, "anew"), "anew"],
      "a directory": [() => {
        Deno.removeSync(path);
        Deno.mkdirSync(path);
      }, "directory"],
      "a link": [() => {
        Deno.removeSync(path);
        Deno.symlinkSync("../b", path);
      }, "b"],
      "a link that is led elsewhere": [() => {
        Deno.removeSync(path);
        Deno.symlinkSync("../none", path);
      }, "missing"],
    };
    for (const [what, [change, wanted]] of Object.entries(changes)) {
      change();
      await nextTurn();
      assertEquals(read(lookup, path), wanted, what);
    }
    assertEquals(lookup.cached(path), undefined);
  },
});

Deno.test({
  name: "FileLookup notices other bytes in a file of the same size and mtime",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeFiles({ "a": "one" });
    const path = tree.path("a");
    await Deno.utime(path, 1e9, 1e9);
    const lookup = fileLookupFor(new ServedDirectory(tree.root));
    using _ = later();
    assertEquals(read(lookup, path), "one");
    assert(lookup.cached(path) !== undefined);
    await nextSecond();
    await Deno.writeTextFile(path, "two");
    await Deno.utime(path, 1e9, 1e9);
    assertEquals(read(lookup, path), "two");
  },
});

Deno.test("FileLookup locates a path once a turn", async () => {
  await using tree = await makeFiles({ "a": "one" });
  let looks = 0;
  const system: FileSystem = {
    now: () => Date.now(),
    realPath: (path) => (looks++, Deno.realPathSync(path)),
    lstat: (path) => Deno.lstatSync(path),
    open: (path) => OpenFile.open(path),
    list: (path) => [...Deno.readDirSync(path)],
  };
  const lookup = fileLookupFor(new ServedDirectory(tree.root, {}, system));
  const path = tree.path("b");
  assertEquals(lookup.locate(path).kind, "missing");
  assertEquals([lookup.locate(path).kind, looks], ["missing", 1]);
  await nextTurn();
  Deno.writeTextFileSync(path, "two");
  assertEquals(lookup.locate(path).kind, "file");
  await nextTurn();
  Deno.removeSync(path);
  assertEquals(lookup.locate(path).kind, "missing");
});

Deno.test({
  name: "FileLookup does not cache files reached through a link",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeFiles({ "1/a": "one", "2/a": "two" });
    await Deno.symlink("1", tree.path("link"));
    await Deno.symlink("1/a", tree.path("a"));
    const lookup = fileLookupFor(new ServedDirectory(tree.root));
    using _ = later();
    for (const name of ["link/a", "a"]) {
      assertEquals(read(lookup, tree.path(name)), "one");
      assertEquals(lookup.cached(tree.path(name)), undefined);
    }
    for (const [name, target] of [["link", "2"], ["a", "2/a"]]) {
      await Deno.remove(tree.path(name));
      await Deno.symlink(target, tree.path(name));
    }
    for (const name of ["link/a", "a"]) {
      assertEquals(read(lookup, tree.path(name)), "two");
    }
  },
});

Deno.test({
  name: "FileLookup uses no cached file when a parent folder becomes a link",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeFiles({ "1/sub/a": "one", "2/sub/a": "two" });
    const directory = tree.path("1");
    const path = `${directory}/sub/a`;
    // The path leads to the same file, which is hidden or outside now.
    for (const place of ["1/.hidden", "1/shown", "outside"]) {
      const lookup = fileLookupFor(
        new ServedDirectory(directory, { dotfiles: false }),
      );
      using _ = later();
      assertEquals(read(lookup, path), "one");
      assert(lookup.cached(path) !== undefined);
      await nextTurn();
      assert(lookup.cached(path) !== undefined);
      await Deno.rename(tree.path("1/sub"), tree.path(place));
      await Deno.symlink(tree.path(place), tree.path("1/sub"));
      await nextTurn();
      assertEquals(lookup.cached(path), undefined, place);
      const wanted = place === "1/shown" ? "one" : "missing";
      assertEquals(read(lookup, path), wanted, place);
      await Deno.remove(tree.path("1/sub"));
      await Deno.rename(tree.path(place), tree.path("1/sub"));
    }
  },
});

Deno.test("FileLookup checks a folder once a turn, not for each cached file in it", async () => {
  const names = ["/sub/a", "/sub/b", "/sub/deep/a", "/sub/deep/b"];
  await using tree = await makeFiles(
    Object.fromEntries(names.map((name) => [name.slice(1), name])),
  );
  const looks: string[] = [];
  const noted = (path: string): string => {
    looks.push(path.slice(tree.root.length));
    return path;
  };
  const system: FileSystem = {
    now: () => Date.now(),
    realPath: (path) => Deno.realPathSync(noted(path)),
    lstat: (path) => Deno.lstatSync(noted(path)),
    open: (path) => OpenFile.open(path),
    list: () => [],
  };
  const lookup = fileLookupFor(new ServedDirectory(tree.root, {}, system));
  using _ = later();
  for (const name of names) read(lookup, tree.root + name);
  for (let round = 0; round < 2; round++) {
    looks.length = 0;
    await nextTurn();
    for (const name of names) {
      assert(lookup.cached(tree.root + name) !== undefined, name);
    }
    assertEquals(looks, ["/sub", "/sub/deep"]);
  }
});

Deno.test({
  name: "FileLookup uses no cached file when another folder takes its place",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeFiles({ "sub/deep/a": "a", "sub/b": "b" });
    // The files stay the same: their second names are links to their inodes.
    await Deno.mkdir(tree.path("other/deep"), { recursive: true });
    await Deno.link(tree.path("sub/b"), tree.path("other/b"));
    await Deno.link(tree.path("sub/deep/a"), tree.path("other/deep/a"));
    const lookup = fileLookupFor(new ServedDirectory(tree.root));
    using _ = later();
    for (const name of ["sub/b", "sub/deep/a"]) {
      read(lookup, tree.path(name));
      assert(lookup.cached(tree.path(name)) !== undefined);
    }
    await Deno.rename(tree.path("sub"), tree.path("aside"));
    await nextTurn();
    assertEquals(read(lookup, tree.path("sub/b")), "missing");
    await Deno.rename(tree.path("other"), tree.path("sub"));
    await nextTurn();
    assertEquals(lookup.cached(tree.path("sub/b")), undefined);
    assertEquals(read(lookup, tree.path("sub/b")), "b");
    assertEquals(read(lookup, tree.path("sub/deep/a")), "a");
    await nextTurn();
    assert(lookup.cached(tree.path("sub/b")) !== undefined);
  },
});

Deno.test({
  name: "FileLookup uses no cached file when the served directory changes",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeFiles({ "1/a": "one", "2/a": "two" });
    const current = tree.path("current");
    await Deno.symlink("1", current);
    const lookup = fileLookupFor(new ServedDirectory(current));
    using _ = later();
    assertEquals(read(lookup, `${current}/a`), "one");
    assert(lookup.cached(`${current}/a`) !== undefined);
    await Deno.symlink("2", tree.path("next"));
    await Deno.rename(tree.path("next"), current);
    await nextTurn();
    assertEquals(read(lookup, `${current}/a`), "two");
    await Deno.remove(current);
    await nextTurn();
    assertEquals(read(lookup, `${current}/a`), "missing");
  },
});

Deno.test({
  name: "FileLookup opens a file again that changes during the opening",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeFiles({ "sub/a": "the first one" });
    const path = tree.path("sub/a");
    const replace = () => {
      Deno.writeTextFileSync(tree.path("new"), "new");
      Deno.renameSync(tree.path("new"), path);
    };
    const changes: Record<
      string,
      [call: keyof FileSystem, () => void, string]
    > = {
      "replaced before": ["open", replace, "new"],
      "replaced after": ["lstat", replace, "new"],
      "truncated": ["realPath", () => Deno.truncateSync(path, 3), "the"],
      "removed": ["open", () => Deno.removeSync(path), "nothing"],
      "removed after": ["lstat", () => Deno.removeSync(path), "nothing"],
      "replaced each time": ["lstat", replace, "nothing"],
    };
    for (const [what, [at, change, wanted]] of Object.entries(changes)) {
      await Deno.writeTextFile(path, "the first one");
      let armed = false;
      const before = (call: keyof FileSystem) => {
        if (!armed || call !== at) return;
        armed = what === "replaced each time";
        change();
      };
      const system: FileSystem = {
        now: () => Date.now(),
        realPath: (path) => (before("realPath"), Deno.realPathSync(path)),
        lstat: (path) => (before("lstat"), Deno.lstatSync(path)),
        open: (path) => (before("open"), OpenFile.open(path)),
        list: (path) => [...Deno.readDirSync(path)],
      };
      const lookup = fileLookupFor(
        new ServedDirectory(tree.root, {}, system),
        0,
      );
      const found = lookup.locate(path);
      assert(found.kind === "file");
      armed = true;
      const file = lookup.open(path, found, describe);
      const text = file === undefined || "file" in file
        ? "nothing"
        : new TextDecoder().decode(file.bytes);
      assertEquals(text, wanted, what);
    }
  },
});

Deno.test("FileLookup caches small files only, within its capacity", async () => {
  await using tree = await makeFiles({
    "large": "x".repeat(256 * 1024 + 1),
    "a": "a".repeat(40_000),
    "b": "b".repeat(40_000),
    "c": "",
  });
  const lookup = fileLookupFor(new ServedDirectory(tree.root), 100_000);
  using _ = later();
  assertEquals(read(lookup, tree.path("large")), "open");
  for (const name of ["a", "b", "c"]) read(lookup, tree.path(name));
  const kept = () =>
    ["large", "a", "b", "c"].filter((name) =>
      lookup.cached(tree.path(name)) !== undefined
    );
  assertEquals(kept(), ["a", "b", "c"]);
  await Deno.writeTextFile(tree.path("d"), "d".repeat(30_000));
  read(lookup, tree.path("d"));
  // The oldest one was evicted.
  assertEquals(kept(), ["b", "c"]);
});

Deno.test("isSpelledAs compares real and requested paths on each system", () => {
  const cases: [
    root: string,
    below: string,
    path: string,
    same: boolean,
  ][] = [
    ["/srv", "/a.txt", "/srv/a.txt", true],
    ["/srv", "/b/a.txt", "/srv/b/a.txt", true],
    ["/", "a.txt", "/a.txt", true],
    ["/srv", "/link/a.txt", "/srv/b/a.txt", false],
    ["/srv", "/A.txt", "/srv/a.txt", false],
    ["C:\\srv", "/a.txt", "C:\\srv\\a.txt", true],
    ["C:\\srv", "/b/c/a.txt", "C:\\srv\\b\\c\\a.txt", true],
    ["C:\\", "/b/a.txt", "C:\\b\\a.txt", true],
    ["\\\\host\\share\\", "/a.txt", "\\\\host\\share\\a.txt", true],
    ["C:\\srv", "/A.TXT", "C:\\srv\\a.txt", false],
    ["C:\\srv", "/link/a.txt", "C:\\srv\\b\\a.txt", false],
  ];
  for (const [root, below, path, same] of cases) {
    const separator = root.startsWith("/") ? "/" : "\\";
    assertEquals(
      isSpelledAs({ root, path }, below, separator),
      same,
      path,
    );
  }
});

Deno.test("FileLookup returns nothing for a file that cannot be read", async () => {
  await using tree = await makeFiles({ "a": "a" });
  const lookup = fileLookupFor(new ServedDirectory(tree.root));
  using _ = stub(OpenFile.prototype, "readFullySync", () => () => false);
  assertEquals(read(lookup, tree.path("a")), "nothing");
});

Deno.test("FileLookup does not cache a file larger than its capacity", async () => {
  await using tree = await makeFiles({ "a": "a".repeat(1000) });
  const lookup = fileLookupFor(new ServedDirectory(tree.root), 100);
  using _ = later();
  read(lookup, tree.path("a"));
  assertEquals(lookup.cached(tree.path("a")), undefined);
});

Deno.test({
  name: "FileLookup closes a file that cannot be described",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using tree = await makeFiles({ "a": "a" });
    const lookup = fileLookupFor(new ServedDirectory(tree.root));
    const path = tree.path("a");
    const found = lookup.locate(path);
    assert(found.kind === "file");
    const fail = (): never => {
      throw new RangeError("No type");
    };
    assertThrows(() => lookup.open(path, found, fail), RangeError, "No type");
    assertEquals(openBelow(tree.root), []);
  },
});
