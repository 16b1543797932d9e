// Copyright 2026 the pystd authors. MIT license.

/**
 * From the target of a request to a path of a file system, by text alone.
 *
 * @module
 */

import { unquotePath } from "./percent_encoding.ts";
import { isSafeSegment, type Platform } from "./path_segment.ts";
import {
  collapsePath,
  hasTrailingSlash,
  splitTarget,
} from "./request_target.ts";

/**
 * A target that is what it says: no escapes, no query, nothing to collapse, as
 * that of nearly every request.
 */
const PLAIN = /^\/(?:[\w-][\w.-]*\/)*(?:[\w-][\w.-]*)?$/;

/**
 * Translates a request target to a path below a directory: unescaped once, `.`
 * and `..` resolved, and every name one that the platform takes for a name in
 * the directory before it. (CPython: `translate_path()`)
 *
 * @param target The request target.
 * @param directory The directory, an absolute path.
 * @param platform The platform whose file system is served.
 * @param maxDepth The most names that the path may have: to look a path up
 * takes the system time that grows with the square of its depth.
 * @returns The path, with a slash at its end if the target's has one; empty if
 * it cannot be the name of a file there, or is too deep.
 *
 * @example
 * ```ts
 * import { localPath } from "./local_path.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(localPath("/a%20b?x", "/srv", "posix"), "/srv/a b");
 * assertEquals(localPath("/../../etc", "/srv", "posix"), "/srv/etc");
 * assertEquals(localPath("/..%5cx", "C:\\srv", "windows"), "");
 * ```
 */
export function localPath(
  target: string,
  directory: string,
  platform: Platform,
  maxDepth = Infinity,
): string {
  // A name and its slash take two characters at least.
  const isShallow = target.length <= 2 * maxDepth;
  if (platform === "posix" && isShallow && PLAIN.test(target)) {
    return join(directory, target);
  }
  const { path } = splitTarget(target);
  const names = collapsePath(unquotePath(path));
  if (names.length > maxDepth) return "";
  if (!names.every((name) => isSafeSegment(name, platform))) return "";
  const slash = hasTrailingSlash(path) && names.length > 0 ? "/" : "";
  return join(directory, `/${names.join("/")}${slash}`);
}

/** A directory and a path that starts with a slash. */
function join(directory: string, path: string): string {
  return directory === "/" ? path : directory + path;
}
