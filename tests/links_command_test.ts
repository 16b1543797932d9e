// Copyright 2026 the pystd authors. MIT license.

/** Signed links of `--link`, by the command itself. */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import {
  type RunningCommand,
  runToEnd,
  startCommand,
} from "./support/command.ts";
import { signedIn } from "./support/rights.ts";
import { makeFiles, type TemporaryTree } from "./support/tree.ts";

function makeShare(): Promise<TemporaryTree> {
  return makeFiles({
    "share/a/x.txt": "x",
    "share/b.txt": "b",
    "share/.hidden": "hush",
    "key": "0123456789abcdef0123456789abcdef",
    "short": "0123456789abcdef",
    "share/key": "0123456789abcdef0123456789abcdef",
  });
}

/** The path of the link that the command prints for a path. */
async function printedLink(
  command: RunningCommand,
  path: string,
): Promise<string> {
  const [, link] = await command.says(
    new RegExp(`^Link to ${path} .*:\n {2}http://[^/]+(/\\S+)$`, "m"),
  );
  return link;
}

async function statusOf(
  command: RunningCommand,
  path: string,
  user = "",
): Promise<number> {
  const response = await fetch(command.url(path), { headers: signedIn(user) });
  await response.body?.cancel();
  return response.status;
}

function start(
  tree: TemporaryTree,
  ...flags: string[]
): Promise<RunningCommand> {
  return startCommand(["--auth=ann:secret", ...flags, "share"], {
    cwd: tree.root,
    permissions: ["--allow-net", "--allow-read", "--unstable-net"],
  });
}

/** Flags, and the message. */
const WRONG: [flags: string[], message: string][] = [
  [["--link=none"], 'Cannot make the link "none": there is no such file'],
  [["--link=.hidden"], "there is no such file or folder"],
  [["--link=../key"], 'Cannot make the link "../key": the path has ".."'],
  [["--link=a=1y"], "the time must be a number with m, h or d"],
  [["--link=a=0h"], "the time must be a number with m, h or d"],
  [["--link=a=999d"], "the time is more than 366 days"],
  [["--link-key=none"], 'Cannot read "none": there is no such file'],
  [["--link-key=short"], 'Cannot sign links with "short": it has less than 32'],
  [["--link-key=share/key"], 'the file "share/key" of "--link-key"'],
  [["--link=a", "--plain"], "cannot be combined"],
];

Deno.test("cli does not start with links that are wrong", async (t) => {
  await using tree = await makeShare();
  for (const [flags, message] of WRONG) {
    await t.step(flags.join(" "), async () => {
      const args = ["--auth=ann:secret", ...flags, "share"];
      const { code, stderr } = await runToEnd(args, { cwd: tree.root });
      assertStringIncludes(stderr, message);
      assertEquals(stderr.trim().split("\n").length, 1, stderr);
      assert(code === 1 || code === 2);
    });
  }
  const { stderr } = await runToEnd(["--link=a", "share"], { cwd: tree.root });
  assertStringIncludes(stderr, 'Option "--link" requires "--auth"');
});

Deno.test("cli prints links that need no password", async () => {
  await using tree = await makeShare();
  await using command = await start(tree, "--link=/a/=90m", "--link=b.txt");
  const folder = await printedLink(command, "/a");
  const file = await printedLink(command, "/b.txt");
  assertEquals(await statusOf(command, folder), 200);
  assertEquals(await statusOf(command, file), 200);
  assertEquals(await statusOf(command, "/b.txt"), 401);
  assertEquals(await statusOf(command, folder.replace("/a/", "/")), 403);
  const [, day] = await command.says(/\/b\.txt .* until (\S+)T\S+:/);
  const days = (Date.parse(day) - Date.now()) / (24 * 60 * 60 * 1000);
  assert(days > 5 && days < 8, day);
  const { stdout, stderr } = await command.stop();
  const token = folder.split("?link=")[1];
  assertEquals(stdout.split(token).length, 2);
  assert(!stderr.includes(token), stderr);
});

Deno.test("processes with one key accept each other's links", async () => {
  await using tree = await makeShare();
  await using one = await start(tree, "--link-key=key", "--link=a");
  await using two = await start(tree, "--link-key=key");
  await using other = await start(tree, "--link=b.txt");
  const link = await printedLink(one, "/a");
  assertEquals(await statusOf(two, link), 200);
  assertEquals(await statusOf(other, link), 403);
  const answer = await fetch(two.url("/b.txt?share=1h"), {
    headers: { ...signedIn("ann"), Accept: "application/json" },
  });
  const made: { link: string } = await answer.json();
  assertEquals(await statusOf(one, made.link), 200);
  await one.stop();
  await using again = await start(tree, "--link-key=key");
  assertEquals(await statusOf(again, link), 200);
});

Deno.test({
  name: "workers accept the links that the command prints",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using tree = await makeShare();
    await using command = await start(tree, "--workers=2", "--link=a");
    const link = await printedLink(command, "/a");
    for (let i = 0; i < 8; i++) {
      assertEquals(await statusOf(command, link), 200);
      assertEquals(await statusOf(command, "/a/"), 401);
    }
  },
});

Deno.test({
  name: "cli opens a zip file once, whatever the number of links",
  ignore: Deno.build.os !== "linux",
  async fn() {
    await using tree = await makeFiles({
      // A zip file without entries.
      "a.zip": new Uint8Array(22).fill(0).map((_, i) =>
        [0x50, 0x4b, 5, 6][i] ?? 0
      ),
    });
    const path = await Deno.realPath(tree.path("a.zip"));
    const links = ["--link=/", "--link=/=1h", "--link=/=2h"];
    await using command = await startCommand([
      "--auth=ann:secret",
      ...links,
      path,
    ]);
    await printedLink(command, "/");
    const files = `/proc/${command.pid}/fd`;
    const open: string[] = [];
    for await (const { name } of Deno.readDir(files)) {
      open.push(await Deno.readLink(`${files}/${name}`).catch(() => ""));
    }
    assertEquals(open.filter((file) => file === path).length, 1);
  },
});
