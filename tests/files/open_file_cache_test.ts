// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { markFilesChanged } from "../../files/freshness.ts";
import { FileLookup } from "../../files/lookup.ts";
import { OpenFileCache } from "../../files/open_file_cache.ts";
import { ServedDirectory } from "../../files/served_directory.ts";
import { TimeLimitChecker } from "../../io/time_limits.ts";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { ask } from "../support/client.ts";
import { TestServer } from "../support/server.ts";
import { makeFiles, openBelow } from "../support/tree.ts";
import { waitUntil } from "../support/wait.ts";

const POSIX = Deno.build.os !== "windows";
const LINUX = Deno.build.os === "linux";
/** Larger than the files that are kept in memory. */
const LARGE = 300_000;
const describe = () => ({ type: "video/mp4", etag: '"1"', lastModified: "" });
/** Waits for the next turn, in which checks of the disk are no longer valid. */
const nextTurn = (): Promise<void> => Promise.resolve();

function large(start: string): string {
  return start.padEnd(LARGE);
}

/** A checker with one connection, until it is disposed. */
class Checker extends TimeLimitChecker implements Disposable {
  #connection = { check: () => false, closeIfIdle: () => {} };

  constructor(interval = 60_000) {
    super(interval);
    this.add(this.#connection);
  }

  [Symbol.dispose](): void {
    this.delete(this.#connection);
  }
}

/** Reads the first bytes of a file by a lookup, as a handler does. */
function read(
  lookup: FileLookup,
  path: string,
  checker?: TimeLimitChecker,
): string {
  let file = lookup.cached(path);
  if (file === undefined) {
    const found = lookup.locate(path);
    if (found.kind !== "file") return found.kind;
    file = lookup.open(path, found, describe, checker);
  }
  if (file === undefined) return "nothing";
  const { type, etag, info } = file;
  assertEquals([type, etag, info.size > 0], ["video/mp4", '"1"', true]);
  const bytes = new Uint8Array(5);
  if ("bytes" in file) bytes.set(file.bytes.subarray(0, 5));
  else {
    assert(file.file.readFullySync(bytes, 0));
    file.file.close();
  }
  return new TextDecoder().decode(bytes).trim();
}

function makeLookup(root: string, freshFor = 0): FileLookup {
  const options = { cacheBytes: 0, freshFor };
  return new FileLookup(new ServedDirectory(root), options);
}

Deno.test({
  name: "FileLookup keeps a large file open while it is the one on disk",
  ignore: !POSIX,
  async fn() {
    await using tree = await makeFiles({
      "sub/a": large("first"),
      "out/a": large("outer"),
      "b": large("b"),
    });
    const path = tree.path("sub/a");
    const lookup = makeLookup(tree.root);
    using checker = new Checker();
    const changes: Record<string, [() => void, string]> = {
      "nothing": [() => {}, "first"],
      "rewritten": [() => Deno.writeTextFileSync(path, large("2nd")), "2nd"],
      "replaced": [() => {
        Deno.writeTextFileSync(tree.path("new"), large("third"));
        Deno.renameSync(tree.path("new"), path);
      }, "third"],
      "removed": [() => Deno.removeSync(path), "missing"],
      "made again": [() => Deno.writeTextFileSync(path, large("4th")), "4th"],
      "a link": [() => {
        Deno.removeSync(path);
        Deno.symlinkSync("../b", path);
      }, "b"],
      "a file again": [() => {
        Deno.removeSync(path);
        Deno.writeTextFileSync(path, large("5th"));
      }, "5th"],
      "in another folder": [() => {
        Deno.renameSync(tree.path("sub"), tree.path("aside"));
        Deno.renameSync(tree.path("out"), tree.path("sub"));
      }, "outer"],
      "behind a link": [() => {
        Deno.renameSync(tree.path("sub"), tree.path("out"));
        Deno.symlinkSync("out", tree.path("sub"));
      }, "outer"],
    };
    for (const [what, [change, wanted]] of Object.entries(changes)) {
      change();
      for (let turn = 0; turn < 3; turn++) {
        await nextTurn();
        assertEquals(read(lookup, path, checker), wanted, what);
      }
      // What is no longer at the path is closed at once.
      const behindLink = what === "a link" || what === "behind a link";
      const open = wanted === "missing" || behindLink ? 0 : 1;
      if (LINUX) assertEquals(openBelow(tree.root).length, open, what);
    }
  },
});

Deno.test("FileLookup opens a file once for many requests", async () => {
  await using tree = await makeFiles({ "a": large("first") });
  const lookup = makeLookup(tree.root);
  using checker = new Checker();
  const path = tree.path("a");
  assertEquals(read(lookup, path, checker), "first");
  await nextTurn();
  const one = lookup.cached(path);
  const two = lookup.cached(path);
  assert(one !== undefined && "file" in one);
  assert(two !== undefined && "file" in two);
  if (LINUX) assertEquals(openBelow(tree.root).length, 1);
  // Each has a position of its own, and closing one leaves the other open.
  const [a, b] = [new Uint8Array(3), new Uint8Array(3)];
  await one.file.read(a);
  one.file.close();
  two.file.seekSync(1, Deno.SeekMode.Start);
  await two.file.read(b);
  assertEquals(new TextDecoder().decode(a), "fir");
  assertEquals(new TextDecoder().decode(b), "irs");
  lookup.cached(path);
  markFilesChanged();
  assertEquals(two.file.readFullySync(a, 2), true);
  assertEquals(new TextDecoder().decode(a), "rst");
  two.file.close();
});

Deno.test({
  name: "FileLookup closes a file that nobody has used between two checks",
  ignore: !LINUX,
  async fn() {
    await using tree = await makeFiles({ "a": large("first") });
    const lookup = makeLookup(tree.root);
    using checker = new Checker(20);
    read(lookup, tree.path("a"), checker);
    assertEquals(openBelow(tree.root).length, 1);
    await waitUntil(() => openBelow(tree.root).length === 0);
  },
});

Deno.test({
  name: "FileLookup closes all files with the last connection",
  ignore: !LINUX,
  async fn() {
    await using tree = await makeFiles({ "a": large("a"), "b": large("b") });
    const lookup = makeLookup(tree.root);
    {
      using checker = new Checker();
      read(lookup, tree.path("a"), checker);
      read(lookup, tree.path("b"), checker);
      assertEquals(openBelow(tree.root).length, 2);
    }
    assertEquals(openBelow(tree.root), []);
    // Nobody would close it without a connection.
    read(lookup, tree.path("a"), new TimeLimitChecker(1000));
    read(lookup, tree.path("a"));
    assertEquals(openBelow(tree.root), []);
  },
});

Deno.test({
  name: "FileLookup closes all files when this process changes files",
  ignore: !LINUX,
  async fn() {
    await using tree = await makeFiles({ "a": large("a") });
    const lookup = makeLookup(tree.root, 60_000);
    using checker = new Checker();
    read(lookup, tree.path("a"), checker);
    await Deno.remove(tree.path("a"));
    // The operator has allowed this.
    assertEquals(read(lookup, tree.path("a"), checker), "a");
    markFilesChanged();
    assertEquals(openBelow(tree.root), []);
    assertEquals(read(lookup, tree.path("a"), checker), "missing");
  },
});

Deno.test({
  name: "FileLookup keeps no more than 64 files open, in all lookups together",
  ignore: !LINUX,
  async fn() {
    const names = Array.from({ length: 70 }, (_, i) => `f${i}`);
    await using tree = await makeFiles(
      Object.fromEntries(names.map((name) => [name, large(name)])),
    );
    using checker = new Checker();
    const lookups = [makeLookup(tree.root), makeLookup(tree.root)];
    for (const lookup of lookups) {
      for (const name of names) {
        assertEquals(read(lookup, tree.path(name), checker), name);
        assert(openBelow(tree.root).length <= 64);
      }
    }
    // The oldest were closed.
    assertEquals(lookups[0].cached(tree.path("f0")), undefined);
    assertEquals(openBelow(tree.root).length, 64);
  },
});

Deno.test("OpenFileCache.delete ignores a path that it does not have", () => {
  new OpenFileCache().delete("/none");
});

Deno.test("SimpleHTTPRequestHandler serves parts of a file that it keeps open", async () => {
  await using tree = await makeFiles({ "a": large("0123456789") });
  {
    await using server = new TestServer(
      SimpleHTTPRequestHandler.with({ directory: tree.root }),
    );
    const request = (range: string): string =>
      `GET /a HTTP/1.1\r\nHost: localhost\r\nRange: bytes=${range}\r\n`;
    const answers = await ask(
      server.port,
      `${request("2-4")}\r\n${request("0-1")}\r\n${request("5-5,7-8")}\r\n` +
        `${request("0-299999")}\r\n${request("3-9")}Connection: close\r\n\r\n`,
    );
    assertEquals(answers.map(({ status }) => status), Array(5).fill(206));
    const bodies = answers.map(({ body }) => body.slice(0, 10).trim());
    assertEquals([bodies[0], bodies[1]], ["234", "01"]);
    assert(answers[2].body.includes("\r\n\r\n5\r\n"));
    assertEquals(answers[3].body, large("0123456789"));
    assertEquals(bodies[4], "3456789");
  }
  assertEquals(openBelow(tree.root), []);
});
