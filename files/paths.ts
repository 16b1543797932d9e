// Copyright 2026 the pystd authors. MIT license.

/**
 * Paths as this system writes them.
 *
 * The entry points of `@std/path` that choose by the system ask
 * `globalThis.process` for it, and for the working directory too. Deno sets
 * that up when it is touched, which takes 10 ms of a start. So the choice is
 * made here, and relative paths are completed here.
 *
 * @module
 */

import { fromFileUrl as posixFromFileUrl } from "@std/path/posix/from-file-url";
import { join as posixJoin } from "@std/path/posix/join";
import { resolve as posixResolve } from "@std/path/posix/resolve";
import { fromFileUrl as windowsFromFileUrl } from "@std/path/windows/from-file-url";
import { join as windowsJoin } from "@std/path/windows/join";
import { resolve as windowsResolve } from "@std/path/windows/resolve";
import type { Platform } from "../protocol/path_segment.ts";

/** Whose rules paths follow here. */
export const PLATFORM: Platform = globalThis.Deno?.build.os === "windows"
  ? "windows"
  : "posix";

const IS_WINDOWS = PLATFORM === "windows";

/** What stands between the names of a path. */
export const SEPARATOR: "/" | "\\" = IS_WINDOWS ? "\\" : "/";

/** As `join` of `@std/path`. */
export const join: (path: string, ...paths: string[]) => string = IS_WINDOWS
  ? windowsJoin
  : posixJoin;

/** As `fromFileUrl` of `@std/path`. */
export const fromFileUrl: (url: string | URL) => string = IS_WINDOWS
  ? windowsFromFileUrl
  : posixFromFileUrl;

/**
 * Makes a path absolute, and takes `.` and `..` out of it.
 *
 * @param path The path, absolute or relative to the working directory.
 * @returns The absolute path.
 */
export function resolve(path: string): string {
  if (IS_WINDOWS) return windowsResolve(Deno.cwd(), path);
  return path.startsWith("/")
    ? posixResolve(path)
    : posixResolve(Deno.cwd(), path);
}
