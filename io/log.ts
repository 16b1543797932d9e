// Copyright 2026 the pystd authors. MIT license.

/**
 * Lines for stderr that never hold up a request.
 *
 * Lines are gathered while the event loop turns and written in one piece, one
 * write at a time, so that they never interleave. A reader of stderr that is
 * stuck (a full pipe, a full disk) costs lines, not requests.
 *
 * @module
 */

import { setImmediate } from "node:timers";
import { escapeControls } from "../python/text.ts";

/** How much text waits for a stuck stderr before lines are dropped. */
const MAX_WAITING_CHARS = 1024 * 1024;

const encoder = new TextEncoder();
let waiting: string[] = [];
let waitingChars = 0;
let dropped = 0;
/** The write that is under way. */
let writing: Promise<void> | undefined;
/** Takes the lines in place of stderr. */
let redirected: ((lines: string) => void) | undefined;

/**
 * Hands lines to somebody else from now on: those of several threads have to
 * go through one of them, or they would interleave.
 *
 * @param sink Called with one or more lines, without the end of the last one.
 */
export function redirectLog(sink: (lines: string) => void): void {
  redirected = sink;
}

/**
 * Writes a line to stderr, soon.
 *
 * @param line The line, without its end.
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
 * What a line says of something that was thrown.
 *
 * @param error What was thrown.
 * @returns Its message.
 */
export function errorMessage(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

/**
 * What the log says of something that was thrown and is a fault: a message may
 * quote what a client has sent, control characters and all.
 *
 * @param error What was thrown.
 * @returns Its message and where it was thrown, in lines.
 */
export function errorTrace(error: unknown): string {
  const trace = error instanceof Error && error.stack || String(error);
  return trace.split("\n").map(escapeControls).join("\n");
}

/**
 * Waits for the write that is under way, and writes the rest. `Deno.exit()`
 * would cut off that write.
 *
 * @param patience How long to wait for a stderr that nobody reads, in ms.
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

/** Writes at once what still waits: the process is about to end. */
export function flushLog(): void {
  if (waiting.length === 0) return;
  if (redirected !== undefined) return redirected(takeWaiting());
  try {
    let bytes = encoder.encode(`${takeWaiting()}\n`);
    while (bytes.length > 0) {
      bytes = bytes.subarray(Deno.stderr.writeSync(bytes));
    }
  } catch {
    // There is nobody left to tell.
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
    try {
      while (bytes.length > 0) {
        bytes = bytes.subarray(await Deno.stderr.write(bytes));
      }
    } catch {
      // A full disk or a closed stderr must not end the server.
    }
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
