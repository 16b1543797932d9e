// Copyright 2026 the pystd authors. MIT license.

/**
 * The options of `SimpleHTTPRequestHandler`; the permission that the directory
 * needs, and the file lookup that its connections share.
 *
 * @module
 */

import type { NameFilter } from "../../files/hidden.ts";
import { join, resolve } from "../../files/paths.ts";
import { ServedDirectory } from "../../files/served_directory.ts";
import { FileLookup, type FileLookupOptions } from "../../files/lookup.ts";

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
 * @throws {TypeError} If they are no object, or have an unknown property.
 */
export function checkOptions(options: object, names: readonly string[]): void {
  if (typeof options !== "object" || options === null) {
    throw new TypeError(
      `Cannot use ${JSON.stringify(options)} as options: with() takes an ` +
        `object, as with({ directory: "./share" })`,
    );
  }
  const unknown = Object.keys(options).find((name) => !names.includes(name));
  if (unknown === undefined) return;
  throw new TypeError(
    `Unknown option "${unknown}": expected one of ${names.join(", ")}; a ` +
      `subclass with options of its own adds them to static optionNames`,
  );
}

/**
 * Checks that what is served may be read, without a prompt.
 *
 * @param options The directory, or its only file.
 * @throws {Deno.errors.NotCapable} If the permission is missing.
 */
export function requireReading(
  { directory = ".", file }: SimpleHTTPRequestHandlerOptions = {},
): void {
  const served = file === undefined ? directory : join(directory, file);
  const path = resolve(served);
  const { state } = Deno.permissions.querySync({ name: "read", path });
  if (state === "granted") return;
  throw new Deno.errors.NotCapable(
    `Requires read access to "${served}", run again with the --allow-read=${served} flag`,
  );
}

/** The lookups of each class, whose static properties are their options. */
const lookups = new WeakMap<object, Map<string, FileLookup>>();

/** The last result, for an absolute directory: most connections want it again. */
let last: {
  cls: FileLookupOptions;
  directory: string;
  followSymlinks: boolean;
  dotfiles: boolean;
  hide: NameFilter | undefined;
  file: string | undefined;
  lookup: FileLookup;
} | undefined;

/**
 * Returns the file lookup that all handlers of a class with the same options
 * share.
 *
 * @param cls The class.
 * @param options The directory, and which of its files are served.
 * @returns The lookup.
 */
export function fileLookupFor(
  cls: FileLookupOptions,
  options: SimpleHTTPRequestHandlerOptions,
): FileLookup {
  const { directory = ".", followSymlinks = false, dotfiles = true, hide } =
    options;
  const { file } = options;
  if (
    last !== undefined && last.cls === cls && last.directory === directory &&
    last.followSymlinks === followSymlinks && last.dotfiles === dotfiles &&
    last.hide === hide && last.file === file
  ) return last.lookup;
  const path = resolve(directory);
  const key = `${followSymlinks}:${dotfiles}:${path}:${file ?? ""}`;
  let ofClass = lookups.get(cls);
  if (ofClass === undefined) lookups.set(cls, ofClass = new Map());
  let lookup = ofClass.get(key);
  if (lookup === undefined || lookup.servedDirectory.hide !== hide) {
    const servedDirectory = new ServedDirectory(path, {
      followSymlinks,
      dotfiles,
      hide,
      file,
    });
    ofClass.set(key, lookup = new FileLookup(servedDirectory, cls));
  }
  // A relative path depends on the working directory, which may change.
  if (directory === path) {
    last = { cls, directory, followSymlinks, dotfiles, hide, file, lookup };
  }
  return lookup;
}
