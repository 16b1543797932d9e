// Copyright 2026 the pystd authors. MIT license.

/**
 * What the handlers need of the files that they serve. A directory of this
 * machine answers at once (`FileLookup`); other sources answer with promises.
 *
 * @module
 */

import type { SharedResources } from "../io/time_limits.ts";
import type { Platform } from "../protocol/path_segment.ts";
import type { ListingEntry } from "./entries.ts";
import type { CachedFile } from "./file_cache.ts";
import type { MaybePromise } from "./maybe_promise.ts";
import type { OpenFile, SeekableFile } from "./open_file.ts";
import type { Found, Located, ServedDirectory } from "./served_directory.ts";

/** The header fields of a file. */
export interface FileDescription {
  /** The value of `Content-Type`. */
  type: string;
  /** The value of `ETag`. */
  etag: string;
  /** The value of `Last-Modified`; empty for none. */
  lastModified: string;
  /** The value of `Content-Encoding`, for files that are stored coded. */
  coding?: string;
  /** Further fields of responses with the file. */
  fields?: readonly (readonly [name: string, value: string])[];
}

/** A file that is read as a stream, a range at a time. */
export interface StreamedFile extends SeekableFile {
  /**
   * Most bytes before the ranges of one request, in all, if these are read, too;
   * with more, the whole file is sent.
   */
  readonly maxSkipped?: number;
  /**
   * Begins to read a range, so that an error shows before the response does.
   *
   * @param start Offset of the first byte.
   * @param end Offset behind the last byte.
   */
  prepare(start: number, end: number): Promise<void>;
  /**
   * Reads a range.
   *
   * @param start Offset of the first byte.
   * @param end Offset behind the last byte.
   * @returns The bytes, in pieces; fewer only if it throws.
   */
  pieces(start: number, end: number): AsyncIterable<Uint8Array>;
}

/** An open file. The caller closes it. */
export interface ReadableFile {
  /** The file. */
  file: OpenFile | StreamedFile;
  /** Its metadata when it was opened. */
  info: Deno.FileInfo;
  /** Its entity tag, if its store has one. */
  etag?: string;
}

/** A file that is ready to send: in memory, or open. */
export type ReadyFile = CachedFile | (ReadableFile & FileDescription);

/** An entry of a folder. */
export interface ListedEntry {
  /** Its name. */
  name: string;
  /** Whether it is a folder, or a link that leads to one. */
  isDirectory: boolean;
  /** Whether it is a symbolic link. */
  isSymlink: boolean;
}

/** A file or folder that a walk finds. */
export interface WalkEntry {
  /** Its path below the folder, with slashes; a folder has a trailing one. */
  readonly name: string;
  /** The file or folder. */
  readonly found: Found;
}

/** Options of {@linkcode FileStore.walk}. */
export interface WalkOptions {
  /** Receives the paths of files whose names are not UTF-8: Deno cannot open them. */
  readonly unreadable?: string[];
  /**
   * Whether to leave out links to folders. Links to each other's folders can lead
   * to the same files in exponentially many ways.
   *
   * @default {false}
   */
  readonly skipsFolderLinks?: boolean;
  /** The names in the folder to walk through; all if absent. */
  readonly only?: ReadonlySet<string>;
}

/** A file or folder whose name a search wanted. */
export interface SearchMatch {
  /** Its path below the first folder, with slashes. */
  readonly path: string;
  /** Whether it is a symbolic link. */
  readonly isSymlink: boolean;
  /** The file or folder. */
  readonly found: Found;
}

/** Closes files that no request uses: the server's checker of time limits. */
export interface FileCloser {
  /**
   * Closes files once they were not used for some time.
   *
   * @param files The files.
   * @returns Whether it will; `false` if no connection is left.
   */
  closeWhenUnused(files: SharedResources): boolean;
}

/** A folder as its listing sees it. */
export interface FolderState {
  /** Whether it is read in slices. */
  readonly isLarge: boolean;
  /** When its names last changed, in epoch ms; `undefined` if unknown. */
  readonly mtime: number | undefined;
}

/** A folder that is being read. */
export interface OpenedFolder {
  /** Whether its listing should be made and sent in slices. */
  readonly isLarge: boolean;
  /**
   * Reads the folder, a slice at a time. A large folder of a source is read again
   * from its start.
   *
   * @returns Its entries, unordered.
   * @throws {Error} If it cannot be read, or was replaced meanwhile.
   */
  read(): Promise<ListingEntry[]>;
}

/** The files that a handler serves. Paths are those of `translatePath()`. */
export interface FileStore {
  /** What all paths start with: the absolute path of a directory, or nothing. */
  readonly path: string;
  /** The name of the whole, for its archive; `undefined` if it has none. */
  readonly name: string | undefined;
  /** The platform of the names. */
  readonly platform: Platform;
  /** The served directory; `undefined` if the files come from elsewhere. */
  readonly servedDirectory: ServedDirectory | undefined;
  /**
   * Returns the same files, of which only some may be read. The others count as
   * missing.
   *
   * @param mayRead Tells whether a real path below `path` may be read.
   * @returns The files; the same object for the same function.
   */
  restrictedTo(mayRead: (below: string) => boolean): FileStore;
  /**
   * Returns a file that is in memory or open, and is still the same.
   *
   * @param path Its path.
   * @returns The file; `undefined` if it has to be looked up.
   */
  cached(path: string): ReadyFile | undefined;
  /**
   * Looks up a path.
   *
   * @param path The path.
   * @returns The file or folder; missing if it is hidden or cannot be read.
   */
  locate(path: string): MaybePromise<Located>;
  /**
   * Finds a path whose names are the same text in another Unicode normal form.
   *
   * @param path A path that is missing.
   * @returns The path as stored; `undefined` if there is none.
   */
  otherSpelling(path: string): MaybePromise<string | undefined>;
  /**
   * Opens a file.
   *
   * @param path The requested path.
   * @param located The result of `locate`.
   * @param describe Returns the header fields of the file.
   * @param closer Closes the file if it is kept open; without one, it is not.
   * @returns The file; `undefined` if it cannot be opened.
   */
  open(
    path: string,
    located: Found,
    describe: (info: Deno.FileInfo) => FileDescription,
    closer?: FileCloser,
  ): MaybePromise<ReadyFile | undefined>;
  /**
   * Opens a file to read it from its start to its end.
   *
   * @param found The result of `locate`.
   * @returns The file; `undefined` if it cannot be opened.
   */
  openToRead(found: Found): ReadableFile | undefined;
  /**
   * Describes a folder before it is read.
   *
   * @param path Its path.
   * @returns Its state.
   * @throws {Error} If it cannot be accessed.
   */
  folderState(path: string): FolderState;
  /**
   * Reads a folder that is not large.
   *
   * @param path Its path.
   * @param dotfiles Whether names that start with a dot are shown.
   * @returns Its entries, unordered.
   * @throws {Error} If it cannot be read.
   */
  readFolder(path: string, dotfiles: boolean): ListingEntry[];
  /**
   * Begins to read a folder that may be large.
   *
   * @param path Its path.
   * @param dotfiles Whether names that start with a dot are shown.
   * @returns The folder.
   * @throws {Error} If it cannot be read.
   */
  openFolder(path: string, dotfiles: boolean): Promise<OpenedFolder>;
  /**
   * Lists folders that are large one at a time, to bound the memory.
   *
   * @param path The folder.
   * @param list Lists it.
   * @returns What `list` returns.
   */
  whileListing<T>(
    path: string,
    list: (isLarge: boolean) => MaybePromise<T>,
  ): MaybePromise<T>;
  /**
   * Returns the entries of a folder.
   *
   * @param path Its path.
   * @returns The entries, unordered; a promise if they take time.
   * @throws {Error} If it cannot be read. The promise rejects likewise.
   */
  list(path: string): MaybePromise<ListedEntry[]>;
  /**
   * Walks through all files below a folder, in order. Each folder comes before
   * its entries. Hidden and unreadable files are left out.
   *
   * @param top The folder.
   * @param options See {@linkcode WalkOptions}.
   * @returns The files and folders, each folder sorted by name.
   */
  walk(top: Found, options?: WalkOptions): AsyncIterable<WalkEntry>;
  /**
   * Finds names below a folder.
   *
   * @param folder The folder.
   * @param matches Tells whether a name is wanted.
   * @returns The matches, in batches, which may be empty.
   */
  search(
    folder: Found,
    matches: (name: string) => boolean,
  ): AsyncIterable<SearchMatch[]>;
}

/**
 * Finds a path, or one that is the same text in another Unicode normal form.
 *
 * @param files The files.
 * @param path The path.
 * @returns The file or folder; `undefined` if it is missing.
 */
export async function findAnySpelling(
  files: FileStore,
  path: string,
): Promise<Found | undefined> {
  let located = await files.locate(path);
  if (located.kind === "missing") {
    const stored = await files.otherSpelling(path);
    if (stored !== undefined) located = await files.locate(stored);
  }
  return located.kind === "missing" ? undefined : located;
}
