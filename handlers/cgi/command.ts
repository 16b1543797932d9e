// Copyright 2026 the pystd authors. MIT license.

/**
 * Chooses the command that runs a script under the granted permissions.
 *
 * Deno's `--allow-run` takes programs, by path or by name, but no folders. A
 * script is run by its own path if that is granted. Otherwise it is run by the
 * interpreter in its first line if that is granted, as the kernel would do.
 *
 * @module
 */

import {
  parseShebang,
  type ScriptCommand,
  windowsCommand,
} from "../../protocol/cgi/command.ts";
import type { Platform } from "../../protocol/path_segment.ts";

/** Bytes of a script's first line that are read, as in the Linux kernel. */
const FIRST_LINE_BYTES = 256;

/**
 * Tells whether a file can be run as a script.
 *
 * @param path The file's path.
 * @param mode Its permission bits, if the platform has them.
 * @param platform The platform.
 * @returns Whether an execute bit is set; on Windows, whether the extension has
 * an interpreter.
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
 * Returns the command that runs a script.
 *
 * @param file The script's path.
 * @param platform The platform.
 * @param path The `PATH` of the script.
 * @returns The command, which may lack a permission.
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
  // Deno would search the server's `PATH`.
  const programs = interpreter.program.includes("/")
    ? [interpreter.program]
    : path.split(":").map((folder) => `${folder}/${interpreter.program}`);
  const program = programs.find((name) => mayRun(name));
  return program === undefined ? itself : { ...interpreter, program };
}

/**
 * Tells whether Deno permits to run a program.
 *
 * @param program Its path or name; any program if absent.
 * @returns Whether it does.
 */
export function mayRun(program?: string): boolean {
  const descriptor = { name: "run", command: program } as const;
  return Deno.permissions.querySync(descriptor).state === "granted";
}

/**
 * Returns the `PATH` of scripts.
 *
 * @param otherwise The value if the server's may not be read.
 * @returns The value.
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
    // An executable that cannot be read has no known interpreter.
    return new Uint8Array(0);
  }
}
