// Copyright 2026 the pystd authors. MIT license.

/**
 * Compares the metadata of files: is it the same file, and has it changed?
 *
 * @module
 */

/** Identifies a file. */
export interface FileIdentity {
  /** Its device. */
  readonly dev: number;
  /** Its inode. */
  readonly ino: number | null;
}

/**
 * Tells whether device and inode are equal. Windows may report neither (`null` or
 * 0); then there is nothing to compare.
 *
 * @param a One file.
 * @param b The other file.
 * @returns Whether they are the same file.
 */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  if (!a.ino || !b.ino) return true;
  return a.ino === b.ino && (a.dev === b.dev || !a.dev || !b.dev);
}

/**
 * Whether a file is as it was: the same one, of the same size and times. The
 * time of the last change (`ctime`) cannot be set back as that of modification
 * can.
 *
 * @param a One result.
 * @param b The other.
 * @returns Whether nothing has changed in between.
 */
export function isUnchanged(a: Deno.FileInfo, b: Deno.FileInfo): boolean {
  return isSameFile(a, b) && a.size === b.size &&
    a.mtime?.getTime() === b.mtime?.getTime() &&
    a.ctime?.getTime() === b.ctime?.getTime();
}

/**
 * Lowest age of the last change of a settled file, in ms. It is at least the
 * resolution of file times, so that the next change is visible. Deno reports
 * `ctime` in seconds; FAT has an `mtime` in steps of two seconds.
 */
const MIN_AGE_MS = 2000;

/**
 * Whether the next change of a file will change its times, so that what is known
 * of it may be kept until then.
 *
 * @param info The file.
 * @returns Whether it will.
 */
export function isSettled({ ctime, mtime }: Deno.FileInfo): boolean {
  const changed = ctime ?? mtime;
  return changed !== null && changed.getTime() <= Date.now() - MIN_AGE_MS;
}
