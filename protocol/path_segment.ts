// Copyright 2026 the pystd authors. MIT license.

/**
 * Which names of a path may be handed to a file system.
 *
 * A name that passes means one thing, in the directory it is looked up in, or
 * nothing: it is no way to another directory, device, stream or drive, and no
 * second spelling of another name. The rules are those of the platform that
 * serves, and pure, so that those of Windows are tested anywhere.
 *
 * @module
 */

/** Whose rules: those of Windows, or of everything else. */
export type Platform = "posix" | "windows";

/**
 * The names that Windows takes for devices in every directory, whatever their
 * case and whatever follows a dot: `con`, `NUL.txt`, `Com1 .log`. Superscript
 * digits count as digits.
 */
const DEVICE =
  /^(?:con|prn|aux|nul|conin\$|conout\$|clock\$|(?:com|lpt)[0-9\xb9\xb2\xb3]) *(?:\.|$)/i;

/**
 * The short form that Windows may have given a file with a long name:
 * `PROGRA~1`, `HTACCE~1.TXT`. It is a second spelling of that name.
 */
const SHORT_NAME = /^[^.]{0,6}~[0-9]{1,6}(?:\.[^.]{0,3})?$/;

/**
 * Below a file on macOS: its parts, the data among them, so that it is a second
 * spelling of the file's name (CVE-2004-1084). A name to do without elsewhere.
 */
const FORKS = "..namedfork";

/** Separators, drives and streams, wildcards and redirections, controls. */
const WINDOWS_FORBIDDEN = /[\x00-\x1f"*/:<>?\\|]/;

/**
 * Whether a name of a path may be looked up in a directory.
 *
 * Never: an empty name, `.`, `..`, names with a `/`, a NUL or a lone surrogate,
 * and `..namedfork` (the parts of a file on macOS). On Windows neither names
 * with a backslash, a colon (drives and alternate streams), one of `"*<>?|` or
 * a control character, those that end in a dot or a space (Windows drops them),
 * device names and short names. A long name that looks like a short one
 * (`backup~1`) is refused with them.
 *
 * @param segment The name, unescaped.
 * @param platform The platform whose file system is served.
 * @returns Whether the name is safe.
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
