// Copyright 2026 the pystd authors. MIT license.

/**
 * Guards against symlink races: makes sure that the file that was opened is the
 * one at its path, and that no directory on the path is a symbolic link, even if
 * an attacker replaces directories by links as fast as possible.
 *
 * Deno has no `openat()`. Each call resolves the whole path again, and may pass
 * other directories than the call before. "The path has no link" and "the file at
 * the path is the open one" take two calls. An attacker who exchanges a directory
 * and a link between the two can make both come true for a file elsewhere. One of
 * two methods prevents that:
 *
 * 1. If the directories on the path have not changed for some time, they are
 *    trusted. Exchanging an entry changes the `ctime` of its directory, which
 *    cannot be set back. Everything above the served directory is up to the
 *    operator. So the first directory is the right one; as it has not changed,
 *    every call saw the same entries, and the next directory is the right one;
 *    and so on down to the file.
 * 2. If one of them has changed recently, the two checks are repeated many times,
 *    in random order and at random times. A wrong file passes each check with a
 *    probability of about a half: one in 10^12 for all of them, and one in 10^8
 *    if the links change in step with the checks to the microsecond (the two
 *    checks pass the same directory some 3 µs apart, a quarter of the longest
 *    pause).
 *
 * @module
 */

import type { OpenFile } from "./open_file.ts";
import { SEPARATOR } from "./paths.ts";

/** The file system calls; tests replace them. */
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
  /** A cheap check of a path; `false` only if it does not exist. */
  mayExist?(path: string): boolean;
}

/**
 * Time without changes after which a directory is trusted, in ms. `ctime` has a
 * resolution of a second; the rest allows for the clocks of network file systems
 * and for changes of the clock.
 */
const UNCHANGED_MS = 10_000;
/** Number of checks of a path that has changed recently. */
const CHECKS = 40;
/** Longest pause between two of them, in ms: some three times a check. */
const MAX_PAUSE_MS = 0.012;

/** Checks whether the path still leads to what was opened. */
export type Check = (random: number) => boolean;

/**
 * Tells whether no directory on a path is a symbolic link, and none was while the
 * path was used.
 *
 * @param path The path, a real path when it was looked up. The caller did
 * everything that relies on it after `start`.
 * @param root The real path of the served directory, above `path`.
 * @param start When the caller began, in epoch ms.
 * @param check Checks the path again; gets a random number of 23 bits.
 * @param system The file system calls.
 * @returns Whether the path is free of links.
 */
export function isFreeOfLinks(
  path: string,
  root: string,
  start: number,
  check: Check,
  system: FileSystem,
): boolean {
  const parent = parentOf(path, root);
  if (system.realPath(path) !== path) return false;
  return isLongUnchanged(parent, root, start, system) ||
    passesChecks(path, check, system);
}

/**
 * Returns the directory of a path, but no directory above the served one.
 *
 * @param path The path.
 * @param root The served directory.
 * @returns The directory.
 */
export function parentOf(path: string, root: string): string {
  const parent = path.slice(0, path.lastIndexOf(SEPARATOR));
  return parent.length < root.length ? root : parent;
}

/** Whether a directory and those above it are unchanged long before `start`. */
function isLongUnchanged(
  directory: string,
  root: string,
  start: number,
  system: FileSystem,
): boolean {
  // From the bottom up: each check is confirmed by the directory above.
  for (let path = directory;; path = parentOf(path, root)) {
    const { isDirectory, ctime } = system.lstat(path);
    if (!isDirectory || ctime === null) return false;
    if (ctime.getTime() > start - UNCHANGED_MS) return false;
    if (path.length <= root.length) return true;
  }
}

function passesChecks(path: string, check: Check, system: FileSystem): boolean {
  for (const bits of crypto.getRandomValues(new Uint32Array(CHECKS))) {
    pause(((bits >>> 1) & 0xff) / 0xff * MAX_PAUSE_MS);
    const passed = (bits & 1) === 0
      ? system.realPath(path) === path
      : check(bits >>> 9);
    if (!passed) return false;
  }
  return true;
}

/** Waits for microseconds; timers are too coarse. */
function pause(ms: number): void {
  const end = performance.now() + ms;
  while (performance.now() < end);
}
