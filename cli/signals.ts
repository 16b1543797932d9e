// Copyright 2026 the pystd authors. MIT license.

import { flushLog } from "../io/log.ts";

/** What a shell makes of a process that a SIGINT ended: 128 + 2. */
const INTERRUPTED_STATUS = 130;

/**
 * Calls back at the first signal that asks the process to end; the second one
 * ends it at once.
 *
 * @param stop Called with the line that announces the end.
 * @returns What removes the listeners again.
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
 * The signals that ask a process to end: Ctrl+C, and what `kill` sends, or
 * Ctrl+Break on Windows, which has no `kill`.
 *
 * @param os The operating system, as in `Deno.build.os`.
 * @returns The signals.
 */
export function stopSignalsOn(os: string): readonly Deno.Signal[] {
  return os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM"];
}
