// Copyright 2026 the pystd authors. MIT license.

/**
 * Checks the names in a path before the file system sees them.
 *
 * A safe name means one entry of its directory, or nothing. It cannot lead to
 * another directory, device, stream or drive, and it is not a second name of
 * another file. The platform is a parameter, so that the rules of Windows can
 * be tested on any system.
 *
 * @module
 */

/** The rules to apply: those of Windows, or of all other systems. */
export type Platform = "posix" | "windows";

/**
 * Device names of Windows, in every directory, in any case, with any extension:
 * `con`, `NUL.txt`, `Com1 .log`. Superscript digits count as digits.
 */
const DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9\xb9\xb2\xb3]) *(?:\.|$)/i;

/**
 * Short names that Windows gives to files with long names: `PROGRA~1`,
 * `HTACCE~1.TXT`. They are second names of those files.
 */
const SHORT_NAME = /^[^.]{0,6}~[0-9]{1,6}(?:\.[^.]{0,3})?$/;

/**
 * On macOS, the parts of a file, below the file: a second name of its data
 * (CVE-2004-1084). Refused on all systems.
 */
const FORKS = "..namedfork";

/** Separators, drives and streams, wildcards, redirections, controls. */
const WINDOWS_FORBIDDEN = /[\x00-\x1f"*/:<>?\\|]/;

/**
 * Returns whether a name is safe to look up in a directory.
 *
 * Unsafe on all systems: an empty name, `.`, `..`, a `/`, a NUL, a lone
 * surrogate, and `..namedfork` (the parts of a file on macOS). Unsafe on
 * Windows: a backslash, a colon (drives and alternate streams), one of
 * `"*<>?|`, a control character, a dot or space at the end (Windows drops
 * them), device names, and short names. A long name that looks like a short
 * name (`backup~1`) is refused too.
 *
 * @param segment The name, decoded.
 * @param platform The platform of the file system.
 *
 * @example
 * ```ts
 * import { isSafeSegment } from "./path_segment.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(isSafeSegment("a\\b:c", "posix"), true);
 * assertEquals(isSafeSegment("a\\b:c", "windows"), false);
 * assertEquals(isSafeSegment("nul.txt", "windows"), false);
 * ```
 */
export function isSafeSegment(segment: string, platform: Platform): boolean {
  if (segment === "" || segment === "." || segment === "..") return false;
  if (segment.startsWith("..") && segment.toLowerCase() === FORKS) return false;
  if (segment.includes("\0") || segment.includes("/")) return false;
  if (!segment.isWellFormed()) return false;
  return platform === "posix" || isSafeOnWindows(segment);
}

function isSafeOnWindows(segment: string): boolean {
  return !WINDOWS_FORBIDDEN.test(segment) &&
    !segment.endsWith(".") && !segment.endsWith(" ") &&
    !DEVICE.test(segment) && !SHORT_NAME.test(segment);
}
