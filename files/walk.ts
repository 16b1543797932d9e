// Copyright 2026 the pystd authors. MIT license.

/**
 * Walks through all files below a folder, in order. As for single downloads,
 * hidden files and links that lead out are left out.
 *
 * The walk runs in time slices, so that other requests are served in between.
 *
 * @module
 */

import { isTemporaryName } from "../protocol/upload_name.ts";
import { listLargeDirectory, listSmallDirectory } from "./list_directory.ts";
import { withListingLock } from "./listing_lock.ts";
import type { WalkEntry, WalkOptions } from "./file_store.ts";
import { joinName } from "./paths.ts";
import type { Found, ServedDirectory } from "./served_directory.ts";
import { sortInSlices, TimeSlices } from "./time_slices.ts";

/** Deepest level: deeper files cannot be requested by their path either. */
const MAX_DEPTH = 128;

/** Most names to report that are not UTF-8. */
const MAX_REPORTED = 1000;

/** A folder that the walk is in. */
interface Level {
  readonly folder: Found;
  readonly prefix: string;
  readonly names: Iterator<string>;
}

/**
 * Walks through a folder. Each folder comes before its entries. A link back to a
 * parent folder is not entered. Unreadable files are left out.
 *
 * @param servedDirectory The served directory
 * @param top The folder
 * @param options See {@linkcode WalkOptions}
 * @returns The files and folders, each folder sorted by name
 */
export async function* walk(
  servedDirectory: ServedDirectory,
  top: Found,
  { unreadable = [], skipsFolderLinks = false, only }: WalkOptions = {},
): AsyncGenerator<WalkEntry> {
  using slices = new TimeSlices();
  const levels = [await enter(servedDirectory, top, "")];
  while (levels.length > 0) {
    const { folder, prefix, names } = levels.at(-1)!;
    const { value: name, done } = names.next();
    if (done) {
      levels.pop();
      continue;
    }
    if (slices.over) await slices.pause();
    if (only !== undefined && levels.length === 1 && !only.has(name)) continue;
    const found = servedDirectory.locateEntry(folder, name);
    if (found.kind === "missing") {
      const isOdd = name.includes("\ufffd") && unreadable.length < MAX_REPORTED;
      if (isOdd) unreadable.push(prefix + name);
      continue;
    }
    if (found.kind === "file") {
      yield { name: prefix + name, found };
    } else if (
      levels.length < MAX_DEPTH &&
      !(skipsFolderLinks && found.path !== joinName(folder.path, name)) &&
      !levels.some((level) => level.folder.path === found.path)
    ) {
      const below = `${prefix}${name}/`;
      yield { name: below, found };
      levels.push(await enter(servedDirectory, found, below));
    }
  }
}

async function enter(
  servedDirectory: ServedDirectory,
  folder: Found,
  prefix: string,
): Promise<Level> {
  return {
    folder,
    prefix,
    names: (await namesIn(servedDirectory, folder.path)).values(),
  };
}

async function namesIn(
  servedDirectory: ServedDirectory,
  path: string,
): Promise<string[]> {
  try {
    const listed = listSmallDirectory(servedDirectory, path) ??
      await withListingLock(() =>
        listLargeDirectory(servedDirectory, path, ({ name }) => ({ name }))
      );
    const names = listed.map(({ name }) => name)
      .filter((name) => !isTemporaryName(name));
    return await sortInSlices(names, compareNames);
  } catch {
    return [];
  }
}

function compareNames(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
