// Copyright 2026 the pystd authors. MIT license.

/**
 * Errors that the command reports in one line, without a stack trace.
 *
 * @module
 */

/** The command line is wrong: an unknown flag, a bad value. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** The command has no such flag. */
export class UnknownOptionError extends UsageError {
  override name = "UnknownOptionError";
  /** The flag as given, with its value. */
  readonly option: string;

  /** Creates an error. */
  constructor(option: string) {
    super(`Unknown option "${option}"`);
    this.option = option;
  }
}

/** The command cannot start: a missing permission, a busy port. */
export class StartError extends Error {
  override name = "StartError";
}
