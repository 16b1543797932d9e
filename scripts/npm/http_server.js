#!/usr/bin/env node
// Copyright 2026 the pystd authors. MIT license.

/**
 * The command on a machine with only Node: `npx @pystd/http-server DIR`. It runs
 * on Deno, which npm has, too; the first run downloads both.
 *
 * Arguments for Deno come first, for flags that need more permissions than to
 * read and to listen:
 *
 *     npx @pystd/http-server --allow-write=share --upload share
 */

import { spawn, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { constants } from "node:os";
import process from "node:process";

const manifest = new URL("../package.json", import.meta.url);
const { name, version } = JSON.parse(readFileSync(manifest, "utf8"));
const module = `jsr:${name}@${version}/cli`;

/** Prints the path of Deno's program. */
const PRINT = ["eval", "console.log(Deno.execPath())"];
/** Gets Deno from npm, if it is not there yet. */
const FROM_NPM = ["exec", "--yes", "--package=deno@2", "--", "deno", ...PRINT];
const FOR_DENO = /^--(?:allow|deny)-|^--unstable-net$/;

/** Returns what a program prints, in one line; `undefined` if it fails. */
function ask(program, args) {
  const stdio = ["ignore", "pipe", "inherit"];
  const { status, stdout } = spawnSync(program, args, { stdio });
  return status === 0 ? `${stdout}`.trim() : undefined;
}

/** Finds Deno on this machine, or else in npm. */
function findDeno() {
  const { npm_execpath: npm } = process.env;
  return ask("deno", PRINT) ??
    (npm === undefined
      ? ask("npm", FROM_NPM)
      : ask(process.execPath, [npm, ...FROM_NPM]));
}

const deno = findDeno();
if (deno === undefined) {
  console.error(
    `http-server: Cannot run Deno, which this command needs; install it, and ` +
      `run: deno run -NR ${module}`,
  );
  process.exit(1);
}
const args = process.argv.slice(2);
const rest = args.findIndex((arg) => !FOR_DENO.test(arg));
const permissions = rest === -1 ? args.splice(0) : args.splice(0, rest);
const command = ["run", "--no-prompt", "-NR", ...permissions, module, ...args];
const child = spawn(deno, command, { stdio: "inherit" });
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) {
  process.on(signal, () => child.kill(signal));
}
child.on("exit", (code, signal) => {
  process.exitCode = code ?? 128 + constants.signals[signal];
});
