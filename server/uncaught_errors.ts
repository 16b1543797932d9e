// Copyright 2026 the pystd authors. MIT license.

/**
 * Errors that nobody catches while a server serves: a promise that a handler
 * has not awaited, a timer that it has set. They end a process, as an error in
 * a thread of Python's does not.
 *
 * @module
 */

/** Who is told; the server that began to serve first. */
const reporters = new Set<(error: unknown) => void>();

/**
 * Keeps stray errors from ending the process.
 *
 * @param report Told of each.
 * @returns Ends that.
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
