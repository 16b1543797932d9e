// Copyright 2026 the pystd authors. MIT license.

/**
 * Writes log lines to stderr, or to a file, without delaying requests.
 *
 * The lines of one turn of the event loop are written together, one write at a
 * time, so that they never interleave. If the output blocks (a full pipe, a full
 * disk), lines are dropped, and requests go on.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { escapeControls } from "../python/text.ts";

/** Most characters that wait for stderr before lines are dropped. */
const MAX_WAITING_CHARS = 1024 * 1024;

const encoder = new TextEncoder();
let waiting: string[] = [];
let waitingChars = 0;
let dropped = 0;
let writing: Promise<void> | undefined;
/** Receives the lines in place of the output. */
let redirected: ((lines: string) => void) | undefined;

/** Where the log goes: stderr or a file. */
export interface LogOutput {
  /** Writes some of the bytes, as `Deno.FsFile` does. */
  write(bytes: Uint8Array): Promise<number>;
  /** Writes some of the bytes. */
  writeSync(bytes: Uint8Array): number;
  /** Closes a file. */
  close(): void;
}

/** The file of the log; `undefined` for stderr. */
let file: LogOutput | undefined;
/** The output that a write is in progress to. */
let busy: LogOutput | undefined;

/**
 * Writes all further lines to a file. Closes the file before it as soon as no
 * write to it is in progress.
 *
 * @param next The file; `undefined` for stderr.
 */
export function logToFile(next: LogOutput | undefined): void {
  const before = file;
  file = next;
  if (before !== undefined && before !== busy) before.close();
}

/**
 * Redirects all further lines. Workers send theirs to the main thread, so that
 * the lines of several threads do not interleave.
 *
 * @param sink Called with one or more lines, without the last line end.
 */
export function redirectLog(sink: (lines: string) => void): void {
  redirected = sink;
}

/**
 * Writes a line to stderr at the end of this turn of the event loop.
 *
 * @param line The line, without a line end.
 */
export function logLine(line: string): void {
  if (globalThis.Deno === undefined) return console.error(line);
  if (waitingChars > MAX_WAITING_CHARS) {
    dropped++;
    return;
  }
  waiting.push(line);
  waitingChars += line.length;
  writing ??= new Promise((resolve) => {
    setImmediate(() => resolve(writeWaiting()));
  });
}

/**
 * Returns the message of an error for a log line.
 *
 * @param error What was thrown.
 * @returns Its message.
 */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * Returns the message and the stack of an error for the log. Control characters
 * are escaped, since a message may quote what a client sent.
 *
 * @param error What was thrown.
 * @returns One or more lines.
 */
export function errorTrace(error: unknown): string {
  const trace = error instanceof Error && error.stack || String(error);
  return trace.split("\n").map(escapeControls).join("\n");
}

/**
 * Waits for the write in progress, and writes the rest. `Deno.exit()` would
 * interrupt that write.
 *
 * @param patience Longest wait for a blocked output, in ms.
 */
export async function drainLog(patience: number = 1000): Promise<void> {
  if (writing !== undefined) {
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = setTimeout(resolve, patience);
    await Promise.race([writing, promise]);
    clearTimeout(timer);
    if (writing !== undefined) return;
  }
  flushLog();
}

/** Writes all waiting lines at once, since the process is about to end. */
export function flushLog(): void {
  if (waiting.length === 0) return;
  if (redirected !== undefined) return redirected(takeWaiting());
  try {
    let bytes = encoder.encode(`${takeWaiting()}\n`);
    while (bytes.length > 0) {
      bytes = bytes.subarray((file ?? Deno.stderr).writeSync(bytes));
    }
  } catch {
    // The error cannot be reported anywhere.
  }
}

async function writeWaiting(): Promise<void> {
  while (waiting.length > 0) {
    const lines = takeWaiting();
    if (redirected !== undefined) {
      redirected(lines);
      continue;
    }
    let bytes = encoder.encode(`${lines}\n`);
    const output = file;
    busy = output;
    try {
      while (bytes.length > 0) {
        bytes = bytes.subarray(await (output ?? Deno.stderr).write(bytes));
      }
    } catch {
      // A full disk or a closed stderr must not end the server.
    }
    busy = undefined;
    // It was replaced meanwhile.
    if (output !== file) output?.close();
  }
  writing = undefined;
}

function takeWaiting(): string {
  if (dropped > 0) waiting.push(`(${dropped} log lines dropped)`);
  const lines = waiting.join("\n");
  waiting = [];
  waitingChars = 0;
  dropped = 0;
  return lines;
}

globalThis.addEventListener?.("unload", flushLog);
