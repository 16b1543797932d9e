// Copyright 2026 the pystd authors. MIT license.

/**
 * Which names a file may be uploaded under.
 *
 * @module
 */

import { isSafeSegment, type Platform } from "./path_segment.ts";

const PREFIX = ".pystd-upload-";
const SUFFIX = ".part";
const TEMPORARY = /^\.pystd-upload-[0-9a-f]{32}\.part$/i;

/**
 * The name of a file that is still being uploaded.
 *
 * @param id 32 hexadecimal digits.
 * @returns The name, hidden and like no other.
 *
 * @example
 * ```ts
 * import { isTemporaryName, temporaryName } from "./upload_name.ts";
 * import { assert } from "@std/assert/assert";
 *
 * assert(isTemporaryName(temporaryName("0123456789abcdef".repeat(2))));
 * ```
 */
export function temporaryName(id: string): string {
  return PREFIX + id + SUFFIX;
}

/**
 * Whether a name is that of a file that is still being uploaded: such a file
 * is neither listed nor served, and removed at the next start.
 *
 * @param name The name.
 * @returns Whether it is.
 *
 * @example
 * ```ts
 * import { isTemporaryName } from "./upload_name.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(isTemporaryName(".pystd-upload-1.part"), false);
 * ```
 */
export function isTemporaryName(name: string): boolean {
  return name.charCodeAt(0) === 0x2e && TEMPORARY.test(name);
}

/** The longest name that file systems have, in bytes. */
const MAX_NAME_BYTES = 255;

/** Why a name is refused. */
export type NameProblem = "unsafe" | "hidden";

/**
 * Checks a name that something is to be saved under.
 *
 * Beyond what may be read, control characters are refused: a name with an
 * escape sequence in it speaks to the terminal of whoever lists the folder.
 *
 * @param name The name, unescaped.
 * @param dotfiles Whether names that start with a dot are allowed.
 * @param platform The platform whose file system is served.
 * @returns What is wrong with it, `undefined` if nothing is.
 *
 * @example
 * ```ts
 * import { checkUploadName } from "./upload_name.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(checkUploadName("a.txt", false, "posix"), undefined);
 * assertEquals(checkUploadName("..", true, "posix"), "unsafe");
 * assertEquals(checkUploadName(".bashrc", false, "posix"), "hidden");
 * ```
 */
export function checkUploadName(
  name: string,
  dotfiles: boolean,
  platform: Platform,
): NameProblem | undefined {
  if (!isSafeSegment(name, platform)) return "unsafe";
  if (/[\x00-\x1f\x7f-\x9f]/.test(name)) return "unsafe";
  // What stands for octets that are not UTF-8: two names would become one.
  if (name.includes("\ufffd")) return "unsafe";
  if (new TextEncoder().encode(name).length > MAX_NAME_BYTES) return "unsafe";
  if (name.startsWith(".") && (!dotfiles || isTemporaryName(name))) {
    return "hidden";
  }
  return undefined;
}
