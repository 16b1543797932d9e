// Copyright 2026 the pystd authors. MIT license.

/**
 * Reads the entries of a directory for its listing.
 *
 * A small directory is read at once with synchronous calls, which are fastest.
 * A large one is read in slices, so that other requests are served in between.
 *
 * @module
 */

import { isTemporaryName } from "../protocol/upload_name.ts";
import { type ListingEntry, sortKey } from "./entries.ts";
import type { OpenedFolder } from "./file_store.ts";
import type { Found, ServedDirectory } from "./served_directory.ts";
import { TimeSlices } from "./time_slices.ts";

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
export function readEntries(source: EntrySource): ListingEntry[] {
  const directory = locate(source);
  const start = Date.now();
  const entries: ListingEntry[] = [];
  for (const found of Deno.readDirSync(directory.path)) {
    if (!isShown(found, directory, source)) continue;
    entries.push(describe(found, source));
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
  entries: readonly ListingEntry[],
): void {
  if (servedDirectory.confirms(directory, start, entries)) return;
  throw new Deno.errors.NotFound("Cannot list the directory: it has changed");
}

/**
 * Begins to read a large directory.
 *
 * @param source The directory.
 * @returns The directory, which is read a slice at a time.
 * @throws {Error} If it cannot be read.
 */
export async function openDirectory(
  source: EntrySource,
): Promise<OpenedFolder> {
  const directory = locate(source);
  const start = Date.now();
  const iterator = Deno.readDir(directory.path)[Symbol.asyncIterator]();
  // Its error shows before the response does.
  const first = await iterator.next();
  return {
    isLarge: true,
    read: () => readInSlices(source, directory, start, first, iterator),
  };
}

async function readInSlices(
  source: EntrySource,
  directory: Found,
  start: number,
  first: IteratorResult<Deno.DirEntry>,
  rest: AsyncIterator<Deno.DirEntry>,
): Promise<ListingEntry[]> {
  const entries: ListingEntry[] = [];
  using slices = new TimeSlices();
  for (let next = first; !next.done; next = await rest.next()) {
    if (!isShown(next.value, directory, source)) continue;
    const count = entries.push(describe(next.value, source));
    if (count % STEP === 0 && slices.over) await slices.pause();
  }
  confirm(source, directory, start, entries);
  return entries;
}

function isShown(
  entry: Deno.DirEntry,
  { path }: Found,
  { servedDirectory, dotfiles }: EntrySource,
): boolean {
  const { name, isSymlink } = entry;
  if (name.charCodeAt(0) === 0x2e && (!dotfiles || isTemporaryName(name))) {
    return false;
  }
  const { hide, mayRead } = servedDirectory;
  return (!isSymlink && hide === undefined && mayRead === undefined) ||
    servedDirectory.shows(path, entry);
}

/** Returns an entry for a listing; of kind `"other"` if `lstat` fails. */
function describe(
  { name, isSymlink }: Deno.DirEntry,
  { servedDirectory, path }: EntrySource,
): ListingEntry {
  const key = sortKey(name);
  const at = path === "/" ? `/${name}` : `${path}/${name}`;
  let kind: ListingEntry["kind"] = "other";
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
