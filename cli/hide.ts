// Copyright 2026 the pystd authors. MIT license.

/**
 * The names that `--hide` hides.
 *
 * @module
 */

import { globToRegExp } from "@std/path/posix/glob-to-regexp";
import type { NameFilter } from "../files/hidden.ts";

/**
 * Makes a filter of globs. It compares names in one Unicode normal form, and
 * ignores case where file systems do.
 *
 * @param globs The globs, such as `*.key`.
 * @param os The operating system, as in `Deno.build.os`.
 * @returns Tells whether a name matches one of them.
 */
export function hideNames(
  globs: readonly string[],
  os: string = Deno.build.os,
): NameFilter {
  const options = { caseInsensitive: os === "windows" || os === "darwin" };
  const patterns = globs.map((glob) =>
    globToRegExp(glob.normalize("NFC"), options)
  );
  return (name) => {
    const text = name.normalize("NFC");
    return patterns.some((pattern) => pattern.test(text));
  };
}
