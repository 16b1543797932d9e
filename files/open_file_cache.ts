// Copyright 2026 the pystd authors. MIT license.

/**
 * A cache of open files, for requests that read parts of a large file: a player
 * that seeks, a client that downloads several parts at once.
 *
 * A descriptor is closed when no request has used it between two checks of the
 * time limits, and when the server's last connection has ended.
 *
 * @module
 */

import type { SharedResources } from "../io/time_limits.ts";
import type { Folder } from "./folders.ts";
import { onFilesChanged } from "./freshness.ts";
import type { OpenFile } from "./open_file.ts";

/**
 * Most descriptors to keep open, in all caches together. Linux allows a process
 * 1,024 by default.
 */
const MAX_OPEN_FILES = 64;

/** A file that is kept open, and the values of its header fields. */
export interface KeptFile {
  /** The file. */
  file: OpenFile;
  /** The file's metadata when it was last compared with the one on disk. */
  info: Deno.FileInfo;
  /** Its media type. */
  type: string;
  /** The value of `ETag`. */
  etag: string;
  /** The value of `Last-Modified`; empty for none. */
  lastModified: string;
  /** Its folder; `undefined` for the served directory. */
  folder: Folder | undefined;
  /** Mark of the last comparison with the file on disk. */
  checked: number;
  /** Whether it was used since the last check of the time limits. */
  used: boolean;
}

let openFiles = 0;

/** Open files by path. */
export class OpenFileCache implements SharedResources {
  #entries = new Map<string, KeptFile>();

  /**
   * Returns an open file.
   *
   * @param path Its path.
   * @returns The file as it was opened; `undefined` if it is not open.
   */
  get(path: string): KeptFile | undefined {
    const entry = this.#entries.get(path);
    if (entry !== undefined) entry.used = true;
    return entry;
  }

  /**
   * Keeps a file open, unless too many are.
   *
   * @param path Its path.
   * @param entry The file, which the cache closes; the caller shares it.
   */
  keep(path: string, entry: KeptFile): void {
    this.delete(path);
    if (openFiles >= MAX_OPEN_FILES) {
      const [oldest] = this.#entries.keys();
      // Other caches have them all.
      if (oldest === undefined) return entry.file.close();
      this.delete(oldest);
    }
    if (this.#entries.size === 0) onFilesChanged.add(this.#closeAll);
    this.#entries.set(path, entry);
    openFiles++;
  }

  /**
   * Closes a file.
   *
   * @param path Its path.
   */
  delete(path: string): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    openFiles--;
    entry.file.close();
    if (this.#entries.size === 0) onFilesChanged.delete(this.#closeAll);
  }

  /** Closes the files that were not used since the last call. */
  closeUnused(): void {
    for (const [path, entry] of this.#entries) {
      if (entry.used) entry.used = false;
      else this.delete(path);
    }
  }

  /** Closes all files. */
  closeAll(): void {
    for (const path of this.#entries.keys()) this.delete(path);
  }

  #closeAll = (): void => this.closeAll();
}
