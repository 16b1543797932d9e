// Copyright 2026 the pystd authors. MIT license.

/**
 * The log of the servers that a test file runs, for the test to look at: a test
 * that passes prints nothing.
 *
 * @module
 */

import { flushLog, redirectLog } from "../../io/log.ts";

const lines: string[] = [];

/** Keeps what is logged from now on away from stderr. */
export function captureLog(): void {
  redirectLog((text) => lines.push(...text.split("\n")));
}

/**
 * Takes what was logged.
 *
 * @returns The lines since the last call.
 */
export function takeLog(): string[] {
  flushLog();
  return lines.splice(0);
}
