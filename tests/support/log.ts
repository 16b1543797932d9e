// Copyright 2026 the pystd authors. MIT license.

/**
 * Captures the log of a test file's servers, so that passing tests print
 * nothing.
 *
 * @module
 */

import { flushLog, redirectLog } from "../../io/log.ts";

const lines: string[] = [];

/**
 * Captures the log from now on, so that it does not appear on stderr.
 *
 * @returns The lines that were logged and not taken; the array grows.
 */
export function captureLog(): string[] {
  redirectLog((text) => lines.push(...text.split("\n")));
  return lines;
}

/**
 * Takes the captured lines.
 *
 * @returns The lines since the last call.
 */
export function takeLog(): string[] {
  flushLog();
  return lines.splice(0);
}
