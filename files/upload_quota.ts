// Copyright 2026 the pystd authors. MIT license.

/**
 * Limits the disk space that uploads may use.
 *
 * @module
 */

import { RequestError } from "../protocol/request_error.ts";

/** Limits of disk space for uploads. */
export interface UploadQuotaOptions {
  /** Most bytes that all uploads together may add. */
  maxTotalBytes: number;
  /** Bytes to leave free on the disk, if the system reports free space. */
  minFreeBytes: number;
}

type StatFs = typeof import("node:fs").statfsSync;

/** The disk space left for uploads, counted from the start of the process. */
export class UploadQuota {
  #left: number;
  #minFree: number;
  #statfs: StatFs | undefined;

  /**
   * Starts to count. Free space is known with `--allow-sys=statfs` only.
   *
   * @param options See {@linkcode UploadQuotaOptions}.
   */
  constructor({ maxTotalBytes, minFreeBytes }: UploadQuotaOptions) {
    this.#left = maxTotalBytes;
    this.#minFree = minFreeBytes;
    const sys = { name: "sys", kind: "statfs" } as const;
    if (Deno.permissions.querySync(sys).state !== "granted") return;
    const { process } = globalThis as unknown as {
      process: { getBuiltinModule(id: "node:fs"): { statfsSync: StatFs } };
    };
    this.#statfs = process.getBuiltinModule("node:fs").statfsSync;
  }

  /**
   * Checks that there is room for an upload.
   *
   * @param folder Its folder.
   * @param size Its size in bytes; 0 if unknown.
   * @throws {RequestError} 507 if there is no room for it.
   */
  check(folder: string, size: number): void {
    if (size > this.#left) throw noRoom();
    const free = this.freeBytes(folder);
    if (free !== undefined && free - size < this.#minFree) throw noRoom();
  }

  /**
   * Returns the free space on a disk.
   *
   * @param folder A folder on it.
   * @returns The bytes; `undefined` if they are unknown.
   */
  freeBytes(folder: string): number | undefined {
    if (this.#statfs === undefined) return undefined;
    const { bavail, bsize } = this.#statfs(folder);
    return bavail * bsize;
  }

  /**
   * Reserves room for bytes.
   *
   * @param count The number of bytes.
   * @throws {RequestError} 507 if there is no room for them.
   */
  take(count: number): void {
    if (count > this.#left) throw noRoom();
    this.#left -= count;
  }

  /**
   * Releases room reserved for bytes that were removed.
   *
   * @param count The number of bytes.
   */
  giveBack(count: number): void {
    this.#left += count;
  }
}

function noRoom(): RequestError {
  return new RequestError(507, "The space for uploads is used up");
}
