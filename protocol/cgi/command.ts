// Copyright 2026 the pystd authors. MIT license.

/**
 * Which program runs a script: the script itself, or the one that its first
 * line or its extension names.
 *
 * @module
 */

import type { Platform } from "../path_segment.ts";

/** A program and the arguments that stand before those of the request. */
export interface ScriptCommand {
  /** The program: a path, or a name to be looked for in `PATH`. */
  program: string;
  /** The arguments before those of the request. */
  args: string[];
  /** Whether it may be given arguments of the request. */
  takesWords: boolean;
}

/**
 * The program that the first line of a script names, and its arguments with
 * the script at their end: what the kernel makes of `#!`. `#!/usr/bin/env x`
 * is `x`.
 *
 * @param start The first bytes of the script.
 * @param file The script's path.
 * @returns The command, `undefined` if there is no such line.
 *
 * @example
 * ```ts
 * import { parseShebang } from "./command.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const start = new TextEncoder().encode("#!/usr/bin/env python3\n");
 * assertEquals(parseShebang(start, "/srv/x")?.program, "python3");
 * ```
 */
export function parseShebang(
  start: Uint8Array,
  file: string,
): ScriptCommand | undefined {
  const [line] = new TextDecoder().decode(start).split("\n");
  const match = /^#![ \t]*(\S+)(?:[ \t]+(.*))?$/.exec(line.trimEnd());
  if (match === null) return undefined;
  let [, program, argument = ""] = match;
  let args = argument === "" ? [] : [argument];
  if (/(?:^|\/)env$/.test(program)) {
    // `env -S` splits what the kernel passes as one argument.
    const words = argument.replace(/^-S[ \t]*/, "").split(/[ \t]+/);
    [program, ...args] = words;
    // Assignments and options of env need env itself.
    if (!/^[^-=][^=]*$/.test(program)) return undefined;
  }
  return { program, args: [...args, file], takesWords: true };
}

/**
 * Whether a program is looked for in `PATH`.
 *
 * @param program Its path or name.
 * @param platform Whose separators it has.
 * @returns Whether it is a name alone.
 *
 * @example
 * ```ts
 * import { isFoundInPath } from "./command.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(isFoundInPath("python", "windows"), true);
 * assertEquals(isFoundInPath("C:\\python.exe", "windows"), false);
 * ```
 */
export function isFoundInPath(program: string, platform: Platform): boolean {
  return !program.includes("/") &&
    (platform === "posix" || !program.includes("\\"));
}

/**
 * The folders of the programs that come with a system.
 *
 * @param platform The platform.
 * @returns A value for `PATH`.
 *
 * @example
 * ```ts
 * import { systemPath } from "./command.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(systemPath("windows"), "C:\\Windows\\System32;C:\\Windows");
 * ```
 */
export function systemPath(platform: Platform): string {
  return platform === "windows"
    ? "C:\\Windows\\System32;C:\\Windows"
    : "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

/** Windows: the interpreters of scripts by their extension. */
const WINDOWS_INTERPRETERS: Readonly<
  Record<string, readonly string[]>
> = {
  ".js": ["deno", "run"],
  ".php": ["php-cgi"],
  ".pl": ["perl"],
  ".py": ["python", "-u"],
  ".pyw": ["python", "-u"],
  ".rb": ["ruby"],
  ".sh": ["sh"],
  ".ts": ["deno", "run"],
};

/** Windows: what the system runs by itself. */
const WINDOWS_PROGRAMS = [".bat", ".cmd", ".com", ".exe"];

/**
 * How Windows, where there is no execute bit, runs a script.
 *
 * A batch file is given no arguments: `cmd.exe` reads them with rules of its
 * own, and would run what stands in them (CVE-2024-24576).
 *
 * @param file The script's path.
 * @returns The command, `undefined` if nothing is known to run it.
 *
 * @example
 * ```ts
 * import { windowsCommand } from "./command.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(windowsCommand("C:\\www\\a.PY"), {
 *   program: "python",
 *   args: ["-u", "C:\\www\\a.PY"],
 *   takesWords: true,
 * });
 * ```
 */
export function windowsCommand(file: string): ScriptCommand | undefined {
  const extension = /\.[^.\\/]+$/.exec(file)?.[0].toLowerCase() ?? "";
  if (WINDOWS_PROGRAMS.includes(extension)) {
    const batch = extension === ".bat" || extension === ".cmd";
    return { program: file, args: [], takesWords: !batch };
  }
  if (!Object.hasOwn(WINDOWS_INTERPRETERS, extension)) return undefined;
  const [program, ...args] = WINDOWS_INTERPRETERS[extension];
  return { program, args: [...args, file], takesWords: true };
}

/**
 * Whether a file is a Python script by its name. (CPython: `is_python()`)
 *
 * @param path The file's path.
 * @returns Whether it ends in `.py` or `.pyw`, in any case.
 *
 * @example
 * ```ts
 * import { isPythonScript } from "./command.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(isPythonScript("/cgi-bin/a.PYW"), true);
 * ```
 */
export function isPythonScript(path: string): boolean {
  return /[^/\\]\.pyw?$/i.test(path);
}
