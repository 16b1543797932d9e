// Copyright 2026 the pystd authors. MIT license.

/**
 * Reads directories: small ones at once, large ones in slices, so that other
 * requests are served in between.
 *
 * @module
 */

import type { Found, ServedDirectory } from "./served_directory.ts";
import { TimeSlices } from "./time_slices.ts";

/**
 * Size of a small directory on its disk: some 1,500 names on ext4, 3,000 on
 * tmpfs. Some file systems report no size; there all directories are small.
 */
export const SMALL_DIRECTORY_BYTES: number = 64 * 1024;
/** Most attempts to read a directory that is replaced during the reading. */
const MAX_ATTEMPTS = 4;

/**
 * Tells whether a directory is large.
 *
 * @param path Its path.
 * @returns Whether it is; `false` if it cannot be accessed.
 */
export function isLargeDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).size > SMALL_DIRECTORY_BYTES;
  } catch {
    return false;
  }
}

/**
 * Reads a directory, unless it is large.
 *
 * @param servedDirectory The served directory.
 * @param path The directory's path.
 * @returns Its entries without hidden ones; `undefined` if it is large.
 * @throws {Error} If it does not exist or cannot be read.
 */
export function listSmallDirectory(
  servedDirectory: ServedDirectory,
  path: string,
): Deno.DirEntry[] | undefined {
  for (let left = MAX_ATTEMPTS; left > 0; left--) {
    const found = locate(servedDirectory, path);
    if (found.info.size > SMALL_DIRECTORY_BYTES) return undefined;
    const entries = servedDirectory.list(found);
    if (entries !== undefined) return entries;
  }
  throw new Deno.errors.NotFound("Cannot list the directory: it has changed");
}

/**
 * Reads a large directory. A `Deno.DirEntry` takes 450 bytes; only the result of
 * `describe` is kept.
 *
 * @param servedDirectory The served directory.
 * @param path The directory's path.
 * @param describe Converts an entry to what the caller needs.
 * @returns The converted entries without hidden ones.
 * @throws {Error} If it does not exist or cannot be read.
 */
export async function listLargeDirectory<T extends { readonly name: string }>(
  servedDirectory: ServedDirectory,
  path: string,
  describe: (entry: Deno.DirEntry) => T,
): Promise<T[]> {
  for (let left = MAX_ATTEMPTS; left > 0; left--) {
    const found = locate(servedDirectory, path);
    const start = Date.now();
    using slices = new TimeSlices();
    const entries: T[] = [];
    for await (const entry of Deno.readDir(found.path)) {
      if (servedDirectory.shows(found.path, entry)) {
        entries.push(describe(entry));
      }
      if (slices.over) await slices.pause();
    }
    if (servedDirectory.confirms(found, start, entries)) return entries;
  }
  throw new Deno.errors.NotFound("Cannot list the directory: it has changed");
}

function locate(servedDirectory: ServedDirectory, path: string): Found {
  const found = servedDirectory.locate(path);
  if (found.kind === "directory") return found;
  throw new Deno.errors.NotFound(
    "Cannot list the directory: it does not exist",
  );
}
