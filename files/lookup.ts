// Copyright 2026 the pystd authors. MIT license.

/**
 * The files of one served directory: found, opened, and kept in memory while
 * they are small and unchanged.
 *
 * A kept file is sent only if the file at its path is still the one that was
 * read: device, inode, size, time of modification and time of the last change
 * are compared, as often as `freshness.ts` says. Files that were reached
 * through a symbolic link are not kept, since a link may lead elsewhere the next
 * time; neither are files that changed so short a time ago that the next change
 * might not show.
 *
 * @module
 */

import { type CachedFile, FileCache } from "./file_cache.ts";
import { FreshCache, Freshness } from "./freshness.ts";
import type { OpenFile } from "./open_file.ts";
import { SEPARATOR } from "./paths.ts";
import {
  type Found,
  isUnchanged,
  type Located,
  type OpenedFile,
  type ServedDirectory,
} from "./served_directory.ts";

/**
 * The largest file that is read at once, and kept: 40 µs where the system has
 * it in memory, while pieces that are read in another thread take 100 each.
 */
const SMALL_FILE_BYTES = 256 * 1024;
/** The largest part of another file that is: it fits one write. */
const SMALL_PART_BYTES = 64 * 1024;
/** How often a file that is replaced while it is opened is opened anew. */
const ATTEMPTS = 4;
/**
 * How old the last change of a file has to be for it to be kept, in ms: at
 * least the resolution in which the system tells that time, so that the next
 * change shows. Deno tells `ctime` in seconds, and FAT `mtime` in two.
 */
const KEPT_FROM_AGE = 2000;

/** The most paths whose look-up is remembered. */
const MOST_LOCATED = 256;
/** The most folders whose real path is. */
const MOST_FOLDERS = 4096;

/** What a file's response says about it. */
export interface FileDescription {
  /** The value of `Content-Type`. */
  type: string;
  /** The value of `ETag`. */
  etag: string;
  /** The value of `Last-Modified`; empty if there is none. */
  lastModified: string;
}

/** A file that is ready to be sent: in memory, or open. */
export type ReadyFile = CachedFile | (OpenedFile & FileDescription);

/** What a store keeps, and how long it believes what it has seen. */
export interface FileLookupOptions {
  /** The most bytes of small files to keep; 0 for none. */
  cacheBytes: number;
  /** How long a look at the disk counts, in ms; 0 for one turn. */
  freshFor: number;
}

/** Looks files up, and opens or remembers them. */
export class FileLookup {
  /** The directory. */
  readonly servedDirectory: ServedDirectory;
  #freshness: Freshness;
  #cache: FileCache;
  #located: FreshCache<Located>;
  #folders: FreshCache<string | undefined>;

  /**
   * Creates a store with an empty cache.
   *
   * @param servedDirectory The directory.
   * @param options See {@linkcode FileLookupOptions}.
   */
  constructor(
    servedDirectory: ServedDirectory,
    { cacheBytes, freshFor }: FileLookupOptions,
  ) {
    this.servedDirectory = servedDirectory;
    this.#freshness = new Freshness(freshFor);
    this.#cache = new FileCache(cacheBytes);
    this.#located = new FreshCache(this.#freshness, MOST_LOCATED);
    this.#folders = new FreshCache(this.#freshness, MOST_FOLDERS);
  }

  /**
   * Looks for a file among those that are kept.
   *
   * @param path The path that was asked for.
   * @returns The file, if it is kept and still what is on disk.
   */
  cached(path: string): CachedFile | undefined {
    const file = this.#cache.get(path);
    if (file === undefined || this.#freshness.holds(file.looked)) return file;
    const looked = this.#freshness.look();
    if (this.#isFolderInPlace(path, file) && isOnDisk(path, file)) {
      file.looked = looked;
      return file;
    }
    this.#cache.delete(path);
    return undefined;
  }

  /**
   * Finds what a path leads to.
   *
   * @param path The path.
   * @returns As {@linkcode ServedDirectory.locate}.
   */
  locate(path: string): Located {
    return this.#located.at(path, this.#locate);
  }

  #locate = (path: string): Located => this.servedDirectory.locate(path);
  #realPath = (path: string): string | undefined =>
    this.servedDirectory.realPath(path);

  /**
   * Opens a file that was located; reads it, and keeps it, if it is small.
   *
   * @param path The path that was asked for.
   * @param located What the path leads to.
   * @param describe Says what its response says about it.
   * @returns The file, `undefined` if it cannot be opened.
   */
  open(
    path: string,
    located: Found,
    describe: (info: Deno.FileInfo) => FileDescription,
  ): ReadyFile | undefined {
    let found: Located = located;
    for (let left = ATTEMPTS; left > 0 && found.kind === "file"; left--) {
      const file = this.#openOnce(path, found, describe);
      if (file !== undefined) return file;
      found = this.servedDirectory.locate(path);
    }
    return undefined;
  }

  #openOnce(
    path: string,
    found: Found,
    describe: (info: Deno.FileInfo) => FileDescription,
  ): ReadyFile | undefined {
    const looked = this.#freshness.look();
    const opened = this.servedDirectory.open(found);
    if (opened === undefined) return undefined;
    const { file, info } = opened;
    if (info.size > SMALL_FILE_BYTES) {
      return { file, info, ...describe(info) };
    }
    const bytes = readAll(file, info.size);
    if (bytes === undefined) return undefined;
    const folder = found.path.slice(0, found.path.lastIndexOf(SEPARATOR));
    const kept = { info, bytes, ...describe(info), folder, looked };
    if (this.#isDirect(path, found) && isSettled(info)) {
      this.#cache.set(path, kept);
    }
    return kept;
  }

  /**
   * Whether the folder of a kept file is still the one it was read from: a link
   * may have been put in its place. The served directory itself may be led
   * elsewhere; then the inode tells whether the file is the same.
   */
  #isFolderInPlace(path: string, { folder, info }: CachedFile): boolean {
    const asked = path.slice(0, path.lastIndexOf("/"));
    if (asked.length <= this.servedDirectory.path.length && info.ino) {
      return true;
    }
    return this.#folders.at(asked, this.#realPath) === folder;
  }

  /** Whether no link below the directory was followed: it may lead elsewhere. */
  #isDirect(path: string, found: Found): boolean {
    const directory = this.servedDirectory.path;
    return path.startsWith(directory) &&
      isSpelledAs(found, path.slice(directory.length), SEPARATOR);
  }
}

/**
 * Whether a file's real path is the one that it was asked for by, letter for
 * letter: no link was followed, and no other spelling taken for its name.
 *
 * @param found The file.
 * @param below What it was asked for by, below the directory that is served,
 * with slashes.
 * @param separator What stands between the names of a real path.
 * @returns Whether it is.
 */
export function isSpelledAs(
  { path, root }: Pick<Found, "path" | "root">,
  below: string,
  separator: string,
): boolean {
  // The root of a drive, as that of the whole system, ends in a separator.
  const names = root.endsWith(separator) && below.startsWith("/")
    ? below.slice(1)
    : below;
  return path === root +
      (separator === "/" ? names : names.replaceAll("/", separator));
}

/** Whether the next change of a file will show in its times. */
function isSettled({ ctime, mtime }: Deno.FileInfo): boolean {
  const changed = ctime ?? mtime;
  return changed !== null && changed.getTime() <= Date.now() - KEPT_FROM_AGE;
}

function isOnDisk(path: string, file: CachedFile): boolean {
  try {
    return isUnchanged(Deno.lstatSync(path), file.info);
  } catch {
    return false;
  }
}

/**
 * Reads a part of a large file at once, if it is small.
 *
 * @param file The file.
 * @param start The first byte's offset.
 * @param end The offset behind the last byte.
 * @returns The bytes, `undefined` if they are too many or not there any more.
 */
export function readSmallPart(
  file: OpenFile,
  start: number,
  end: number,
): Uint8Array | undefined {
  if (end - start > SMALL_PART_BYTES) return undefined;
  try {
    file.seekSync(start, Deno.SeekMode.Start);
    return readFully(file, end - start);
  } catch {
    return undefined;
  }
}

/** Reads and closes a file; `undefined` if it is not as long as it was. */
function readAll(file: OpenFile, size: number): Uint8Array | undefined {
  try {
    return readFully(file, size);
  } catch {
    return undefined;
  } finally {
    file.close();
  }
}

function readFully(file: OpenFile, size: number): Uint8Array | undefined {
  const bytes = new Uint8Array(size);
  let length = 0;
  while (length < size) {
    const count = file.readSync(bytes.subarray(length));
    if (count === null) return undefined;
    length += count;
  }
  return bytes;
}
