// Copyright 2026 the pystd authors. MIT license.

/**
 * The contents of small files, in a bounded amount of memory.
 *
 * @module
 */

/** What an entry costs beside its bytes, roughly. */
const ENTRY_BYTES = 1024;

/** A file's content, and what its response says about it. */
export interface CachedFile {
  /** What the file was when it was read. */
  info: Deno.FileInfo;
  /** Its content. */
  bytes: Uint8Array;
  /** Its media type. */
  type: string;
  /** The value of `Last-Modified`; empty if there is none. */
  lastModified: string;
  /** The value of `ETag`. */
  etag: string;
  /** The real path of its folder when it was read. */
  folder: string;
  /** Marks when it was last compared with the file on disk. */
  looked: number;
  /** Whether it was asked for since the last eviction. */
  used?: boolean;
}

/**
 * Small files by path. The second-chance rule decides which to evict: entries
 * that were used since the last eviction are kept, the oldest others go.
 */
export class FileCache {
  #entries = new Map<string, CachedFile>();
  #bytes = 0;
  #capacity: number;

  /**
   * Creates an empty cache.
   *
   * @param capacity The most bytes it holds; 0 turns it off.
   */
  constructor(capacity: number) {
    this.#capacity = capacity;
  }

  /**
   * Finds a file.
   *
   * @param path Its path.
   * @returns The file as it was read, if it is kept.
   */
  get(path: string): CachedFile | undefined {
    const entry = this.#entries.get(path);
    if (entry !== undefined) entry.used = true;
    return entry;
  }

  /**
   * Keeps a file, if there is room for it.
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
   * Forgets a file.
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
