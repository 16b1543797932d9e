// Copyright 2026 the pystd authors. MIT license.

/** `--config`: flags from a JSON file, which the command line overrides. */

import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertStringIncludes } from "@std/assert/string-includes";
import { assertThrows } from "@std/assert/throws";
import { withConfig } from "../cli/config.ts";
import { UsageError } from "../cli/errors.ts";
import { FLAG_GROUPS, readCommandLine } from "../cli/flags.ts";
import { readSettings, type Settings } from "../cli/settings/settings.ts";
import { runToEnd, startCommand } from "./support/command.ts";
import { makeFiles } from "./support/tree.ts";

async function settingsOf(
  config: unknown,
  ...args: string[]
): Promise<Settings> {
  await using tree = await makeFiles({ "c.json": JSON.stringify(config) });
  const line = readCommandLine(args);
  return readSettings(withConfig(line, tree.path("c.json"), args));
}

Deno.test("withConfig reads every flag as the command line does", async () => {
  const flags = FLAG_GROUPS.flatMap((group) => group.flags).filter(({ name }) =>
    !["config", "completions", "help", "version"].includes(name)
  );
  for (const { name, value, choices, repeatable, optionalValue } of flags) {
    const text = choices?.[0] ?? "1";
    const pairs: [unknown, string][] = value === undefined
      ? [[true, `--${name}`]]
      : [[text, `--${name}=${text}`]];
    if (optionalValue) pairs.push([true, `--${name}`]);
    if (repeatable) pairs.push([[text], `--${name}=${text}`]);
    for (const [config, argument] of pairs) {
      await using tree = await makeFiles({
        "c.json": JSON.stringify({ [name]: config }),
      });
      assertEquals(
        withConfig(readCommandLine([]), tree.path("c.json"), []),
        readCommandLine([argument]),
      );
    }
  }
});

Deno.test("withConfig gives the command line precedence", async () => {
  const config = {
    directory: "d",
    port: 9000,
    title: "t",
    spa: false,
    dotfiles: false,
    "clean-urls": true,
    header: ["A: 1", "B: 2"],
  };
  const cases: [args: string[], wanted: Partial<Settings>][] = [
    [[], { directory: "d", port: 9000, title: "t", cleanUrls: true }],
    [[], { spa: false, dotfiles: false, headers: [["A", "1"], ["B", "2"]] }],
    [["e"], { directory: "e", port: 9000 }],
    [["-d", "e"], { directory: "e", port: 9000 }],
    [["80"], { directory: "d", port: 80 }],
    [["--port=80"], { directory: "d", port: 80 }],
    [["-p", "80"], { directory: "d", port: 80 }],
    [["e", "80", "--title=u"], { directory: "e", port: 80, title: "u" }],
    [["-H", "C: 3"], { headers: [["C", "3"]] }],
    [["--spa", "--dotfiles"], { spa: true, dotfiles: true }],
  ];
  for (const [args, wanted] of cases) {
    const settings = await settingsOf(config, ...args);
    for (const [name, value] of Object.entries(wanted)) {
      assertEquals(settings[name as keyof Settings], value, `${args} ${name}`);
    }
  }
});

Deno.test("withConfig explains an invalid file", async () => {
  const cases: [text: string, problem: string][] = [
    ["", "it is not JSON: "],
    ["{", "it is not JSON: "],
    ["[]", "expected an object"],
    ["null", "expected an object"],
    ['{"titel": "x"}', 'there is no flag "--titel"'],
    ['{"help": true}', 'there is no flag "--help"'],
    ['{"config": "x"}', 'there is no flag "--config"'],
    ['{"quiet": "yes"}', '"quiet" must be true or false'],
    ['{"title": true}', '"title" must be a text or a number'],
    ['{"title": ""}', '"title" must be a text or a number'],
    ['{"title": ["x"]}', '"title" must be a text or a number'],
    ['{"header": [1, null]}', '"header" must be a text or a number that is'],
    ['{"spa": {}}', "or true"],
  ];
  for (const [text, problem] of cases) {
    await using tree = await makeFiles({ "c.json": text });
    const path = tree.path("c.json");
    const { message } = assertThrows(
      () => withConfig(readCommandLine([]), path, []),
      UsageError,
      `Cannot use the settings in "${path}": `,
    );
    assertStringIncludes(message, problem);
  }
});

Deno.test("cli serves with the settings of --config", async () => {
  await using tree = await makeFiles({
    "share/a.txt": "alpha",
    "c.json": '{"directory": "share", "auth": "ann:s3cret", "quiet": true}',
  });
  const permissions = [
    "--allow-net=127.0.0.1",
    "--allow-read=share,c.json",
  ];
  const options = { permissions, cwd: tree.root };
  await using command = await startCommand(["--config", "c.json"], options);
  const ask = async (headers: Record<string, string>): Promise<number> => {
    const response = await fetch(command.url("/a.txt"), { headers });
    await response.body?.cancel();
    return response.status;
  };
  assertEquals(await ask({}), 401);
  const basic = { authorization: `Basic ${btoa("ann:s3cret")}` };
  assertEquals(await ask(basic), 200);
  const { code, stdout, stderr } = await command.stop();
  assertEquals([code, stderr], [0, ""]);
  assertEquals(stdout.includes("s3cret"), false);
});

Deno.test("cli names the file of --config that it cannot use", async () => {
  await using tree = await makeFiles({
    "share/c.json": '{"auth": ["ann:s3cret"]}',
    "share/open.json": '{"title": "t"}',
    "bad.json": '{"port": 70000}',
  });
  const cases: [file: string, permissions: string[], problem: RegExp][] = [
    ["none.json", ["-NR"], /settings in "none\.json": there is no such file/],
    ["bad.json", ["-NR"], /Invalid port "70000"/],
    ["bad.json", ["-N"], /without --allow-read=bad\.json; run: deno run /],
    ["share/c.json", ["-NR"], /clients could read the file "share\/c\.json"/],
  ];
  for (const [file, permissions, problem] of cases) {
    const { code, stderr } = await runToEnd(
      ["share", "--config", file],
      { permissions, cwd: tree.root },
    );
    assertEquals(code > 0, true);
    assertMatch(stderr, /^http-server: [^\n]+\n$/);
    assertMatch(stderr, problem);
    assertEquals(stderr.includes("s3cret"), false);
  }
  // Without passwords, the file may be in the directory.
  const args = ["share", "--config=share/open.json"];
  await using command = await startCommand(args, { cwd: tree.root });
  const page = await fetch(command.url("/"), {
    headers: { accept: "text/html" },
  });
  assertStringIncludes(await page.text(), "<title>t</title>");
});
