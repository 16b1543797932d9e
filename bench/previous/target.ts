// Copyright 2026 the pystd authors. MIT license.

/**
 * `collapsePath` of commit 814cfab, and the translation of a path of commit
 * 91b412e, without a fast path, as baselines.
 *
 * @module
 */

import { unquotePath } from "../../protocol/percent_encoding.ts";
import { isSafeSegment } from "../../protocol/path_segment.ts";
import {
  hasTrailingSlash,
  splitTarget,
} from "../../protocol/request_target.ts";

const DOT = 0x2e;

/**
 * Translates a request target to a path below a directory.
 *
 * @param target The target.
 * @param directory The directory.
 * @returns The path; empty if it cannot be the name of a file there.
 */
export function localPath(target: string, directory: string): string {
  const { path } = splitTarget(target);
  const names = collapsePath(unquotePath(path));
  if (!names.every((name) => isSafeSegment(name, "posix"))) return "";
  const slash = hasTrailingSlash(path) && names.length > 0 ? "/" : "";
  return `${directory}/${names.join("/")}${slash}`;
}

function collapsePath(path: string): string[] {
  const names: string[] = [];
  let start = 0;
  while (start < path.length) {
    let end = path.indexOf("/", start);
    if (end === -1) end = path.length;
    const dots = countDots(path, start, end);
    if (dots === 2) names.pop();
    else if (dots === 0 && end > start) names.push(path.slice(start, end));
    start = end + 1;
  }
  return names;
}

/** Returns 1 or 2 if that part of the path is `.` or `..`, 0 otherwise. */
function countDots(path: string, start: number, end: number): number {
  const length = end - start;
  if (length < 1 || length > 2 || path.charCodeAt(start) !== DOT) return 0;
  return length === 1 || path.charCodeAt(start + 1) === DOT ? length : 0;
}
