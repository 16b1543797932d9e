// Copyright 2026 the pystd authors. MIT license.

/**
 * The contents of small files, as long as they are what is on disk.
 *
 * An entry is used only if the file at its path is the one that was read:
 * device, inode, size, time of modification and time of the last change are
 * compared at every use, but not more than once in a short time. Files
 * that were reached through a symbolic link are not kept, since a link may
 * lead elsewhere the next time, nor those that a link leads to by now; nor
 * those that changed so short a time ago that the next change might not show.
 *
 * @module
 */

import type { Freshness } from "./freshness.ts";
import { isUnchanged } from "./root.ts";

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
  /** When it was last compared with the file on disk, in epoch ms. */
  checked: number;
  /** Whether somebody has asked for it of late. */
  used?: boolean;
}

/**
 * A bounded number of small files. Those that nobody asked for since the last
 * time that room was needed go first, in the order in which they came.
 */
export class FileCache {
  #entries = new Map<string, CachedFile>();
  #bytes = 0;
  #capacity: number;
  #freshness: Freshness;
  #isDirect: (folder: string) => boolean;

  /**
   * Creates an empty cache.
   *
   * @param capacity The most bytes it holds; 0 turns it off.
   * @param freshness Says for how long a file counts as unchanged.
   * @param isDirect Says whether no link leads to a folder.
   */
  constructor(
    capacity: number,
    freshness: Freshness,
    isDirect: (folder: string) => boolean,
  ) {
    this.#capacity = capacity;
    this.#freshness = freshness;
    this.#isDirect = isDirect;
  }

  /**
   * Looks a file up.
   *
   * @param path Its real path.
   * @param now The time in epoch ms.
   * @returns The file, if it is there and what is on disk.
   */
  get(path: string, now: number): CachedFile | undefined {
    const entry = this.#entries.get(path);
    if (entry === undefined) return undefined;
    entry.used = true;
    if (this.#freshness.holds(entry.checked, now)) return entry;
    const folder = path.slice(0, path.lastIndexOf("/"));
    if (!this.#isDirect(folder) || !isOnDisk(path, entry)) {
      this.delete(path);
      return undefined;
    }
    entry.checked = now;
    return entry;
  }

  /**
   * Keeps a file, if there is room for it.
   *
   * @param path Its real path.
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

  /** Makes room: who was asked for since the last time gets another round. */
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
   * @param path Its real path.
   */
  delete(path: string): void {
    const entry = this.#entries.get(path);
    if (entry === undefined) return;
    this.#entries.delete(path);
    this.#bytes -= entry.bytes.length + ENTRY_BYTES;
  }

  /** Forgets all files. */
  clear(): void {
    this.#entries.clear();
    this.#bytes = 0;
  }
}

function isOnDisk(path: string, entry: CachedFile): boolean {
  try {
    return isUnchanged(Deno.lstatSync(path), entry.info);
  } catch {
    return false;
  }
}
