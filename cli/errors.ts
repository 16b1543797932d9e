// Copyright 2026 the pystd authors. MIT license.

/**
 * Errors that the command reports in one line, without a stack trace.
 *
 * @module
 */

import { SourceError } from "../sources/source.ts";

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

/**
 * Says why a bucket or a zip file cannot be served.
 *
 * @param directory The directory, as given.
 * @param error What its source has thrown.
 * @returns The error to throw: the same one if it is no {@linkcode SourceError}.
 */
export function cannotServe(directory: string, error: unknown): unknown {
  if (!(error instanceof SourceError)) return error;
  const { message, detail } = error;
  const reason = message[0].toLowerCase() + message.slice(1);
  const more = detail === undefined ? "" : ` (${detail})`;
  return new StartError(`Cannot serve "${directory}": ${reason}${more}`);
}
