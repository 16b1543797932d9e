// Copyright 2026 the pystd authors. MIT license.

/**
 * Systems that fail in ways that this one does not.
 *
 * @module
 */

/**
 * Puts a function in the place of another one, until it is disposed of.
 *
 * @param object What has the function, `Deno` say.
 * @param name The function's name.
 * @param stand What is called in its place; it is given the function itself.
 * @returns What puts the function back.
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
 * An error of the system.
 *
 * @param code Its code, as `EACCES`.
 * @param cls Its class.
 * @returns The error.
 */
export function systemError(
  code: string,
  cls: new (message?: string) => Error = Error,
): Error {
  return Object.assign(new cls(`The system says ${code}`), { code });
}
