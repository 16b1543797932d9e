// Copyright 2026 the pystd authors. MIT license.

/**
 * The completions, as used by the shells. A shell that is not installed is
 * skipped.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { completions } from "../cli/completions.ts";
import { FLAG_GROUPS, type Shell, SHELLS } from "../cli/flags.ts";
import { isInstalled, runProgram, runToEnd } from "./support/command.ts";
import { makeFiles, type TemporaryTree } from "./support/tree.ts";

/** Scripts that ask each shell to complete a line. */
const ASK: Record<Shell, (script: string, words: string[]) => string> = {
  bash: (script, words) => `
source ${script}
COMP_WORDS=(http-server ${words.map((word) => `'${word}'`).join(" ")})
COMP_CWORD=${words.length}
_http_server
printf '%s\\n' "\${COMPREPLY[@]}"
`,
  fish: (script, words) => `
source ${script}
complete -C 'http-server ${words.join(" ")}' | string replace -r '\\t.*' ''
true
`,
  // Showing completions would need a terminal.
  zsh: (script) => `
autoload -U compinit && compinit -D
source ${script}
print -r -- $_comps[http-server]
`,
};

async function offers(
  shell: Shell,
  tree: TemporaryTree,
  ...words: string[]
): Promise<string[]> {
  const script = tree.path("script");
  await Deno.writeTextFile(script, completions(shell));
  const { code, stdout, stderr } = await runProgram(
    shell,
    shell === "bash"
      ? ["--norc", "-c", ASK[shell](script, words)]
      : shell === "zsh"
      ? ["-f", "-c", ASK[shell](script, words)]
      : ["--no-config", "-c", ASK[shell](script, words)],
    tree.root,
  );
  assertEquals([code, stderr], [0, ""]);
  return stdout.split("\n").filter((line) => line !== "").sort();
}

/** A line and its completions. */
const ROWS: [words: string[], offered: string[]][] = [
  [["--fol"], ["--follow-symlinks"]],
  [["--tls-k"], ["--tls-key"]],
  [["--completions", "z"], ["zsh"]],
  [["--protocol", "HTTP/1.0"], ["HTTP/1.0"]],
];

for (const shell of ["bash", "fish"] as const) {
  Deno.test({
    name: `completions offers flags, values and names in ${shell}`,
    ignore: !isInstalled(shell),
  }, async (t) => {
    await using tree = await makeFiles({ "my share/": "", "my.pem": "" });
    for (const [words, expected] of ROWS) {
      await t.step(words.join(" "), async () => {
        assertEquals(await offers(shell, tree, ...words), expected);
      });
    }
    await t.step("a directory", async () => {
      const [found, ...more] = await offers(shell, tree, "my");
      assertEquals(more, []);
      assertEquals(found.replace(/\/$/, ""), "my share");
    });
    await t.step("a file", async () => {
      const found = await offers(shell, tree, "--tls-cert", "my.");
      assertEquals(found, ["my.pem"]);
    });
  });
}

Deno.test({
  name: "completions is loaded by zsh",
  ignore: !isInstalled("zsh"),
}, async () => {
  await using tree = await makeFiles({});
  assertEquals(await offers("zsh", tree), ["_http_server"]);
});

Deno.test("completions names every flag", () => {
  const names = FLAG_GROUPS.flatMap(({ flags }) => flags)
    .map(({ name }) => name);
  for (const shell of SHELLS) {
    const script = completions(shell);
    for (const name of names) {
      assert(script.includes(shell === "fish" ? `-l ${name} ` : `--${name}`));
    }
  }
});

Deno.test("cli prints completions, and rejects unknown shells", async () => {
  const { code, stdout } = await runToEnd(["--completions", "bash"], {
    permissions: [],
  });
  assertEquals([code, stdout], [0, completions("bash")]);
  const wrong = await runToEnd(["--completions=csh"], { permissions: [] });
  assertEquals(wrong.code, 2);
  assertEquals(
    wrong.stderr,
    'http-server: Invalid shell "csh": expected one of bash, zsh, fish ' +
      "(--help lists the options)\n",
  );
});
