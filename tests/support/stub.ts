// Copyright 2026 the pystd authors. MIT license.

/**
 * Simulates failures of the system.
 *
 * @module
 */

/**
 * Replaces a function until the result is disposed of.
 *
 * @param object The object with the function, such as `Deno`.
 * @param name The function's name.
 * @param stand The replacement, which gets the original function.
 * @returns Restores the function when disposed of.
 */
export function stub<T extends object, K extends keyof T>(
  object: T,
  name: K,
  stand: (real: T[K]) => T[K],
): Disposable {
  const real = object[name];
  object[name] = stand(real);
  return { [Symbol.dispose]: () => object[name] = real };
}

/**
 * Creates a system error.
 *
 * @param code Its code, such as `EACCES`.
 * @param cls Its class.
 * @returns The error.
 */
export function systemError(
  code: string,
  cls: new (message?: string) => Error = Error,
): Error {
  return Object.assign(new cls(`The system says ${code}`), { code });
}
