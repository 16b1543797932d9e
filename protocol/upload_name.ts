// Copyright 2026 the pystd authors. MIT license.

/**
 * The names of uploaded files.
 *
 * @module
 */

import { isSafeSegment, type Platform } from "./path_segment.ts";

const PREFIX = ".pystd-upload-";
const TEMPORARY = /^\.pystd-upload-[0-9a-f]{32}\.(part|trash|moved|old)$/i;

/**
 * What a temporary file or folder holds, and what the next start does with it.
 *
 * - `part`: something incomplete, which is removed.
 * - `trash`: something deleted, which is removed.
 * - `moved`: something on its way, which gets its name; if that is in use, a name
 *   beside it.
 * - `old`: something that is being replaced. It gets its name back; if that is in
 *   use, it has been replaced, and is removed.
 */
export type TemporaryKind = "part" | "trash" | "moved" | "old";

/**
 * Returns the temporary name of a partial upload, or of a folder that holds
 * something.
 *
 * @param id 32 hexadecimal digits.
 * @param kind What it holds.
 * @returns The name, which is hidden.
 *
 * @example
 * ```ts
 * import { isTemporaryName, temporaryName } from "./upload_name.ts";
 * import { assert } from "@std/assert/assert";
 *
 * assert(isTemporaryName(temporaryName("0123456789abcdef".repeat(2))));
 * ```
 */
export function temporaryName(
  id: string,
  kind: TemporaryKind = "part",
): string {
  return `${PREFIX}${id}.${kind}`;
}

/**
 * Returns what the file or folder of a temporary name holds.
 *
 * @param name A name.
 * @returns The kind; `undefined` if the name is not temporary.
 *
 * @example
 * ```ts
 * import { temporaryKind, temporaryName } from "./upload_name.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const id = "0123456789abcdef".repeat(2);
 * assertEquals(temporaryKind(temporaryName(id, "old")), "old");
 * ```
 */
export function temporaryKind(name: string): TemporaryKind | undefined {
  if (name.charCodeAt(0) !== 0x2e) return undefined;
  return TEMPORARY.exec(name)?.[1].toLowerCase() as TemporaryKind | undefined;
}

/**
 * Returns whether a name is a temporary name. Such a file is neither listed nor
 * served, and it is removed at the next start.
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

/** Longest name in common file systems, in bytes. */
const MAX_NAME_BYTES = 255;

/** The reason why a name is refused. */
export type NameProblem = "unsafe" | "hidden";

/**
 * Checks the name of an upload.
 *
 * Control characters are refused, although such files can be read: an escape
 * sequence in a name could control the terminal that lists the folder.
 *
 * @param name The name, decoded.
 * @param dotfiles Whether names that start with a dot are allowed.
 * @param platform The platform of the file system.
 * @returns The problem, `undefined` if there is none.
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
  // U+FFFD replaces octets that are not UTF-8: different names would collide.
  if (name.includes("\ufffd")) return "unsafe";
  if (new TextEncoder().encode(name).length > MAX_NAME_BYTES) return "unsafe";
  if (name.startsWith(".") && (!dotfiles || isTemporaryName(name))) {
    return "hidden";
  }
  return undefined;
}
