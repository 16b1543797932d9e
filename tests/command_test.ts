// Copyright 2026 the pystd authors. MIT license.

/**
 * The command's output and addresses.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertStringIncludes } from "@std/assert/string-includes";
import { delay } from "@std/async/delay";
import { helpText } from "../cli/help.ts";
import { field } from "./support/answers.ts";
import { ask } from "./support/client.ts";
import { CLI, runProgram, runToEnd, startCommand } from "./support/command.ts";
import { makeFiles, makeTree } from "./support/tree.ts";

const GET =
  "GET /hello.txt HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
const FILES = { "share/hello.txt": "hello\n" };
const POSIX = Deno.build.os !== "windows";

Deno.test("helpText fits a screen", () => {
  const lines = helpText().trimEnd().split("\n");
  assert(lines.length <= 75, `${lines.length} lines`);
  for (const line of lines) assert(line.length <= 80, line);
});

/** Arguments, exit status, output. */
const WRONG: [args: string[], message: string][] = [
  [["--ln"], 'Unknown option "--ln"; did you mean "--lan"?'],
  [["--quite"], 'Unknown option "--quite"; did you mean "--quiet"?'],
  [["--follow"], 'did you mean "--follow-symlinks"?'],
  [["--tls-crt=x"], 'did you mean "--tls-cert"?'],
  [["--xyzzy"], 'Unknown option "--xyzzy" ('],
  [["--host=0.0.0.0"], 'Unknown option "--host=0.0.0.0"; here it is --bind'],
  [["-a", "0.0.0.0"], 'Unknown option "-a"; here it is --bind ADDRESS, or'],
  [["-c-1"], 'Unknown option "-c-1"; here it is --cache-control VALUE'],
  [["share", "-NR"], "Deno's flags go before the module"],
  [["--port", "70000"], 'Invalid port "70000"'],
  [["8000", "9000"], 'More than one port was given: "8000" and "9000"'],
  [["a", "b"], 'More than one directory was given: "a" and "b"'],
  [["--port"], 'Option "--port" requires a value'],
  [["--lan", "-b", "::1"], 'Options "--lan" and "--bind" cannot be combined'],
  [["--unix=s", "8000"], 'Options "--unix" and "--port" cannot be combined'],
  [
    ["--tls-self-signed", "--tls-cert=c"],
    'Options "--tls-cert" and "--tls-self-signed" cannot be combined',
  ],
  [["--tls-password-file=p"], '"--tls-password-file" requires "--tls-cert"'],
  [
    ["-b", "0.0.0.0:8013"],
    'Invalid address "0.0.0.0:8013": the port is a separate option; use --bind 0.0.0.0 --port 8013',
  ],
  [["-b", "[::1]:80"], "use --bind [::1] --port 80"],
  [["-b", ":80"], "use --bind 0.0.0.0 --port 80"],
  [
    ["-b", "http://127.0.0.1"],
    "expected a name, or an address such as 127.0.0.1 or ::1",
  ],
  [["-b", "127.0.0.1/24"], 'Invalid address "127.0.0.1/24": expected a name'],
  [["-b", "*"], 'Invalid address "*": expected a name'],
];

Deno.test("cli prints usage errors in one line, with status 2", async (t) => {
  for (const [args, message] of WRONG) {
    await t.step(args.join(" "), async () => {
      const ended = await runToEnd(args, { permissions: [] });
      assertEquals([ended.code, ended.stdout], [2, ""]);
      assertMatch(ended.stderr, /^http-server: [^\n]+\n$/);
      assertStringIncludes(ended.stderr, message);
    });
  }
});

Deno.test("cli prints the line to type when a permission is missing", async (t) => {
  await using tree = await makeFiles({ ...FILES, "my share/": "" });
  const rows: [args: string[], permissions: string[], line: string][] = [
    [
      ["share"],
      [],
      `deno run --allow-net=127.0.0.1:8000 --allow-read=share ${CLI} share`,
    ],
    [
      ["-b", "::1", "my share"],
      ["--allow-net"],
      `deno run '--allow-net=[::1]:8000' '--allow-read=my share' ${CLI} -b ::1 'my share'`,
    ],
    [
      ["--unix=s", "share"],
      ["--allow-net", "--allow-read"],
      `deno run --allow-net=unix:${tree.path("s")} --allow-read=${
        tree.path("s")
      },share --allow-write=${tree.path("s")} ${CLI} --unix=s share`,
    ],
  ];
  for (const [args, permissions, line] of rows) {
    await t.step(args.join(" "), async () => {
      const ended = await runToEnd(args, { permissions, cwd: tree.root });
      assertEquals([ended.code, ended.stdout], [1, ""]);
      assertMatch(ended.stderr, /^http-server: Cannot [^\n]+\n$/);
      assertStringIncludes(ended.stderr, `; run: ${line}\n`);
    });
  }
});

Deno.test("cli names the directory that it cannot serve", async () => {
  await using tree = await makeFiles(FILES);
  const rows: [name: string, why: string][] = [
    ["none", "there is no such directory or file"],
  ];
  if (POSIX) {
    await Deno.symlink("loop", tree.path("loop"));
    rows.push(["loop", "it cannot be read"]);
    await runProgram("mkfifo", [tree.path("fifo")]);
    rows.push(["fifo", "it is no regular file and no directory"]);
  }
  for (const [name, why] of rows) {
    const { code, stderr } = await runToEnd([name, "0"], { cwd: tree.root });
    assertEquals(code, 1);
    assertEquals(stderr, `http-server: Cannot serve "${name}": ${why}\n`);
  }
});

Deno.test({
  name: "cli serves no file that it may not read after giving up permissions",
  ignore: Deno.build.os !== "linux",
  async fn() {
    const permissions = ["-A"];
    const { code, stderr } = await runToEnd(["/dev/shm", "0"], { permissions });
    const why = "Deno reads it only with --allow-all, which is given up";
    assertEquals(stderr, `http-server: Cannot serve "/dev/shm": ${why}\n`);
    assertEquals(code, 1);
  },
});

Deno.test("cli is quiet with --quiet, and plain with --plain", async () => {
  await using tree = await makeFiles({ ...FILES, "users": "ann:x\n" });
  for (const flags of [["-q"], ["--plain", "-q"]]) {
    const args = [...flags, "-H", "X-A: 1", tree.path("share")];
    await using command = await startCommand(args);
    const [listing] = await ask(
      command.port,
      GET.replace("/hello.txt", "/"),
    );
    assertEquals(field(listing, "x-a"), "1");
    const isPlain = listing.body.includes("<h1>Directory listing for /</h1>");
    assertEquals(isPlain, flags.includes("--plain"));
    const { code, stderr } = await command.stop();
    assertEquals([code, stderr], [0, ""]);
  }
});

Deno.test({
  name: "cli keeps running when --open finds no browser",
  ignore: Deno.build.os !== "linux",
}, async () => {
  await using tree = await makeFiles(FILES);
  await using command = await startCommand(["--open", tree.path("share")], {
    permissions: ["-A"],
    env: { PATH: tree.path("share") },
  });
  await command.says(
    /\nCannot open the browser: there is no program "xdg-open"\n/,
  );
  assertEquals((await ask(command.port, GET))[0].body, "hello\n");
});

Deno.test("cli prints what it serves, and to whom", async () => {
  await using tree = await makeFiles(FILES);
  await using command = await startCommand(["share"], {
    cwd: tree.root,
    permissions: ["--allow-net=127.0.0.1", "--allow-read=share"],
  });
  const { port } = command;
  await command.says(/\n.*\n.*\n/);
  assertEquals(
    command.stdout,
    `Serving HTTP on 127.0.0.1 port ${port} (http://127.0.0.1:${port}/) ...\n` +
      'Files come from "share", without hidden files. Uploads are off.\n' +
      "Only this machine can connect; --lan opens it to the network.\n",
  );
  const ended = await command.stop("SIGINT");
  assertEquals(ended.code, 0);
  assert(ended.stdout.endsWith("\nKeyboard interrupt received, exiting.\n"));
});

Deno.test({
  name: "cli opens the browser with --open",
  ignore: Deno.build.os !== "linux",
}, async () => {
  const content = '#!/bin/sh\necho "$1" > "$0.url"\n';
  await using tree = await makeTree([
    { path: "share/hello.txt", type: "file", content: "hello\n" },
    { path: "bin/xdg-open", type: "file", content, mode: "755" },
  ]);
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "-NR",
      "--allow-run=xdg-open",
      CLI,
      "--open",
      "--port=0",
      tree.path("share"),
    ],
    env: { PATH: `${tree.path("bin")}:/usr/bin:/bin` },
    stdin: "null",
    stdout: "piped",
    stderr: "null",
  }).spawn();
  let text = "";
  for await (
    const part of command.stdout.pipeThrough(new TextDecoderStream())
  ) {
    text += part;
    if (/ port (\d+) [^]*connect/.test(text)) break;
  }
  let url = "";
  for (let tries = 0; url === "" && tries < 200; tries++) {
    await delay(20);
    url = await Deno.readTextFile(tree.path("bin/xdg-open.url")).catch(() =>
      ""
    );
  }
  command.kill("SIGTERM");
  await command.status;
  const [, port] = / port (\d+) /.exec(text)!;
  assertEquals(url, `http://127.0.0.1:${port}/\n`);
});
