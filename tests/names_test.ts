// Copyright 2026 the pystd authors. MIT license.

/**
 * Names that differ from the request: octets that are not UTF-8, and other
 * normal forms of Unicode.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { ShareHTTPRequestHandler } from "../handlers/share.ts";
import { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import { isInstalled, runProgram, startCommand } from "./support/command.ts";
import { serveUploads } from "./support/sharing.ts";
import { TestServer } from "./support/server.ts";
import { makeFiles } from "./support/tree.ts";

/** Needs a file system that stores octets unchanged. */
const POSIX = Deno.build.os === "linux";
const NFC = "caf\u00e9";
const NFD = "cafe\u0301";

async function get(port: number, path: string): Promise<[number, string]> {
  const response = await fetch(`http://127.0.0.1:${port}/${path}`);
  return [response.status, await response.text()];
}

for (const Base of [SimpleHTTPRequestHandler, ShareHTTPRequestHandler]) {
  Deno.test({
    name: `${Base.name} finds a name in another normal form`,
    ignore: !POSIX,
    async fn() {
      await using tree = await makeFiles({
        [`${NFD}.txt`]: "d",
        [`${NFC}/${NFD}/a.txt`]: "a",
        "both/\u00e9": "c",
        "both/e\u0301": "d",
        "two/\u1e0b\u0323": "1",
        "two/d\u0323\u0307": "2",
      });
      await Deno.symlink("/etc", tree.path(`link${NFD}`));
      const Handler = Base.with({ directory: tree.root });
      await using server = new TestServer(Handler);
      const cases: [path: string, status: number, text?: string][] = [
        [`${NFC}.txt`, 200, "d"],
        [`${NFD}.txt`, 200, "d"],
        [`${NFD}/${NFC}/a.txt`, 200, "a"],
        [`${NFD}/${NFC}/b.txt`, 404],
        // An existing name is used unchanged.
        ["both/\u00e9", 200, "c"],
        ["both/e\u0301", 200, "d"],
        // Two names with one text: neither is used.
        ["two/\u1e0d\u0307", 404],
        [`link${NFC}`, 404],
        [`link${NFC}/passwd`, 404],
      ];
      for (const [path, status, text] of cases) {
        const answer = await get(server.port, encodeURI(path));
        assertEquals(answer[0], status, path);
        if (text !== undefined) assertEquals(answer[1], text, path);
      }
    },
  });
}

Deno.test("Uploads refuses a name that is not UTF-8", async () => {
  await using sharing = await serveUploads();
  for (const name of ["%e9.txt", "a%ff/b.txt?parents", "%ef%bf%bd"]) {
    const put = await sharing.fetch(`/${name}`, { method: "PUT", body: "x" });
    assertEquals([put.status, put.text], [400, "400 Bad file name\n"], name);
  }
  assertEquals(sharing.list(), []);
});

Deno.test({
  name: "cli reports names that are not UTF-8",
  ignore: !POSIX || !isInstalled("python3") || !isInstalled("bsdtar"),
  async fn() {
    await using tree = await makeFiles({ "a.txt": "a" });
    const script = "import os,sys; " +
      "open(os.fsencode(sys.argv[1]) + b'/caf\\xe9.txt', 'w')";
    const made = await runProgram("python3", ["-c", script, tree.root]);
    assertEquals(made.code, 0, made.stderr);
    await using command = await startCommand([tree.root, "--archive"]);
    for (const format of ["zip", "tar.gz"]) {
      const url = `http://127.0.0.1:${command.port}/?archive=${format}`;
      const file = tree.path(format);
      await Deno.writeFile(file, (await fetch(url)).body!);
      const listed = await runProgram("bsdtar", [
        "-xOf",
        file,
        "*/NOT-INCLUDED.txt",
      ]);
      assert(listed.stdout.includes("caf\ufffd.txt\n"), listed.stderr);
      await Deno.remove(file);
    }
    for (let i = 0; i < 2; i++) {
      const page = await fetch(`http://127.0.0.1:${command.port}/`);
      assert((await page.text()).includes("the name is not UTF-8"));
    }
    assertEquals((await get(command.port, "caf%e9.txt"))[0], 404);
    await command.stop();
    const lines = command.stderr.split("\n")
      .filter((line) => line.includes("not UTF-8"));
    assertEquals(lines.length, 1, command.stderr);
  },
});
