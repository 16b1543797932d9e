// Copyright 2026 the pystd authors. MIT license.

/**
 * SIGKILL at random moments during PUT, MOVE, COPY and DELETE: no half file has a
 * final name, and nothing is lost. `KILLS` sets the number of moments.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { removeLeftovers } from "../files/leftovers.ts";
import { pause } from "./support/client.ts";
import { startCommand } from "./support/command.ts";
import { makeFiles, type TemporaryTree } from "./support/tree.ts";

const KILLS = Number(Deno.env.get("KILLS") ?? 6);

/** The size of each file: some pieces of a copy. */
const SIZE = 600_000;
/** The files of the folder that is copied. */
const NAMES = ["a", "b", "sub/c"];

/** The bytes of a version of a file. */
function bytes(version: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(SIZE).fill(version + 1);
}

/** Sends requests one after the other until the server is killed. */
async function until(
  killed: AbortSignal,
  send: (count: number) => Promise<Response>,
): Promise<void> {
  for (let count = 0; !killed.aborted; count++) {
    try {
      const response = await send(count);
      await response.body?.cancel();
      assert(response.status < 300, `${response.url} ${response.status}`);
    } catch (error) {
      if (!(error instanceof TypeError)) throw error;
      return; // the connection has ended
    }
  }
}

/** Lists the files with their paths below the folder. */
function* list(folder: string, prefix = ""): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (isDirectory) yield* list(`${folder}/${name}`, `${prefix}${name}/`);
    else yield prefix + name;
  }
}

/** Checks that a file is whole, and returns its version. */
function version(tree: TemporaryTree, path: string): number {
  const content = Deno.readFileSync(tree.path("share", path));
  assertEquals(content.length, SIZE, path);
  assert(content.every((byte) => byte === content[0]), path);
  return content[0] - 1;
}

Deno.test("SIGKILL during PUT, MOVE, COPY and DELETE loses nothing and leaves no half file", async () => {
  await using tree = await makeFiles({
    "share/put/": "",
    "share/moved/": "",
    "share/copies/": "",
    "share/tree/sub/": "",
  });
  const share = tree.path("share");
  await Deno.writeFile(`${share}/moved/0`, bytes(7));
  await Deno.writeFile(`${share}/top0`, bytes(8));
  for (const name of NAMES) {
    await Deno.writeFile(`${share}/tree/${name}`, bytes(9));
  }
  await Deno.mkdir(`${share}/folder0`);
  await Deno.writeFile(`${share}/folder0/in`, bytes(10));
  const seen = { left: 0 };
  for (let round = 0; round < KILLS; round++) {
    await using command = await startCommand(["--manage", "-q", share], {
      permissions: [
        "--allow-net=127.0.0.1",
        `--allow-read=${share}`,
        `--allow-write=${share}`,
      ],
    });
    const killed = new AbortController();
    const request = (
      method: string,
      path: string,
      to?: string,
      body?: Uint8Array<ArrayBuffer>,
    ): Promise<Response> =>
      fetch(command.url(path), {
        method,
        body,
        headers: to === undefined ? {} : { Destination: to },
      });
    const find = (folder: string, pattern: RegExp): string =>
      Array.from(Deno.readDirSync(`${share}${folder}`), ({ name }) => name)
        .filter((name) => pattern.test(name)).sort()[0]!;
    let moved = `/moved/${find("/moved", /^\d/)}`;
    let top = `/${find("/", /^top/)}`;
    let folder = `/${find("/", /^folder/)}`;
    const working = [
      until(
        killed.signal,
        (i) => request("PUT", "/put/x", undefined, bytes(i % 5)),
      ),
      until(killed.signal, (i) => {
        const from = moved;
        return request("MOVE", from, moved = `/moved/${round}-${i}`);
      }),
      until(killed.signal, (i) => {
        const from = top;
        return request("MOVE", from, top = `/top${round}-${i}`);
      }),
      until(killed.signal, (i) => {
        const from = folder;
        return request("MOVE", from, folder = `/folder${round}-${i}`);
      }),
      until(killed.signal, () => request("COPY", "/tree", "/copies/tree")),
      until(
        killed.signal,
        (i) =>
          i % 2 === 0
            ? request("COPY", "/tree/a", "/copies/a")
            : request("DELETE", "/copies/a"),
      ),
    ];
    await pause(Math.random() * 300);
    killed.abort();
    Deno.kill(command.pid, "SIGKILL");
    await Promise.all(working);
    // Its locks end with it, a moment after its connections.
    await command[Symbol.asyncDispose]();
    // What the next start does.
    seen.left += await removeLeftovers(share, Date.now() + 1000);

    const files = [...list(share)];
    assertEquals(files.filter((path) => path.includes(".pystd-")), []);
    const matching = (pattern: RegExp): string[] =>
      files.filter((path) => pattern.test(path));
    for (const path of files) version(tree, path);
    const counts = [/^moved\//, /^top/, /^folder.*\/in$/, /^tree\//]
      .map((pattern) => matching(pattern).length);
    assertEquals(counts, [1, 1, 1, 3], files.join());
    assertEquals(version(tree, matching(/^moved\//)[0]), 7);
    assertEquals(version(tree, matching(/^top/)[0]), 8);
    // A copy of the folder is whole, or it is not there.
    const copied = matching(/^copies\/tree\//).length;
    assert(copied === 0 || copied === NAMES.length, files.join());
  }
  if (KILLS >= 100) console.log(seen);
});
