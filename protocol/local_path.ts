// Copyright 2026 the pystd authors. MIT license.

/**
 * Translates a request target to a file system path, as text only.
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
 * A target without escapes, a query or names to collapse, as nearly all are.
 */
const PLAIN = /^\/(?:[\w-][\w.-]*\/)*(?:[\w-][\w.-]*)?$/;

/**
 * Translates a request target to a path below a directory: decodes escapes
 * once, resolves `.` and `..`, and checks that every name is safe on the
 * platform. (CPython: `translate_path()`)
 *
 * @param directory The directory, an absolute path.
 * @param platform The platform of the file system.
 * @param maxDepth The maximum number of names in the path: the system needs
 * quadratic time to look up a deep path.
 * @returns The path, with a trailing slash if the target has one; "" if it is
 * unsafe or too deep.
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
  maxDepth: number = Infinity,
): string {
  // A name with its slash has at least two characters.
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

function join(directory: string, path: string): string {
  return directory === "/" ? path : directory + path;
}
