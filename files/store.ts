// Copyright 2026 the pystd authors. MIT license.

/**
 * The files of one served directory: found, opened, and kept while they are
 * small.
 *
 * @module
 */

import { type CachedFile, FileCache, FRESH_MS } from "./file_cache.ts";
import type { Located, OpenedFile, Root } from "./root.ts";

/** The largest file that is read at once, and kept: it fits one write. */
const SMALL_FILE_BYTES = 64 * 1024;

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
  #rootPath: string | undefined;
  #rootChecked = 0;

  /**
   * Creates a store with an empty cache.
   *
   * @param root The directory.
   * @param cacheBytes The most bytes of small files to keep; 0 for none.
   */
  constructor(root: Root, cacheBytes: number) {
    this.root = root;
    this.#cache = new FileCache(cacheBytes);
  }

  /**
   * Looks for a file among those that are kept.
   *
   * @param path The path that it was asked for by.
   * @param now The time in epoch ms.
   * @returns The file, if it is kept and what is on disk.
   */
  cached(path: string, now: number): CachedFile | undefined {
    if (now - this.#rootChecked >= FRESH_MS) {
      // The directory may be a link, and be led elsewhere when a site changes.
      const rootPath = this.root.realPath();
      if (rootPath !== this.#rootPath) this.#cache.clear();
      this.#rootPath = rootPath;
      this.#rootChecked = now;
    }
    return this.#cache.get(path, now);
  }

  /**
   * Finds what a path leads to.
   *
   * @param path The path.
   * @returns As {@linkcode Root.locate}.
   */
  locate(path: string): Located {
    return this.root.locate(path);
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
    located: Exclude<Located, { kind: "missing" }>,
    describe: (info: Deno.FileInfo) => Description,
    now: number,
  ): ReadyFile | undefined {
    const opened = this.root.open(located.path, located.info);
    if (opened === undefined) return undefined;
    const { file, info } = opened;
    const description = describe(info);
    if (info.size > SMALL_FILE_BYTES) return { file, info, ...description };
    const bytes = readAll(file, info.size);
    if (bytes === undefined) return undefined;
    const cached = { info, bytes, ...description, checked: now };
    if (this.#isDirect(path, located.path)) this.#cache.set(path, cached);
    return cached;
  }

  /** Whether no link below the directory was followed: it may lead elsewhere. */
  #isDirect(path: string, real: string): boolean {
    const { directory } = this.root;
    return path.startsWith(directory) &&
      real === `${this.#rootPath}${path.slice(directory.length)}`;
  }
}

/** Reads and closes a file; `undefined` if it is not as long as it was. */
function readAll(file: Deno.FsFile, size: number): Uint8Array | undefined {
  try {
    const bytes = new Uint8Array(size);
    let length = 0;
    while (length < size) {
      const count = file.readSync(bytes.subarray(length));
      if (count === null) return undefined;
      length += count;
    }
    return bytes;
  } catch {
    return undefined;
  } finally {
    file.close();
  }
}
