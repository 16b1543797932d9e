// Copyright 2026 the pystd authors. MIT license.

/**
 * Finds the program that runs a script: the script itself, or an interpreter
 * from its first line or its extension.
 *
 * @module
 */

import type { Platform } from "../path_segment.ts";

/** A program and its arguments, without those of the request. */
export interface ScriptCommand {
  /** The program: a path, or a name to find in `PATH`. */
  program: string;
  /** The arguments; those of the request follow. */
  args: string[];
  /** Whether the request may add arguments. */
  takesWords: boolean;
}

/**
 * Parses the `#!` line of a script, as the kernel does. `#!/usr/bin/env x`
 * becomes `x`.
 *
 * @param start The first bytes of the script.
 * @returns The command, with the script as last argument; `undefined` if there
 * is no `#!` line.
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
    // `env -S` splits the one argument that the kernel passes.
    const words = argument.replace(/^-S[ \t]*/, "").split(/[ \t]+/);
    [program, ...args] = words;
    // Assignments and options need the program env itself.
    if (!/^[^-=][^=]*$/.test(program)) return undefined;
  }
  return { program, args: [...args, file], takesWords: true };
}

/**
 * Returns whether a program is found in `PATH`: its name has no separator.
 *
 * @param program The path or name.
 * @param platform The platform of the separators.
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
 * Returns the folders of the programs that come with a system.
 *
 * @returns The value for `PATH`.
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

/** Interpreters on Windows, by extension. */
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

/** Extensions of programs on Windows. */
const WINDOWS_PROGRAMS = [".bat", ".cmd", ".com", ".exe"];

/**
 * Returns the command that runs a script on Windows, which has no execute bit.
 *
 * Batch files get no arguments: `cmd.exe` parses them by its own rules, and
 * could run commands in them (CVE-2024-24576).
 *
 * @returns The command, `undefined` if the extension is unknown.
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
 * Returns whether a file name is that of a Python script. (CPython:
 * `is_python()`)
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
