// Copyright 2026 the pystd authors. MIT license.

/**
 * Reading directories: a small one at once, a large one in slices, so that
 * other requests are served in between.
 *
 * @module
 */

import type { Found, ServedDirectory } from "./served_directory.ts";
import { TimeSlices } from "./time_slices.ts";

/**
 * A directory that takes more room on its disk is large: some 1,500 names on
 * ext4, 3,000 in memory. A disk that tells nothing has it read at once.
 */
export const SMALL_DIRECTORY_BYTES: number = 64 * 1024;
/** How often a directory that is replaced while it is read is read anew. */
const ATTEMPTS = 4;

/** When the large directory before has been listed. */
let turn: Promise<unknown> = Promise.resolve();

/**
 * Whether a directory is large.
 *
 * @param path Its path.
 * @returns Whether it is; `false` if it cannot be looked at.
 */
export function isLargeDirectory(path: string): boolean {
  try {
    return Deno.statSync(path).size > SMALL_DIRECTORY_BYTES;
  } catch {
    return false;
  }
}

/**
 * Lists a large directory when those before have been listed. What is known of
 * 100,000 entries takes 20 MiB: a hundred clients who ask for them at once
 * shall not take a hundred times as much.
 *
 * @param list Lists it.
 * @returns What that returns.
 */
export function withListingLock<T>(list: () => T | Promise<T>): Promise<T> {
  const listed = turn.then(list);
  // Not its result, which would be kept until the next one.
  turn = listed.then(() => {}, () => {});
  return listed;
}

/**
 * Reads a directory, unless it is large.
 *
 * @param servedDirectory The directory that is served.
 * @param path The directory's path.
 * @returns Its entries, without hidden ones; `undefined` if it is large.
 * @throws {Error} If there is no such directory, or it cannot be read.
 */
export function listSmallDirectory(
  servedDirectory: ServedDirectory,
  path: string,
): Deno.DirEntry[] | undefined {
  for (let left = ATTEMPTS; left > 0; left--) {
    const found = locate(servedDirectory, path);
    if (found.info.size > SMALL_DIRECTORY_BYTES) return undefined;
    const entries = servedDirectory.list(found);
    if (entries !== undefined) return entries;
  }
  throw new Deno.errors.NotFound("Cannot list the directory: it has changed");
}

/**
 * Reads a large directory. What the system tells of an entry takes 450 bytes,
 * and is let go as soon as `describe` has made of it what is needed.
 *
 * @param servedDirectory The directory that is served.
 * @param path The directory's path.
 * @param describe Makes of an entry what is kept of it.
 * @returns What it made of the entries, without hidden ones.
 * @throws {Error} If there is no such directory, or it cannot be read.
 */
export async function listLargeDirectory<T extends { readonly name: string }>(
  servedDirectory: ServedDirectory,
  path: string,
  describe: (entry: Deno.DirEntry) => T,
): Promise<T[]> {
  for (let left = ATTEMPTS; left > 0; left--) {
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
  throw new Deno.errors.NotFound("Cannot list the directory: not there");
}
