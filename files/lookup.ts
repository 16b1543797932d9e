// Copyright 2026 the pystd authors. MIT license.

/**
 * Looks up and opens the files of one served directory, caches small files, and
 * keeps large ones open.
 *
 * A cached file is used only if the file at its path is still the same: device,
 * inode, size, `mtime` and `ctime` are compared as often as `freshness.ts` says.
 * Files reached through a symbolic link are not cached, since the link may lead
 * elsewhere the next time. Small files that changed a moment ago are not cached
 * either, since another change might have the same `mtime`.
 *
 * @module
 */

import type { TimeLimitChecker } from "../io/time_limits.ts";
import type { Platform } from "../protocol/path_segment.ts";
import type { ListingEntry } from "./entries.ts";
import { type CachedFile, FileCache } from "./file_cache.ts";
import type {
  FileDescription,
  FileStore,
  FolderState,
  ListedEntry,
  OpenedFolder,
  SearchMatch,
  WalkEntry,
  WalkOptions,
} from "./file_store.ts";
import type { MaybePromise } from "./maybe_promise.ts";
import { type Folder, Folders } from "./folders.ts";
import { FreshCache, Freshness } from "./freshness.ts";
import {
  isLargeDirectory,
  listLargeDirectory,
  listSmallDirectory,
  SMALL_DIRECTORY_BYTES,
} from "./list_directory.ts";
import { withListingLock } from "./listing_lock.ts";
import { findInOtherNormalForm } from "./normal_form.ts";
import type { OpenFile } from "./open_file.ts";
import { type KeptFile, OpenFileCache } from "./open_file_cache.ts";
import { PLATFORM, SEPARATOR } from "./paths.ts";
import { openDirectory, readEntries } from "./read_folder.ts";
import { isSettled, isUnchanged } from "./file_identity.ts";
import type {
  Found,
  Located,
  OpenedFile,
  ServedDirectory,
} from "./served_directory.ts";

/**
 * Largest file to read synchronously and to cache. If the system has it in memory,
 * that takes 40 µs; each piece read in another thread takes 100.
 */
const SMALL_FILE_BYTES = 256 * 1024;
/** Most attempts to open a file that is replaced during the opening. */
const MAX_ATTEMPTS = 4;
/** Most paths whose lookup is cached. */
const MAX_PATHS = 256;

/** A file of a directory that is ready to send. */
export type LocalFile = CachedFile | (OpenedFile & FileDescription);

/** Options of {@linkcode FileLookup}. */
export interface FileLookupOptions {
  /** Most bytes of small files to cache; 0 for none. */
  cacheBytes: number;
  /** How long a check of the disk is valid, in ms; 0 for one turn. */
  freshFor: number;
}

/** Looks up, opens and caches the files of a directory. */
export class FileLookup implements FileStore {
  /** The path of the directory. */
  readonly path: string;
  /** Clients do not see the name of the directory. */
  readonly name: undefined = undefined;
  /** The platform of this machine. */
  readonly platform: Platform = PLATFORM;
  /** The served directory. */
  readonly servedDirectory: ServedDirectory;
  #freshness: Freshness;
  #cache: FileCache;
  #openFiles: OpenFileCache;
  #located: FreshCache<Located>;
  #folders: Folders;
  #options: FileLookupOptions;
  #restricted = new WeakMap<object, FileLookup>();

  /**
   * Creates a lookup with empty caches.
   *
   * @param servedDirectory The served directory.
   * @param options See {@linkcode FileLookupOptions}.
   * @param whole A lookup of the whole directory, whose caches of files it
   * shares.
   */
  constructor(
    servedDirectory: ServedDirectory,
    options: FileLookupOptions,
    whole?: FileLookup,
  ) {
    const { cacheBytes, freshFor } = options;
    this.#options = options;
    this.servedDirectory = servedDirectory;
    this.path = servedDirectory.path;
    if (whole === undefined) {
      this.#freshness = new Freshness(freshFor);
      this.#cache = new FileCache(cacheBytes);
      this.#openFiles = new OpenFileCache();
      this.#folders = new Folders(servedDirectory, this.#freshness);
    } else {
      this.#freshness = whole.#freshness;
      this.#cache = whole.#cache;
      this.#openFiles = whole.#openFiles;
      this.#folders = whole.#folders;
    }
    this.#located = new FreshCache(this.#freshness, MAX_PATHS);
  }

  /**
   * Returns a lookup of the same files, of which only some may be read. It shares
   * the cached files. Links out of the directory are not followed.
   *
   * @param mayRead Tells whether a real path below the directory may be read.
   * @returns The lookup; the same object for the same function.
   */
  restrictedTo(mayRead: (below: string) => boolean): FileLookup {
    let lookup = this.#restricted.get(mayRead);
    if (lookup === undefined) {
      const directory = this.servedDirectory.restrictedTo(mayRead);
      lookup = new FileLookup(directory, this.#options, this);
      this.#restricted.set(mayRead, lookup);
    }
    return lookup;
  }

  /**
   * Returns a cached file.
   *
   * @param path The requested path.
   * @returns The file, if it is cached or open, and unchanged on the disk.
   */
  cached(path: string): LocalFile | undefined {
    const { mayRead, path: directory } = this.servedDirectory;
    // A cached file was found without a link, so that this is its real path.
    if (mayRead?.(path.slice(directory.length)) === false) return undefined;
    const small = this.#cache.get(path);
    if (small !== undefined) {
      if (this.#isUnchanged(path, small)) return small;
      this.#cache.delete(path);
      return undefined;
    }
    const open = this.#openFiles.get(path);
    if (open === undefined) return undefined;
    if (this.#isUnchanged(path, open)) return shared(open);
    this.#openFiles.delete(path);
    return undefined;
  }

  #isUnchanged(path: string, file: CachedFile | KeptFile): boolean {
    if (this.#freshness.isValid(file.checked)) return true;
    const checked = this.#freshness.mark();
    const { folder } = file;
    if (folder !== undefined && !this.#folders.isInPlace(folder)) return false;
    if (!isOnDisk(path, file)) return false;
    file.checked = checked;
    return true;
  }

  /**
   * Locates a path.
   *
   * @param path The path.
   * @returns The result of {@linkcode ServedDirectory.locate}.
   */
  locate(path: string): Located {
    return this.#located.get(path, this.#locate);
  }

  #locate = (path: string): Located => this.servedDirectory.locate(path);

  /**
   * Opens a file; reads and caches it if it is small.
   *
   * @param path The requested path.
   * @param located The result of `locate`.
   * @param describe Returns the header fields of the file.
   * @param checker Closes the file if it is kept open; without one, it is not.
   * @returns The file; `undefined` if it cannot be opened.
   * @throws {Error} What `describe` throws.
   */
  open(
    path: string,
    located: Found,
    describe: (info: Deno.FileInfo) => FileDescription,
    checker?: TimeLimitChecker,
  ): LocalFile | undefined {
    let found: Located = located;
    for (let left = MAX_ATTEMPTS; left > 0 && found.kind === "file"; left--) {
      const file = this.#openOnce(path, found, describe, checker);
      if (file !== undefined) return file;
      // Perhaps the process has no descriptor left.
      this.#openFiles.closeAll();
      found = this.servedDirectory.locate(path);
    }
    return undefined;
  }

  #openOnce(
    path: string,
    found: Found,
    describe: (info: Deno.FileInfo) => FileDescription,
    checker: TimeLimitChecker | undefined,
  ): LocalFile | undefined {
    const checked = this.#freshness.mark();
    const opened = this.servedDirectory.open(found);
    if (opened === undefined) return undefined;
    const { file, info } = opened;
    const folder = this.#folderOf(path, found);
    let description: FileDescription;
    try {
      description = describe(info);
    } catch (error) {
      file.close();
      throw error;
    }
    if (info.size > SMALL_FILE_BYTES) {
      const kept = { file, info, ...description, folder, checked, used: true };
      if (!this.#mayKeepOpen(path, found, checker)) return kept;
      const lent = shared(kept);
      this.#openFiles.keep(path, kept);
      return lent;
    }
    const bytes = readAll(file, info.size);
    if (bytes === undefined) return undefined;
    const kept = { info, bytes, ...description, folder, checked };
    if (this.#isDirect(path, found) && isSettled(info)) {
      this.#cache.set(path, kept);
    }
    return kept;
  }

  /**
   * Finds a path whose names are the same text in another normal form.
   *
   * @param path A path that is missing.
   * @returns The path as stored; `undefined` if there is none.
   */
  otherSpelling(path: string): string | undefined {
    return findInOtherNormalForm(this.servedDirectory, path);
  }

  /**
   * Opens a file to read it from its start to its end.
   *
   * @param found The result of `locate`.
   * @returns The file; `undefined` if it cannot be opened.
   */
  openToRead(found: Found): OpenedFile | undefined {
    return this.servedDirectory.open(found);
  }

  /**
   * Describes a directory before it is read.
   *
   * @param path Its path.
   * @returns Its state.
   * @throws {Error} If it cannot be accessed.
   */
  folderState(path: string): FolderState {
    const { size, mtime } = Deno.statSync(path);
    return {
      isLarge: size > SMALL_DIRECTORY_BYTES,
      mtime: mtime?.getTime() ?? 0,
    };
  }

  /**
   * Reads a small directory.
   *
   * @param path Its path.
   * @param dotfiles Whether names that start with a dot are shown.
   * @returns Its entries, unordered.
   * @throws {Error} If it cannot be read.
   */
  readFolder(path: string, dotfiles: boolean): ListingEntry[] {
    const { servedDirectory } = this;
    return readEntries({ servedDirectory, path, dotfiles });
  }

  /**
   * Begins to read a large directory.
   *
   * @param path Its path.
   * @param dotfiles Whether names that start with a dot are shown.
   * @returns The directory.
   * @throws {Error} If it cannot be read.
   */
  openFolder(path: string, dotfiles: boolean): Promise<OpenedFolder> {
    const { servedDirectory } = this;
    return openDirectory({ servedDirectory, path, dotfiles });
  }

  /**
   * Lists large directories one at a time.
   *
   * @param path The directory.
   * @param list Lists it.
   * @returns What `list` returns.
   */
  whileListing<T>(
    path: string,
    list: (isLarge: boolean) => MaybePromise<T>,
  ): MaybePromise<T> {
    return isLargeDirectory(path)
      ? withListingLock(() => list(true))
      : list(false);
  }

  /**
   * Returns the entries of a directory.
   *
   * @param path Its path.
   * @returns The entries, unordered; a promise if it is large.
   * @throws {Error} If it cannot be read. The promise rejects likewise.
   */
  list(path: string): MaybePromise<ListedEntry[]> {
    const describe = ({ name, isDirectory, isSymlink }: Deno.DirEntry) => ({
      name,
      isDirectory: isSymlink
        ? this.locate(path + SEPARATOR + name).kind === "directory"
        : isDirectory,
      isSymlink,
    });
    const { servedDirectory } = this;
    return listSmallDirectory(servedDirectory, path)?.map(describe) ??
      listLargeDirectory(servedDirectory, path, describe);
  }

  /**
   * Walks through all files below a directory.
   *
   * @param top The directory.
   * @param options See {@linkcode WalkOptions}.
   * @returns The files and directories.
   */
  async *walk(top: Found, options?: WalkOptions): AsyncGenerator<WalkEntry> {
    const { walk } = await import("./walk.ts");
    yield* walk(this.servedDirectory, top, options);
  }

  /**
   * Finds names below a directory.
   *
   * @param folder The directory.
   * @param matches Tells whether a name is wanted.
   * @returns The matches, in batches.
   */
  async *search(
    folder: Found,
    matches: (name: string) => boolean,
  ): AsyncGenerator<SearchMatch[]> {
    const { search } = await import("./search.ts");
    yield* search(this.servedDirectory, folder, matches);
  }

  /** Whether a file on disk can be compared with the open one later. */
  #mayKeepOpen(
    path: string,
    found: Found,
    checker: TimeLimitChecker | undefined,
  ): boolean {
    return checker !== undefined && Boolean(found.info.ino) &&
      this.#isDirect(path, found) && checker.closeWhenUnused(this.#openFiles);
  }

  /**
   * Returns the folder of a file that has been opened; `undefined` for the served
   * directory itself, which may be a link to another place later: there the inode
   * identifies the file.
   */
  #folderOf(path: string, found: Found): Folder | undefined {
    const folder = path.slice(0, path.lastIndexOf("/"));
    const directory = this.servedDirectory.path;
    if (folder.length <= directory.length && found.info.ino) return undefined;
    const real = found.path.slice(0, found.path.lastIndexOf(SEPARATOR));
    return this.#folders.get(folder, real);
  }

  /** Whether no link below the served directory was followed. */
  #isDirect(path: string, found: Found): boolean {
    const directory = this.servedDirectory.path;
    return path.startsWith(directory) &&
      isSpelledAs(found, path.slice(directory.length), SEPARATOR);
  }
}

/**
 * Tells whether the real path of a file equals the requested path: no link was
 * followed, and the file system matched no other spelling.
 *
 * @param found The file.
 * @param below The requested path below the served directory, with slashes.
 * @param separator The separator of real paths.
 * @returns Whether they are equal.
 */
export function isSpelledAs(
  { path, root }: Pick<Found, "path" | "root">,
  below: string,
  separator: string,
): boolean {
  // The root of a drive or of the whole system ends in a separator.
  const names = root.endsWith(separator) && below.startsWith("/")
    ? below.slice(1)
    : below;
  return path === root +
      (separator === "/" ? names : names.replaceAll("/", separator));
}

function shared(kept: KeptFile): OpenedFile & FileDescription {
  const { file, info, type, etag, lastModified } = kept;
  return { file: file.share(), info, type, etag, lastModified };
}

function isOnDisk(path: string, file: CachedFile | KeptFile): boolean {
  try {
    return isUnchanged(Deno.lstatSync(path), file.info);
  } catch {
    return false;
  }
}

/** Reads and closes a file; `undefined` if it has become shorter. */
function readAll(file: OpenFile, size: number): Uint8Array | undefined {
  const bytes = new Uint8Array(size);
  const complete = file.readFullySync(bytes, 0);
  file.close();
  return complete ? bytes : undefined;
}
