// Copyright 2026 the pystd authors. MIT license.

/** `--log-file`, with a log that is renamed while the command serves. */

import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertStringIncludes } from "@std/assert/string-includes";
import {
  type RunningCommand,
  runProgram,
  runToEnd,
  startCommand,
} from "./support/command.ts";
import { makeFiles, type TemporaryTree } from "./support/tree.ts";
import { waitUntil } from "./support/wait.ts";

const ignore = Deno.build.os === "windows";

function start(
  tree: TemporaryTree,
  ...more: string[]
): Promise<RunningCommand> {
  const log = tree.path("logs/a.log");
  return startCommand(["--log-file", log, ...more, tree.path("share")], {
    permissions: ["-NR", `--allow-write=${log}`, "--unstable-net"],
  });
}

function read(tree: TemporaryTree, name: string): string {
  try {
    return Deno.readTextFileSync(tree.path(`logs/${name}`));
  } catch {
    return "";
  }
}

async function ask(command: RunningCommand, path: string): Promise<void> {
  const response = await fetch(command.url(path));
  await response.body?.cancel();
}

Deno.test(
  { name: "--log-file appends the log to a file", ignore },
  async () => {
    for (const more of [[], ["--workers=2"], ["--log-format=json"]]) {
      await using tree = await makeFiles({
        "share/a.txt": "alpha",
        "logs/a.log": "before\n",
      });
      await using command = await start(tree, ...more);
      await ask(command, "/a.txt");
      await ask(command, "/none");
      const { code, stderr } = await command.stop();
      assertEquals([code, stderr], [0, ""]);
      const lines = read(tree, "a.log").split("\n");
      assertEquals(lines[0], "before");
      assertMatch(lines[1]!, /GET.*\/a\.txt/);
      assertStringIncludes(lines.slice(2).join("\n"), "/none");
    }
  },
);

Deno.test(
  { name: "--log-file is opened again after SIGHUP", ignore },
  async () => {
    await using tree = await makeFiles({ "share/a.txt": "alpha", "logs/": "" });
    await using command = await start(tree);
    await ask(command, "/a.txt?1");
    await waitUntil(() => read(tree, "a.log").includes("?1"));
    await Deno.rename(tree.path("logs/a.log"), tree.path("logs/a.log.1"));
    await ask(command, "/a.txt?2");
    await waitUntil(() => read(tree, "a.log.1").includes("?2"));
    Deno.kill(command.pid, "SIGHUP");
    await waitUntil(() =>
      [...Deno.readDirSync(tree.path("logs"))].length === 2
    );
    await ask(command, "/a.txt?3");
    await waitUntil(() => read(tree, "a.log").includes("?3"));
    assertEquals(read(tree, "a.log.1").split("\n").length, 3);
    assertEquals(read(tree, "a.log").includes("?2"), false);

    // If it cannot be opened again, the log continues in the open file.
    await Deno.rename(tree.path("logs"), tree.path("moved"));
    Deno.kill(command.pid, "SIGHUP");
    const moved = () => Deno.readTextFileSync(tree.path("moved/a.log"));
    await waitUntil(() => moved().includes("Cannot reopen the log"));
    await ask(command, "/a.txt?4");
    await waitUntil(() => moved().includes("?4"));
    assertEquals((await command.stop()).stderr, "");
  },
);

Deno.test("--log-file must be writable, and not be served", async () => {
  await using tree = await makeFiles({
    "share/in/old.log": "",
    "share/.logs/": "",
  });
  const cases: [path: string, problem: string][] = [
    ["none/a.log", "there is no such folder"],
    ["share/in/old.log", "clients could read the file"],
    ["share/in/new.log", "clients could read the file"],
    ["share/new.log", "clients could read the file"],
    ["share", "it cannot be opened for writing"],
  ];
  if (!ignore) {
    await runProgram("mkfifo", [tree.path("fifo")]);
    cases.push(["fifo", "it cannot be opened for writing"]);
  }
  for (const [path, problem] of cases) {
    const log = tree.path(path);
    const { code, stderr } = await runToEnd(
      ["--port=0", "--log-file", log, tree.path("share")],
      { permissions: ["-NRW"] },
    );
    assertEquals([path, code], [path, 1]);
    assertMatch(stderr, /^http-server: Cannot [^\n]+\n$/);
    assertStringIncludes(stderr, problem);
  }
  assertEquals([...Deno.readDirSync(tree.path("share/in"))].length, 1);
  const hidden = tree.path("share/.logs/a.log");
  await using command = await startCommand(
    ["--log-file", hidden, tree.path("share")],
    { permissions: ["-NRW"] },
  );
  await ask(command, "/");
  await waitUntil(() => Deno.readTextFileSync(hidden).includes("GET / "));
});
