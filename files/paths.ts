// Copyright 2026 the pystd authors. MIT license.

/**
 * Path functions for the platform.
 *
 * The platform-independent functions of `@std/path` use `globalThis.process`.
 * Deno initializes that on first access, which adds 10 ms to a start. So this
 * module chooses the platform, and resolves relative paths.
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

/** The platform of paths. */
export const PLATFORM: Platform = globalThis.Deno?.build.os === "windows"
  ? "windows"
  : "posix";

const IS_WINDOWS = PLATFORM === "windows";

/** The separator of paths. */
export const SEPARATOR: "/" | "\\" = IS_WINDOWS ? "\\" : "/";

/** Joins paths, like `join` of `@std/path`. */
export const join: (path: string, ...paths: string[]) => string = IS_WINDOWS
  ? windowsJoin
  : posixJoin;

/**
 * Appends a name to the path of a folder, without changing the path.
 *
 * @param folder The path of the folder.
 * @param name The name.
 * @returns The path of the entry.
 */
export function joinName(folder: string, name: string): string {
  return folder.endsWith(SEPARATOR) ? folder + name : folder + SEPARATOR + name;
}

/** Converts a file URL, like `fromFileUrl` of `@std/path`. */
export const fromFileUrl: (url: string | URL) => string = IS_WINDOWS
  ? windowsFromFileUrl
  : posixFromFileUrl;

/**
 * Makes a path absolute, and removes `.` and `..`.
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
