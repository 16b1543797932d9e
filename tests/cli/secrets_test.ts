// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { StartError } from "../../cli/errors.ts";
import { checkSecrets } from "../../cli/secrets.ts";
import { readCommandLine } from "../../cli/flags.ts";
import { readSettings } from "../../cli/settings/settings.ts";
import { runToEnd, startCommand } from "../support/command.ts";
import { makeFiles, type TemporaryTree } from "../support/tree.ts";

/** A served directory, with the same secrets inside and beside it. */
async function makeTree(): Promise<TemporaryTree> {
  const tree = await makeFiles({
    "share/hello.txt": "hello\n",
    "share/in/users": "ann:s3cret\n",
    "share/.users": "ann:s3cret\n",
    "share/.well-known/users": "ann:s3cret\n",
    "share/.hidden/users": "ann:s3cret\n",
    "share2/users": "ann:s3cret\n",
    "users": "ann:s3cret\n",
  });
  await Deno.symlink("in/users", tree.path("share/link-in"));
  await Deno.symlink("../users", tree.path("share/link-out"));
  await Deno.symlink(".users", tree.path("share/link-hidden"));
  await Deno.symlink("share/in/users", tree.path("link-to-users"));
  await Deno.symlink("share", tree.path("link-to-share"));
  return tree;
}

/** Returns the flag that the error names, if any. */
function refused(args: readonly string[]): string | undefined {
  try {
    checkSecrets(readSettings(readCommandLine(args)));
    return undefined;
  } catch (error) {
    if (!(error instanceof StartError)) throw error;
    return /the file "[^"]+" of "--([^"]+)"/.exec(error.message)?.[1];
  }
}

Deno.test("checkSecrets refuses to serve a password file", async () => {
  await using tree = await makeTree();
  const table: [file: string, more: string[], served: boolean][] = [
    ["share/in/users", [], true],
    ["share/in/../in/users", [], true],
    ["share2/../share/in/users", [], true],
    ["link-to-share/in/users", [], true],
    ["link-to-users", [], true],
    ["share/link-in", [], true],
    ["share/.well-known/users", [], true],
    ["users", [], false],
    ["share2/users", [], false],
    ["share/.users", [], false],
    ["share/.users", ["--dotfiles"], true],
    ["share/.hidden/users", [], false],
    ["share/.hidden/users", ["--dotfiles"], true],
    ["share/link-hidden", [], false],
    ["share/link-hidden", ["--dotfiles"], true],
    ["share/link-out", [], false],
    ["share/link-out", ["--follow-symlinks"], true],
  ];
  const directories = ["share", "share/", "link-to-share", "share2/../share"];
  for (const directory of directories) {
    for (const [file, more, served] of table) {
      const args = [tree.path(directory), "--auth-file", tree.path(file)];
      assertEquals(
        refused([...args, ...more]),
        served ? "auth-file" : undefined,
        `${directory} ${file} ${more}`,
      );
    }
  }
});

Deno.test("checkSecrets finds the file with the private key", async () => {
  await using tree = await makeTree();
  const inside = tree.path("share/in/users");
  const outside = tree.path("users");
  const table: [args: string[], flag: string | undefined][] = [
    [["--tls-cert", inside], "tls-cert"],
    [["--tls-cert", inside, "--tls-key", outside], undefined],
    [["--tls-cert", outside, "--tls-key", inside], "tls-key"],
    [
      ["--tls-cert", outside, "--tls-password-file", inside],
      "tls-password-file",
    ],
    [["--plain", "--tls-cert", outside, "--tls-key", inside], "tls-key"],
    [["--cgi", "--tls-cert", outside, "--tls-key", inside], "tls-key"],
  ];
  for (const [args, flag] of table) {
    assertEquals(refused([tree.path("share"), ...args]), flag, args.join(" "));
  }
});

Deno.test("cli does not serve its own password file", async (t) => {
  await using tree = await makeTree();
  const cwd = tree.path("share");

  await t.step(
    "the command does not start if clients could read one",
    async () => {
      const { code, stdout, stderr } = await runToEnd(
        ["--port", "0", "--auth-file", "in/users", "."],
        { cwd },
      );
      assertEquals([code, stdout], [1, ""]);
      assertStringIncludes(
        stderr,
        'http-server: Cannot serve ".": clients could read the file "in/users" of ' +
          '"--auth-file"; move it out of the directory\n',
      );
    },
  );

  await t.step("a hidden one gets a 404", async () => {
    await using command = await startCommand(["--auth-file", ".users", "."], {
      cwd,
    });
    const headers = { Authorization: `Basic ${btoa("ann:s3cret")}` };
    for (const [path, status] of [["hello.txt", 200], [".users", 404]]) {
      const response = await fetch(command.url(`/${path}`), { headers });
      await response.body?.cancel();
      assertEquals(response.status, status, `${path}`);
    }
  });
});
