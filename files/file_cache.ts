// Copyright 2026 the pystd authors. MIT license.

/**
 * A cache of small files with a size limit.
 *
 * @module
 */

import type { Folder } from "./folders.ts";

/** Estimated memory of an entry without its bytes. */
const ENTRY_BYTES = 1024;

/** A file's content, and the values of its header fields. */
export interface CachedFile {
  /** The file's metadata when it was read. */
  info: Deno.FileInfo;
  /** Its content. */
  bytes: Uint8Array;
  /** Its media type. */
  type: string;
  /** The value of `Last-Modified`; empty for none. */
  lastModified: string;
  /** The value of `ETag`. */
  etag: string;
  /** The value of `Content-Encoding`, if it is stored coded. */
  coding?: string;
  /** Further fields of responses with the file. */
  fields?: readonly (readonly [name: string, value: string])[];
  /** Its folder; `undefined` for the served directory. */
  folder: Folder | undefined;
  /** Mark of the last comparison with the file on disk. */
  checked: number;
  /** Whether it was used since the last eviction. */
  used?: boolean;
}

/**
 * Small files by path. Evicts by second chance: keeps entries used since the last
 * eviction, and removes the oldest of the others.
 */
export class FileCache {
  #entries = new Map<string, CachedFile>();
  #bytes = 0;
  #capacity: number;

  /**
   * Creates an empty cache.
   *
   * @param capacity Its limit in bytes; 0 turns it off.
   */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /**
   * Returns a cached file.
   *
   * @param path Its path.
   * @returns The file as it was read; `undefined` if it is not cached.
   */
  get(path: string): CachedFile | undefined {
    const entry = this.#entries.get(path);
    if (entry !== undefined) entry.used = true;
    return entry;
  }

  /**
   * Adds a file, unless it is larger than the cache.
   *
   * @param path Its path.
   * @param entry The file.
   */
  set(path: string, entry: CachedFile): void {
    const size = entry.bytes.length + ENTRY_BYTES;
    if (size > this.#capacity) return;
    this.delete(path);
    entry.used = true;
    this.#entries.set(path, entry);
    this.#bytes += size;
    if (this.#bytes > this.#capacity) this.#evict();
  }

  #evict(): void {
    for (const [path, entry] of this.#entries) {
      if (this.#bytes <= this.#capacity) break;
      if (entry.used) {
        entry.used = false;
        this.#entries.delete(path);
        this.#entries.set(path, entry);
      } else this.delete(path);
    }
  }

  /**
   * Removes a file.
   *
   * @param path Its path.
   */
  delete(path: string): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    this.#bytes -= entry.bytes.length + ENTRY_BYTES;
  }
}
