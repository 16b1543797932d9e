// Copyright 2026 the pystd authors. MIT license.

/**
 * The directory of this machine that a class serves: the permission that it
 * needs, and the file lookup that its connections share.
 *
 * @module
 */

import type { NameFilter } from "../../files/hidden.ts";
import { FileLookup, type FileLookupOptions } from "../../files/lookup.ts";
import { join, resolve } from "../../files/paths.ts";
import { ServedDirectory } from "../../files/served_directory.ts";
import type { SimpleHTTPRequestHandlerOptions } from "./options.ts";

/**
 * Checks that what is served may be read, without a prompt.
 *
 * @param options The directory, or its only file.
 * @throws {Deno.errors.NotCapable} If the permission is missing.
 */
export function requireReading(
  { directory = ".", file }: SimpleHTTPRequestHandlerOptions,
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
