// Copyright 2026 the pystd authors. MIT license.

/**
 * The entries of a listing, and their order.
 *
 * A small directory is read at once with synchronous calls, which are fastest.
 * A large one is read and sorted in slices, so that other requests are served
 * in between.
 *
 * @module
 */

import type {
  Found,
  ServedDirectory,
} from "../../../files/served_directory.ts";
import { TimeSlices } from "../../../files/time_slices.ts";
import { isTemporaryName } from "../../../protocol/upload_name.ts";

/** An entry of a listing. */
export interface ShareEntry {
  /** Its name. */
  name: string;
  /** Its kind, or that of a link's target; `"other"` cannot be opened. */
  kind: "directory" | "file" | "other";
  /** Whether it is a symbolic link. */
  isSymlink: boolean;
  /** Its size in bytes; -1 if it has none. */
  size: number;
  /** When it was modified, in epoch ms; NaN if unknown. */
  mtime: number;
  /** Sort key of the name. */
  key: string;
}

/** Sort order of a listing. */
export type SortBy = "name" | "size" | "date";

/** Compares two entries. */
export type Compare = (a: ShareEntry, b: ShareEntry) => number;

/** The directory to read, and the rules for its entries. */
export interface EntrySource {
  /** The directory that is served. */
  servedDirectory: ServedDirectory;
  /** The directory whose entries are read, without a slash at its end. */
  path: string;
  /** Whether names that start with a dot are shown. */
  dotfiles: boolean;
}

/** Entries between two checks of the clock. */
const STEP = 16;

/**
 * Reads a directory at once.
 *
 * @param source The directory.
 * @returns Its entries, unordered.
 * @throws {Error} If it cannot be read.
 */
export function readEntries(source: EntrySource): ShareEntry[] {
  const directory = locate(source);
  const start = Date.now();
  const entries: ShareEntry[] = [];
  for (const found of Deno.readDirSync(directory.path)) {
    if (isShown(found, source)) entries.push(describe(found, source));
  }
  confirm(source, directory, start, entries);
  return entries;
}

function locate({ servedDirectory, path }: EntrySource): Found {
  const found = servedDirectory.locate(path);
  if (found.kind === "directory") return found;
  throw new Deno.errors.NotFound(
    "Cannot list the directory: it does not exist",
  );
}

/** Checks that no link has replaced the directory meanwhile. */
function confirm(
  { servedDirectory }: EntrySource,
  directory: Found,
  start: number,
  entries: readonly ShareEntry[],
): void {
  if (servedDirectory.confirms(directory, start, entries)) return;
  throw new Deno.errors.NotFound("Cannot list the directory: it has changed");
}

/** A large directory that is being read. */
export interface OpenedDirectory {
  /** The directory as it was found. */
  directory: Found;
  /** When its reading began, in epoch ms. */
  start: number;
  /** Its entries. */
  found: AsyncIterable<Deno.DirEntry>;
}

/**
 * Begins to read a large directory.
 *
 * @param source The directory.
 * @returns The argument of `readEntriesInSlices()`.
 * @throws {Error} If it cannot be read.
 */
export async function openDirectory(
  source: EntrySource,
): Promise<OpenedDirectory> {
  const directory = locate(source);
  const start = Date.now();
  const iterator = Deno.readDir(directory.path)[Symbol.asyncIterator]();
  let first: IteratorResult<Deno.DirEntry> | undefined = await iterator.next();
  const next = (): Promise<IteratorResult<Deno.DirEntry>> => {
    if (first === undefined) return iterator.next();
    const result = Promise.resolve(first);
    first = undefined;
    return result;
  };
  const found = { [Symbol.asyncIterator]: () => ({ next }) };
  return { directory, start, found };
}

/**
 * Reads a large directory, a slice at a time.
 *
 * @param reading The result of `openDirectory()`.
 * @param source The directory.
 * @returns Its entries, unordered.
 * @throws {Deno.errors.NotFound} If the directory was replaced meanwhile.
 */
export async function readEntriesInSlices(
  reading: OpenedDirectory,
  source: EntrySource,
): Promise<ShareEntry[]> {
  const entries: ShareEntry[] = [];
  using slices = new TimeSlices();
  for await (const entry of reading.found) {
    if (!isShown(entry, source)) continue;
    const count = entries.push(describe(entry, source));
    if (count % STEP === 0 && slices.over) await slices.pause();
  }
  confirm(source, reading.directory, reading.start, entries);
  return entries;
}

function isShown(
  entry: Deno.DirEntry,
  { servedDirectory, path, dotfiles }: EntrySource,
): boolean {
  const { name, isSymlink } = entry;
  if (name.charCodeAt(0) === 0x2e) return dotfiles && !isTemporaryName(name);
  return (!isSymlink && servedDirectory.hide === undefined) ||
    servedDirectory.shows(path, entry);
}

/** Returns an entry for a listing; of kind `"other"` if `lstat` fails. */
function describe(
  { name, isSymlink }: Deno.DirEntry,
  { servedDirectory, path }: EntrySource,
): ShareEntry {
  const key = sortKey(name);
  const at = path === "/" ? `/${name}` : `${path}/${name}`;
  let kind: ShareEntry["kind"] = "other";
  let size = -1;
  let mtime = NaN;
  try {
    let info: Deno.FileInfo | undefined;
    if (isSymlink) {
      const located = servedDirectory.locate(at);
      if (located.kind !== "missing") info = located.info;
    } else {
      info = Deno.lstatSync(at);
    }
    if (info?.isFile) {
      kind = "file";
      size = info.size;
    } else if (info?.isDirectory) kind = "directory";
    mtime = info?.mtime?.getTime() ?? NaN;
  } catch {
    // The entry was removed, or its name is not UTF-8.
  }
  return { name, kind, isSymlink, size, mtime, key };
}

/**
 * Returns a key for natural order: ignores case and accents, and sorts numbers
 * by value. `Intl.Collator` does the same in ten times the time.
 */
function sortKey(name: string): string {
  let key = name.toLowerCase();
  if (/[^\0-\x7f]/.test(key)) {
    key = key.normalize("NFKD").replace(/\p{M}/gu, "");
  }
  return /[0-9]/.test(key)
    ? key.replace(/[0-9]+/g, (digits) => digits.padStart(12, "0"))
    : key;
}

/**
 * Returns the order of a listing: folders first in any case.
 *
 * @param by The property to sort by.
 * @param descending Whether the order is reversed.
 * @returns The comparison.
 */
export function entryOrder(by: SortBy, descending: boolean): Compare {
  const sign = descending ? -1 : 1;
  return (a, b) => {
    if ((a.kind === "directory") !== (b.kind === "directory")) {
      return a.kind === "directory" ? -1 : 1;
    }
    let difference = 0;
    if (by === "size") difference = a.size - b.size;
    else if (by === "date") difference = (a.mtime || 0) - (b.mtime || 0);
    if (difference === 0) {
      difference = compareText(a.key, b.key) || compareText(a.name, b.name);
    }
    return sign * difference;
  };
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
