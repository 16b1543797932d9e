// Copyright 2026 the pystd authors. MIT license.

/**
 * How much of a disk uploads may fill.
 *
 * @module
 */

import { RequestError } from "../protocol/request_error.ts";

/** Bounds of what uploads may fill. */
export interface UploadQuotaOptions {
  /** The most bytes that all uploads together may add. */
  maxTotalBytes: number;
  /** The bytes that stay free on the disk, where the system tells them. */
  minFreeBytes: number;
}

type StatFs = typeof import("node:fs").statfsSync;

/** What uploads may still fill, counted by this process from its start. */
export class UploadQuota {
  #left: number;
  #minFree: number;
  #statfs: StatFs | undefined;

  /**
   * Begins to count. The free space is known with `--allow-sys=statfs` only.
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
   * Makes sure that an upload may begin.
   *
   * @param folder The folder that it goes to.
   * @param size Its size in bytes; 0 if that is not known.
   * @throws {RequestError} 507 if there is no room for it.
   */
  check(folder: string, size: number): void {
    if (size > this.#left) throw noRoom();
    if (this.#statfs === undefined) return;
    const { bavail, bsize } = this.#statfs(folder);
    if (bavail * bsize - size < this.#minFree) throw noRoom();
  }

  /**
   * Takes room for bytes that are to be written.
   *
   * @param count How many.
   * @throws {RequestError} 507 if there is no room for them.
   */
  take(count: number): void {
    if (count > this.#left) throw noRoom();
    this.#left -= count;
  }

  /**
   * Gives room back that was taken for bytes that are gone.
   *
   * @param count How many.
   */
  giveBack(count: number): void {
    this.#left += count;
  }
}

function noRoom(): RequestError {
  return new RequestError(507, "There is no room left for uploads");
}
