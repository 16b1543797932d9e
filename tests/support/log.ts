// Copyright 2026 the pystd authors. MIT license.

/**
 * Captures the log of a test file's servers, so that passing tests print
 * nothing.
 *
 * @module
 */

import { flushLog, redirectLog } from "../../io/log.ts";

const lines: string[] = [];

/** Captures all further log lines instead of writing them to stderr. */
export function captureLog(): void {
  redirectLog((text) => lines.push(...text.split("\n")));
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
