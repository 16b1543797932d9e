// Copyright 2026 the pystd authors. MIT license.

/**
 * Finds names in all folders below one, the nearest folders first. As for
 * single downloads, hidden files and links that lead out are left out.
 *
 * Only names are read; a file is located when its name matches. The search runs
 * in time slices, so that other requests are served in between.
 *
 * @module
 */

import { isTemporaryName } from "../protocol/upload_name.ts";
import { isLargeDirectory } from "./list_directory.ts";
import { joinName } from "./paths.ts";
import type { Found, ServedDirectory } from "./served_directory.ts";
import type { SearchMatch } from "./file_store.ts";
import { TimeSlices } from "./time_slices.ts";

/** Deepest level: deeper files cannot be requested by their path either. */
const MAX_DEPTH = 128;
/** Most folders that wait to be searched; they take some 30 MB. */
const MAX_FOLDERS = 100_000;

/** A folder to search. */
interface QueuedFolder {
  /** Its real path. */
  readonly path: string;
  /** Its path below the first folder, with a trailing slash; empty for that. */
  readonly prefix: string;
  readonly depth: number;
}

/**
 * Finds names below a folder.
 *
 * @param servedDirectory The served directory.
 * @param folder The folder.
 * @param matches Tells whether a name is wanted.
 * @returns The matches, in batches: one at the end of each time slice, which may
 * be empty. The caller may end the search after each.
 */
export async function* search(
  servedDirectory: ServedDirectory,
  folder: Found,
  matches: (name: string) => boolean,
): AsyncGenerator<SearchMatch[]> {
  using slices = new TimeSlices();
  const folders = new FolderQueue();
  folders.add({ path: folder.path, prefix: "", depth: 1 });
  let batch: SearchMatch[] = [];
  for (let here; (here = folders.next()) !== undefined;) {
    for await (const entry of entriesIn(here.path)) {
      const match = visit(servedDirectory, here, entry, matches, folders);
      if (match !== undefined) batch.push(match);
      if (!slices.over) continue;
      yield batch;
      batch = [];
      await slices.pause();
    }
    if (!slices.over) continue;
    yield batch;
    batch = [];
    await slices.pause();
  }
  yield batch;
}

/** Folders to search; those that links lead to come last, and none comes twice. */
class FolderQueue {
  #level: QueuedFolder[] = [];
  #next: QueuedFolder[] = [];
  #linked: QueuedFolder[] = [];
  #seen = new Set<string>();

  add(folder: QueuedFolder, isSymlink = false): void {
    const waiting = this.#next.length + this.#linked.length;
    if (folder.depth > MAX_DEPTH || waiting >= MAX_FOLDERS) return;
    (isSymlink ? this.#linked : this.#next).push(folder);
  }

  next(): QueuedFolder | undefined {
    for (;;) {
      if (this.#level.length === 0) {
        // Taken from the end.
        this.#level = this.#next.reverse();
        this.#next = [];
      }
      const folder = this.#level.pop() ?? this.#linked.shift();
      if (folder === undefined) return undefined;
      if (this.#seen.has(folder.path)) continue;
      this.#seen.add(folder.path);
      return folder;
    }
  }
}

/** Queues an entry that is a folder; returns an entry whose name matches. */
function visit(
  servedDirectory: ServedDirectory,
  here: QueuedFolder,
  entry: Deno.DirEntry,
  matches: (name: string) => boolean,
  folders: FolderQueue,
): SearchMatch | undefined {
  const { name, isSymlink, isDirectory } = entry;
  if (!servedDirectory.shows(here.path, entry) || isTemporaryName(name)) {
    return undefined;
  }
  const isWanted = matches(name);
  const at = joinName(here.path, name);
  // Not `locateEntry`: a link may have replaced the folder since it was queued.
  const found = isWanted || isSymlink ? servedDirectory.locate(at) : undefined;
  if (found?.kind === "missing") return undefined;
  if (isDirectory || found?.kind === "directory") {
    folders.add({
      path: found?.path ?? at,
      prefix: `${here.prefix}${name}/`,
      depth: here.depth + 1,
    }, isSymlink);
  }
  return isWanted && found !== undefined
    ? { path: here.prefix + name, isSymlink, found }
    : undefined;
}

function entriesIn(
  path: string,
): Iterable<Deno.DirEntry> | AsyncIterable<Deno.DirEntry> {
  if (isLargeDirectory(path)) return readLarge(path);
  try {
    return Deno.readDirSync(path);
  } catch {
    return []; // It cannot be read, or was removed.
  }
}

async function* readLarge(path: string): AsyncGenerator<Deno.DirEntry> {
  try {
    yield* Deno.readDir(path);
  } catch {
    // It cannot be read, or was removed.
  }
}
