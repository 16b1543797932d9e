// Copyright 2026 the pystd authors. MIT license.

/**
 * Computes and keeps the SHA-256 of files.
 *
 * A file is read in pieces and in time slices, so that requests are served in
 * between. Those who ask for the same file share one reading, which ends when
 * the last of them leaves. A hash is kept as long as the file is the same:
 * device, inode, size, `mtime` and `ctime`, and the entity tag in a source.
 *
 * @module
 */

import { createHash } from "node:crypto";
import { disconnectError } from "../io/client_errors.ts";
import { PieceReader } from "./piece_reader.ts";
import type { FileStore, ReadableFile } from "./file_store.ts";
import { isSettled, isUnchanged } from "./file_identity.ts";
import type { Found } from "./served_directory.ts";
import { TimeSlices } from "./time_slices.ts";

/** Bytes read at once: less than a millisecond of work. */
const PIECE_BYTES = 256 * 1024;
/** Most hashes to keep; each takes some 300 bytes. */
const MAX_KEPT = 10_000;

/** A file to hash. */
export interface HashedFile {
  /** The files among which it is. */
  readonly files: FileStore;
  /** Where it is. */
  readonly found: Found;
  /** The open file. */
  readonly opened: ReadableFile;
}

/** The reading of a file, for all who wait for its hash. */
export class Reading {
  /**
   * The hash in hexadecimal digits; `undefined` if the file has changed
   * meanwhile. Rejects as for a client that disconnects if nobody waits.
   */
  readonly hash: Promise<string | undefined>;
  #waiting = 0;
  #abandoned = false;

  /**
   * Begins to read.
   *
   * @param file The file, which is closed at the end.
   */
  constructor(file: HashedFile) {
    this.hash = this.#read(file);
  }

  /** Whether all who waited have left. */
  get abandoned(): boolean {
    return this.#abandoned;
  }

  /** Adds one who waits for the hash. */
  join(): void {
    this.#waiting++;
  }

  /** Removes one who waits. */
  leave(): void {
    this.#abandoned = --this.#waiting === 0;
  }

  async #read(hashed: HashedFile): Promise<string | undefined> {
    // Node 22 has no DisposableStack.
    try {
      return await this.#hash(hashed);
    } finally {
      hashed.opened.file.close();
    }
  }

  async #hash(
    { files, found, opened }: HashedFile,
  ): Promise<string | undefined> {
    const { file, info } = opened;
    using slices = new TimeSlices();
    const reader = new PieceReader();
    const buffer = new Uint8Array(Math.min(PIECE_BYTES, info.size));
    const hash = createHash("sha256");
    for (let left = info.size; left > 0;) {
      if (slices.over) await slices.pause();
      if (this.#abandoned) throw disconnectError();
      const piece = buffer.subarray(0, Math.min(left, buffer.length));
      const count = await reader.read(file, piece);
      if (count === null) return undefined;
      hash.update(piece.subarray(0, count));
      left -= count;
    }
    const now = files.servedDirectory?.lstat(found.path) ?? info;
    return isUnchanged(now, info) ? hash.digest("hex") : undefined;
  }
}

/** The hashes of files, and the readings in progress. */
export class FileHashes {
  #kept = new Map<string, string>();
  #readings = new Map<string, Reading>();

  /**
   * Returns a hash that is kept.
   *
   * @param file The file.
   * @returns Its hash in hexadecimal digits; `undefined` if it is not kept.
   */
  kept(file: HashedFile): string | undefined {
    return this.#kept.get(identityOf(file));
  }

  /**
   * Reads a file, or returns the reading of it that is in progress.
   *
   * @param file The file. It is closed, at once unless a new reading needs it.
   * @param most Most readings at once.
   * @returns The reading, which the caller must join in the same turn;
   * `undefined` if there would be too many.
   */
  read(file: HashedFile, most: number): Reading | undefined {
    const identity = identityOf(file);
    const begun = this.#readings.get(identity);
    if (begun?.abandoned === false || this.#readings.size >= most) {
      file.opened.file.close();
      return begun?.abandoned === false ? begun : undefined;
    }
    const reading = new Reading(file);
    this.#readings.set(identity, reading);
    const end = (hash?: string): void => {
      if (this.#readings.get(identity) === reading) {
        this.#readings.delete(identity);
      }
      if (hash !== undefined && isSettled(file.opened.info)) {
        this.#keep(identity, hash);
      }
    };
    reading.hash.then(end, () => end());
    return reading;
  }

  #keep(identity: string, hash: string): void {
    if (this.#kept.size >= MAX_KEPT) {
      const [oldest] = this.#kept.keys();
      this.#kept.delete(oldest);
    }
    this.#kept.set(identity, hash);
  }
}

function identityOf({ found, opened }: HashedFile): string {
  const { info, etag = "" } = opened;
  const { dev, ino, size, mtime, ctime } = info;
  // A source has no inodes, and Windows may report none.
  const file = ino ? `${dev} ${ino}` : found.path;
  return `${file} ${size} ${mtime?.getTime()} ${ctime?.getTime()} ${etag}`;
}
