// Copyright 2026 the pystd authors. MIT license.

/**
 * How a script is run under the permissions that there are.
 *
 * Deno's `--allow-run` names programs, each by its path or its name, and no
 * folders. A script is run by its own path where that is granted; else, where
 * the interpreter in its first line is granted, by that one, as the kernel
 * would do.
 *
 * @module
 */

import {
  parseShebang,
  type ScriptCommand,
  windowsCommand,
} from "../../protocol/cgi/command.ts";
import type { Platform } from "../../protocol/path_segment.ts";

/** How much of a script's first line is read, as in the Linux kernel. */
const FIRST_LINE_BYTES = 256;

/**
 * Whether a file can be run as a script.
 *
 * @param path The file's path.
 * @param mode Its permission bits, if the platform has them.
 * @param platform Whose rules hold.
 * @returns Whether an execute bit is set; on Windows, whether its extension
 * says what runs it.
 */
export function isExecutableFile(
  path: string,
  mode: number | null,
  platform: Platform,
): boolean {
  return platform === "windows"
    ? windowsCommand(path) !== undefined
    : ((mode ?? 0) & 0o111) !== 0;
}

/**
 * The command that runs a script.
 *
 * @param file The script's path.
 * @param platform Whose rules hold.
 * @param path The `PATH` that the script gets.
 * @returns The command; that it is permitted is not certain.
 */
export function commandOf(
  file: string,
  platform: Platform,
  path: string,
): ScriptCommand {
  const itself = { program: file, args: [], takesWords: true };
  if (platform === "windows") return windowsCommand(file) ?? itself;
  if (mayRun(file)) return itself;
  const interpreter = parseShebang(firstBytes(file), file);
  if (interpreter === undefined) return itself;
  // Deno would look for a name in another `PATH`, that of the server.
  const programs = interpreter.program.includes("/")
    ? [interpreter.program]
    : path.split(":").map((folder) => `${folder}/${interpreter.program}`);
  const program = programs.find((name) => mayRun(name));
  return program === undefined ? itself : { ...interpreter, program };
}

/**
 * Whether a program may be run.
 *
 * @param program Its path or name; any program if absent.
 * @returns Whether Deno permits it.
 */
export function mayRun(program?: string): boolean {
  const descriptor = { name: "run", command: program } as const;
  return Deno.permissions.querySync(descriptor).state === "granted";
}

/**
 * The folders in which scripts find programs.
 *
 * @param otherwise What to give where the server's own may not be read.
 * @returns A value for `PATH`.
 */
export function searchPath(otherwise: string): string {
  const descriptor = { name: "env", variable: "PATH" } as const;
  return Deno.permissions.querySync(descriptor).state === "granted"
    ? Deno.env.get("PATH") ?? otherwise
    : otherwise;
}

function firstBytes(file: string): Uint8Array {
  try {
    using opened = Deno.openSync(file);
    const bytes = new Uint8Array(FIRST_LINE_BYTES);
    return bytes.subarray(0, opened.readSync(bytes) ?? 0);
  } catch {
    // An executable that cannot be read has no line that we could follow.
    return new Uint8Array(0);
  }
}
