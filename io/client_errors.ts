// Copyright 2026 the pystd authors. MIT license.

/**
 * The errors of a client that went away, which is no fault of anybody's.
 *
 * They are Deno's where there is Deno, and plain ones elsewhere: handlers run
 * on other platforms too, over a connection in memory.
 *
 * @module
 */

const MESSAGE = "Cannot go on: the client is gone";

/** What stands for Deno's errors where there are none. */
class DisconnectError extends Error {
  override name = "DisconnectError";
}

/**
 * What is thrown where a socket would have been reset.
 *
 * @returns The error; {@linkcode isClientDisconnect} knows it.
 */
export function disconnectError(): Error {
  const errors = globalThis.Deno?.errors;
  return errors === undefined
    ? new DisconnectError(MESSAGE)
    : new errors.BrokenPipe(MESSAGE);
}

/**
 * Whether an error says that the client went away.
 *
 * @param error What was thrown.
 * @returns Whether it does.
 */
export function isClientDisconnect(error: unknown): boolean {
  if (error instanceof DisconnectError) return true;
  const errors = globalThis.Deno?.errors;
  return errors !== undefined && (
    error instanceof errors.ConnectionReset ||
    // What Windows and macOS may make of a reset.
    error instanceof errors.ConnectionAborted ||
    error instanceof errors.NotConnected ||
    error instanceof errors.BrokenPipe ||
    error instanceof errors.UnexpectedEof ||
    error instanceof errors.BadResource ||
    error instanceof errors.Interrupted
  );
}

/**
 * What is thrown where a stream ends before what was announced.
 *
 * @param message What cannot be done.
 * @returns The error; {@linkcode isClientDisconnect} knows it.
 */
export function truncationError(message: string): Error {
  const errors = globalThis.Deno?.errors;
  return errors === undefined
    ? new DisconnectError(message)
    : new errors.UnexpectedEof(message);
}
