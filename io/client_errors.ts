// Copyright 2026 the pystd authors. MIT license.

/**
 * Errors that mean the client disconnected. They are not faults of the server.
 *
 * In Deno they are Deno's error classes. On other platforms, where handlers run
 * over a connection in memory, they are a class of this module.
 *
 * @module
 */

const MESSAGE = "Cannot continue: the client has disconnected";

/** Stands for Deno's errors on other platforms. */
class DisconnectError extends Error {
  override name = "DisconnectError";
}

/** Stands for `Deno.errors.UnexpectedEof`. */
class TruncationError extends DisconnectError {
  override name = "TruncationError";
}

/**
 * Creates the error of a connection that the client reset.
 *
 * @returns The error; {@linkcode isClientDisconnect} recognizes it.
 */
export function disconnectError(): Error {
  const errors = globalThis.Deno?.errors;
  return errors === undefined
    ? new DisconnectError(MESSAGE)
    : new errors.BrokenPipe(MESSAGE);
}

/**
 * Tells whether an error means that the client disconnected.
 *
 * @param error The error.
 * @returns `true` if it does.
 */
export function isClientDisconnect(error: unknown): boolean {
  if (error instanceof DisconnectError) return true;
  const errors = globalThis.Deno?.errors;
  return errors !== undefined && (
    error instanceof errors.ConnectionReset ||
    // Windows and macOS may report a reset like this.
    error instanceof errors.ConnectionAborted ||
    error instanceof errors.NotConnected ||
    error instanceof errors.BrokenPipe ||
    error instanceof errors.UnexpectedEof ||
    error instanceof errors.BadResource ||
    error instanceof errors.Interrupted
  );
}

/**
 * Creates the error of a stream that ends earlier than announced.
 *
 * @param message Its message.
 * @returns The error; {@linkcode isClientDisconnect} recognizes it.
 */
export function truncationError(message: string): Error {
  const errors = globalThis.Deno?.errors;
  return errors === undefined
    ? new TruncationError(message)
    : new errors.UnexpectedEof(message);
}

/**
 * Tells whether an error means that a stream ended earlier than announced.
 *
 * @param error The error.
 * @returns `true` if it does.
 */
export function isTruncation(error: unknown): boolean {
  if (error instanceof TruncationError) return true;
  const errors = globalThis.Deno?.errors;
  return errors !== undefined && error instanceof errors.UnexpectedEof;
}
