// Copyright 2026 the pystd authors. MIT license.

/**
 * Whether what was opened is what stands at its path, with no symbolic link on
 * the way, even if somebody puts links in the place of directories as fast as
 * they can.
 *
 * Deno has no `openat()`: each call starts from the root of the file system,
 * and each may see other directories on its way than the one before. To say
 * "the path has no link" and "the file at the path is the one that is open"
 * takes two looks, and somebody who exchanges a directory for a link between
 * the two can make both come true though the file lies elsewhere. One of two
 * things rules that out:
 *
 * 1. The directories on the way are quiet: they have not changed for some
 *    time. Who exchanges an entry changes the time of its directory (`ctime`,
 *    which cannot be set back). Above the served directory nothing is looked
 *    at: that is the operator's. So the first directory is the one it seems;
 *    since it is quiet, its entries were the same at every look, so the next
 *    directory on the way is the one it seems; and so on down to the file.
 * 2. Where one of them has changed of late: many looks, each of which is one
 *    or the other by a random bit, at a random moment. Whatever the pattern in
 *    which links come and go, a wrong file has about half a chance to survive
 *    each: one in 10^12 to survive all, and one in 10^8 for a pattern that is
 *    in step with the looks to the microsecond (the two kinds of look pass the
 *    same directory some 3 µs apart, a quarter of the longest pause).
 *
 * @module
 */

import type { OpenFile } from "./open_file.ts";
import { SEPARATOR } from "./paths.ts";

/** What is asked of the system; the tests come between. */
export interface FileSystem {
  /** The time in epoch ms. */
  now(): number;
  /** As `Deno.realPathSync`. */
  realPath(path: string): string;
  /** As `Deno.lstatSync`. */
  lstat(path: string): Deno.FileInfo;
  /** Opens a regular file. */
  open(path: string): OpenFile;
  /** Reads a directory. */
  list(path: string): Deno.DirEntry[];
  /** A cheap look at a path; `false` only if there is nothing. */
  mayExist?(path: string): boolean;
}

/**
 * For how long a directory that is quiet has not changed, in ms. `ctime` is
 * told in whole seconds; the rest is for network file systems, whose clock may
 * be behind, and for the clock being set.
 */
const QUIET_MS = 10_000;
/** How many looks there are at a path that is not quiet. */
const LOOKS = 40;
/** The longest time between two of them, in ms: some three times a look's. */
const LONGEST_PAUSE_MS = 0.012;

/** The look that tells whether it is the thing that was opened. */
export type Look = (random: number) => boolean;

/**
 * Whether nothing but directories leads to a path, and a look at the path is
 * a look at what stands there.
 *
 * @param path The path, without links as it was looked up. All that is to be
 * vouched for, the look at what stands there too, was done after `start`.
 * @param root The directory that is served, a real path above it.
 * @param start When it began, in epoch ms.
 * @param look Looks again; it gets a random number of 23 bits.
 * @param system What the system is asked by.
 * @returns Whether it is in place.
 */
export function isFreeOfLinks(
  path: string,
  root: string,
  start: number,
  look: Look,
  system: FileSystem,
): boolean {
  const parent = parentOf(path, root);
  if (system.realPath(path) !== path) return false;
  return isQuiet(parent, root, start, system) ||
    survives(path, look, system);
}

/**
 * The directory that holds a path, or the one that is served if that is
 * further down.
 *
 * @param path The path.
 * @param root The directory that is served.
 * @returns The directory.
 */
export function parentOf(path: string, root: string): string {
  const parent = path.slice(0, path.lastIndexOf(SEPARATOR));
  return parent.length < root.length ? root : parent;
}

/** Whether a directory and those above it have not changed since `start`. */
function isQuiet(
  directory: string,
  root: string,
  start: number,
  system: FileSystem,
): boolean {
  // From below: the look at each is covered by the one above it.
  for (let path = directory;; path = parentOf(path, root)) {
    const { isDirectory, ctime } = system.lstat(path);
    if (!isDirectory || ctime === null) return false;
    if (ctime.getTime() > start - QUIET_MS) return false;
    if (path.length <= root.length) return true;
  }
}

function survives(path: string, look: Look, system: FileSystem): boolean {
  for (const bits of crypto.getRandomValues(new Uint32Array(LOOKS))) {
    pause(((bits >>> 1) & 0xff) / 0xff * LONGEST_PAUSE_MS);
    const passed = (bits & 1) === 0
      ? system.realPath(path) === path
      : look(bits >>> 9);
    if (!passed) return false;
  }
  return true;
}

/** Waits for microseconds, for which no timer is fine enough. */
function pause(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
