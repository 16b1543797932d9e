// Copyright 2026 the pystd authors. MIT license.

/**
 * The options of `SimpleHTTPRequestHandler`.
 *
 * @module
 */

import type { Source } from "../../sources/source.ts";

/** Options of {@linkcode SimpleHTTPRequestHandler}. */
export interface SimpleHTTPRequestHandlerOptions {
  /**
   * The directory to serve.
   *
   * @default {Deno.cwd()}
   */
  directory?: string;
  /**
   * Whether symbolic links that lead out of the directory are followed.
   *
   * @default {false}
   */
  followSymlinks?: boolean;
  /**
   * Whether names that start with a dot are listed and served. If not,
   * `/.well-known/` is served all the same.
   *
   * @default {true}
   */
  dotfiles?: boolean;
  /**
   * Tells which names are not listed and not served, such as
   * `(name) => name.endsWith(".key")`.
   *
   * @param name The name of a file or folder, without its path.
   * @returns Whether it is hidden.
   */
  hide?: (name: string) => boolean;
  /**
   * Name of the only file of the directory to serve. `/` redirects to it, and
   * only the file needs `--allow-read`. `directory` must be a real path then.
   */
  file?: string;
  /**
   * Where the files come from, in place of `directory`. `followSymlinks` and
   * `file` do not apply then.
   */
  source?: Source;
  /** Header fields that are added to every response. */
  headers?: readonly (readonly [name: string, value: string])[];
  /** Media type of files with an unknown extension. */
  contentType?: string;
}

const OPTION_NAMES: Record<keyof SimpleHTTPRequestHandlerOptions, true> = {
  directory: true,
  followSymlinks: true,
  dotfiles: true,
  hide: true,
  file: true,
  source: true,
  headers: true,
  contentType: true,
};

/** Names of the options of {@linkcode SimpleHTTPRequestHandler}. */
export const SIMPLE_OPTION_NAMES: readonly string[] = Object.keys(OPTION_NAMES);

/**
 * Checks the options of a handler class, for callers without type checks: a
 * misspelt `directory` would serve the working directory.
 *
 * @param options The options.
 * @param names The names that the class knows.
 * @throws {TypeError} If they are no object, have an unknown property, or name
 * both a directory and a source.
 */
export function checkOptions(options: object, names: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `Cannot use ${JSON.stringify(options)} as options: with() takes an ` +
        `object, as with({ directory: "./share" })`,
    );
  }
  const { source, directory, file } =
    options as SimpleHTTPRequestHandlerOptions;
  if (source !== undefined && (directory ?? file) !== undefined) {
    throw new TypeError(
      `Cannot serve both a directory and a source: give one of "directory" and "source"`,
    );
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(
    `Unknown option "${unknown}": expected one of ${names.join(", ")}; a ` +
      `subclass with options of its own adds them to static optionNames`,
  );
}
