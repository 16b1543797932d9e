// Copyright 2026 the pystd authors. MIT license.

/**
 * The files of one served directory: found, opened, and kept while they are
 * small.
 *
 * @module
 */

import { type CachedFile, FileCache } from "./file_cache.ts";
import { Freshness } from "./freshness.ts";
import type { OpenFile } from "./open_file.ts";
import { SEPARATOR } from "./paths.ts";
import type { Found, Located, OpenedFile, Root } from "./root.ts";

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

/** How many paths that led nowhere are remembered, and how long ones. */
const MOST_MISSING = 256;
const MISSING_LENGTH = 1024;
const MISSING: Located = { kind: "missing" };

/** What a file's response says about it. */
export interface Description {
  /** The value of `Content-Type`. */
  type: string;
  /** The value of `ETag`. */
  etag: string;
  /** The value of `Last-Modified`; empty if there is none. */
  lastModified: string;
}

/** A file that is ready to be sent: in memory, or open. */
export type ReadyFile = CachedFile | (OpenedFile & Description);

/** Looks files up, and opens or remembers them. */
export class FileStore {
  /** The directory. */
  readonly root: Root;
  #cache: FileCache;
  #freshness = new Freshness();
  /** Paths that led nowhere, and when that was, in epoch ms. */
  #missing = new Map<string, number>();
  #remembersMissing: boolean;
  /** Folders that no link leads to, as was seen since `#rootChecked`. */
  #folders = new Set<string>();
  #rootPath: string | undefined;
  #rootChecked = 0;

  /**
   * Creates a store with an empty cache.
   *
   * @param root The directory.
   * @param cacheBytes The most bytes of small files to keep; 0 for none.
   * @param remembersMissing Whether to believe for a moment that a path leads
   * nowhere.
   */
  constructor(root: Root, cacheBytes: number, remembersMissing = true) {
    this.root = root;
    this.#cache = new FileCache(
      cacheBytes,
      this.#freshness,
      (folder) => this.#isDirectFolder(folder),
    );
    this.#remembersMissing = remembersMissing;
  }

  /**
   * Looks for a file among those that are kept.
   *
   * @param path The path that it was asked for by.
   * @param now The time in epoch ms.
   * @returns The file, if it is kept and what is on disk.
   */
  cached(path: string, now: number): CachedFile | undefined {
    if (!this.#freshness.holds(this.#rootChecked, now)) {
      // The directory may be a link, and be led elsewhere when a site changes.
      const rootPath = this.root.realPath();
      if (rootPath !== this.#rootPath) this.#cache.clear();
      this.#rootPath = rootPath;
      this.#rootChecked = now;
      this.#folders.clear();
    }
    return this.#cache.get(path, now);
  }

  /**
   * Finds what a path leads to. Where it led nowhere a moment ago, the system
   * is not asked again: to ask takes as long as all the rest of a request.
   *
   * @param path The path.
   * @param now The time in epoch ms.
   * @returns As {@linkcode Root.locate}.
   */
  locate(path: string, now: number): Located {
    if (!this.#remembersMissing) return this.root.locate(path);
    const looked = this.#missing.get(path);
    if (looked !== undefined && this.#freshness.holds(looked, now)) {
      return MISSING;
    }
    const located = this.root.locate(path);
    if (located.kind === "missing" && path.length <= MISSING_LENGTH) {
      if (this.#missing.size >= MOST_MISSING) this.#missing.clear();
      this.#missing.set(path, now);
    } else if (looked !== undefined) this.#missing.delete(path);
    return located;
  }

  /**
   * Opens a file that was located; reads it, and keeps it, if it is small.
   *
   * @param path The path that it was asked for by.
   * @param located What the path leads to.
   * @param describe Says what its response says about it.
   * @param now The time in epoch ms.
   * @returns The file, `undefined` if it cannot be opened.
   */
  open(
    path: string,
    located: Found,
    describe: (info: Deno.FileInfo) => Description,
    now: number,
  ): ReadyFile | undefined {
    let found: Located = located;
    for (let left = ATTEMPTS; left > 0 && found.kind === "file"; left--) {
      const file = this.#openOnce(path, found, describe, now);
      if (file !== undefined) return file;
      found = this.root.locate(path);
    }
    return undefined;
  }

  #openOnce(
    path: string,
    found: Found,
    describe: (info: Deno.FileInfo) => Description,
    now: number,
  ): ReadyFile | undefined {
    const opened = this.root.open(found);
    if (opened === undefined) return undefined;
    const { file, info } = opened;
    if (info.size > SMALL_FILE_BYTES) {
      return { file, info, ...describe(info) };
    }
    const bytes = readAll(file, info.size);
    if (bytes === undefined) return undefined;
    const cached = { info, bytes, ...describe(info), checked: now };
    if (this.#isDirect(path, found) && isOld(info, now)) {
      this.#cache.set(path, cached);
    }
    return cached;
  }

  /** Whether there is still no link on the way to a folder with kept files. */
  #isDirectFolder(folder: string): boolean {
    // That of the served directory is looked at by `cached()`.
    if (folder.length <= this.root.directory.length) return true;
    if (this.#folders.has(folder)) return true;
    const found = this.root.locate(folder);
    if (found.kind === "missing" || !this.#isDirect(folder, found)) {
      return false;
    }
    this.#folders.add(folder);
    return true;
  }

  /** Whether no link below the directory was followed: it may lead elsewhere. */
  #isDirect(path: string, found: Found): boolean {
    const { directory } = this.root;
    return path.startsWith(directory) && this.#rootPath === found.root &&
      isSpeltAs(found, path.slice(directory.length), SEPARATOR);
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
export function isSpeltAs(
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
function isOld({ ctime, mtime }: Deno.FileInfo, now: number): boolean {
  const changed = ctime ?? mtime;
  return changed !== null && changed.getTime() <= now - KEPT_FROM_AGE;
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
