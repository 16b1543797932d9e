// Copyright 2026 the pystd authors. MIT license.

/**
 * Where the uploads of an `Uploads` go. Other features that write get it here, so
 * that it is not a part of the public interface.
 *
 * @module
 */

import type { UploadFolder } from "../../../files/upload_folder.ts";
import type { UploadQuota } from "../../../files/upload_quota.ts";

/** Where uploads go, and their limits. */
export interface UploadTarget {
  /** The folder. */
  readonly folder: UploadFolder;
  /** Disk space for uploads. */
  readonly quota: UploadQuota;
  /** Largest file, in bytes. */
  readonly maxBytes: number;
  /** Other origins whose pages may upload, `"*"` for all. */
  readonly origins: readonly string[];
}

const targets = new WeakMap<object, UploadTarget>();

/**
 * Stores the target of an `Uploads`.
 *
 * @param uploads The object.
 * @param target Its target.
 */
export function setTarget(uploads: object, target: UploadTarget): void {
  targets.set(uploads, target);
}

/**
 * Returns the target of an `Uploads`.
 *
 * @param uploads The object.
 * @returns Its target.
 */
export function targetOf(uploads: object): UploadTarget {
  return targets.get(uploads)!;
}
