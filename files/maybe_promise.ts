// Copyright 2026 the pystd authors. MIT license.

/** A value, or a promise for it where it has to be waited for. */
export type MaybePromise<T> = T | Promise<T>;

/**
 * Calls a function with a value, or later with that of a promise.
 *
 * @param value The value, or a promise for it.
 * @param next The function.
 * @returns What it returns.
 */
export function whenReady<T, R>(
  value: MaybePromise<T>,
  next: (value: T) => MaybePromise<R>,
): MaybePromise<R> {
  return value instanceof Promise ? value.then(next) : next(value);
}
