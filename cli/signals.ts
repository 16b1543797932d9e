// Copyright 2026 the pystd authors. MIT license.

import { flushLog } from "../io/log.ts";

/** Shells report 128 + 2 for a process that SIGINT ended. */
const INTERRUPTED_STATUS = 130;

/**
 * Listens for the signals that ask the process to end. The first one calls
 * back, the second one exits at once.
 *
 * @param stop Called with the line to print.
 * @returns A function that removes the listeners.
 */
export function onStopSignals(stop: (line: string) => void): () => void {
  let stopping = false;
  const listeners = stopSignalsOn(Deno.build.os).map((signal) => {
    const listener = (): void => {
      if (stopping) {
        flushLog();
        Deno.exit(INTERRUPTED_STATUS);
      }
      stopping = true;
      stop(
        signal === "SIGINT"
          ? "\nKeyboard interrupt received, exiting."
          : `${signal} received, exiting.`,
      );
    };
    Deno.addSignalListener(signal, listener);
    return (): void => Deno.removeSignalListener(signal, listener);
  });
  return () => listeners.forEach((remove) => remove());
}

/**
 * Returns the signals that ask a process to end: Ctrl+C and the signal of
 * `kill`; on Windows Ctrl+C and Ctrl+Break.
 *
 * @param os The operating system, as in `Deno.build.os`.
 */
export function stopSignalsOn(os: string): readonly Deno.Signal[] {
  return os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"];
}
