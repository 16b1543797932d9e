// Copyright 2026 the pystd authors. MIT license.

/**
 * Uncaught errors while a server runs: the rejection of a promise that a handler
 * did not await, or an error in a timer. They would end the process; in Python,
 * an error in a thread ends only that thread.
 *
 * @module
 */

/** Functions to report to. The first one, of the oldest server, is called. */
const reporters = new Set<(error: unknown) => void>();

/**
 * Keeps uncaught errors from ending the process.
 *
 * @param report Called with each error.
 * @returns A function that undoes this.
 */
export function catchUncaughtErrors(
  report: (error: unknown) => void,
): () => void {
  if (reporters.size === 0) {
    globalThis.addEventListener("unhandledrejection", onRejection);
    globalThis.addEventListener("error", onError);
  }
  reporters.add(report);
  return () => {
    reporters.delete(report);
    if (reporters.size > 0) return;
    globalThis.removeEventListener("unhandledrejection", onRejection);
    globalThis.removeEventListener("error", onError);
  };
}

function onRejection(event: PromiseRejectionEvent): void {
  event.preventDefault();
  tell(event.reason);
}

function onError(event: ErrorEvent): void {
  event.preventDefault();
  tell(event.error);
}

function tell(error: unknown): void {
  const [report] = reporters;
  report(error);
}
