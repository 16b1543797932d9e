// Copyright 2026 the pystd authors. MIT license.

/**
 * The file of the log. SIGHUP reopens it after another program has renamed it
 * (logrotate).
 *
 * @module
 */

import { flushLog, logLine, logToFile } from "../io/log.ts";
import { StartError } from "./errors.ts";

/**
 * Writes the log to a file until the result is disposed of.
 *
 * @param path The file, which is created if it is missing.
 * @returns Stops this when disposed of.
 * @throws {StartError} If the file cannot be opened.
 */
export function openLogFile(path: string): Disposable {
  try {
    logToFile(open(path));
  } catch (error) {
    throw new StartError(`Cannot write the log "${path}": ${reason(error)}`);
  }
  const reopen = (): void => {
    try {
      logToFile(open(path));
    } catch (error) {
      logLine(`Cannot reopen the log "${path}": ${reason(error)}`);
    }
  };
  const hasHangup = Deno.build.os !== "windows";
  if (hasHangup) Deno.addSignalListener("SIGHUP", reopen);
  return {
    [Symbol.dispose]: () => {
      if (hasHangup) Deno.removeSignalListener("SIGHUP", reopen);
      flushLog();
      logToFile(undefined);
    },
  };
}

function open(path: string): Deno.FsFile {
  // Opening a FIFO would block until somebody reads it.
  if (isOther(path)) throw new TypeError("It is no regular file");
  return Deno.openSync(path, { append: true, create: true });
}

/** Tells whether something other than a file is there, as far as permitted. */
function isOther(path: string): boolean {
  try {
    return !Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

function reason(error: unknown): string {
  return error instanceof Deno.errors.NotFound
    ? "there is no such folder"
    : "it cannot be opened for writing";
}
