// Copyright 2026 the pystd authors. MIT license.

/**
 * Entity tags (RFC 9110 section 8.8.3): formatting, comparison, and search in
 * lists.
 *
 * @module
 */

import { HTAB, SP } from "./octets.ts";

const DOUBLE_QUOTE = 0x22;
const COMMA = 0x2c;
const ASTERISK = 0x2a;
const DELETE = 0x7f;

/**
 * Formats the entity tag of a file from its size and time, as base-36 numbers.
 * The separator between them keeps tags of different files apart.
 *
 * @param size The size, in bytes.
 * @param mtimeMs The time of modification, in epoch milliseconds.
 * @returns The value of the `ETag` field: a strong tag.
 *
 * @example
 * ```ts
 * import { formatEtag } from "./etag.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(formatEtag(1024, 1709210096000), '"sg-lt77k6m8"');
 * ```
 */
export function formatEtag(size: number, mtimeMs: number): string {
  return '"' + size.toString(36) + "-" + mtimeMs.toString(36) + '"';
}

/**
 * Formats the entity tag of a file in a content coding. RFC 9110 section
 * 8.8.3.3: each coding needs its own tag.
 *
 * @param coding The coding: letters and digits.
 * @returns The entity tag of the coded file.
 *
 * @example
 * ```ts
 * import { codedEtag } from "./etag.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(codedEtag('"sg-lt77k6m8"', "gzip"), '"sg-lt77k6m8-gzip"');
 * ```
 */
export function codedEtag(etag: string, coding: string): string {
  return `${etag.slice(0, -1)}-${coding}"`;
}

/**
 * Finds the end of the entity tag that starts at an index.
 *
 * @param start The index.
 * @returns The index after the tag, or -1 if there is no tag at that index.
 *
 * @example
 * ```ts
 * import { endOfEtag } from "./etag.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(endOfEtag('W/"a", "b"', 0), 5);
 * assertEquals(endOfEtag("a", 0), -1);
 * ```
 */
export function endOfEtag(text: string, start: number): number {
  let at = text.startsWith("W/", start) ? start + 2 : start;
  if (text.charCodeAt(at) !== DOUBLE_QUOTE) return -1;
  for (at++; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === DOUBLE_QUOTE) return at + 1;
    // etagc = %x21 / %x23-7E / obs-text
    if (code <= SP || code === DELETE) return -1;
  }
  return -1;
}

/**
 * Compares two entity tags strongly (RFC 9110 section 8.8.3.2).
 *
 * @returns Whether they are equal and strong.
 *
 * @example
 * ```ts
 * import { strongMatch } from "./etag.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(strongMatch('"1"', '"1"'), true);
 * assertEquals(strongMatch('W/"1"', 'W/"1"'), false);
 * ```
 */
export function strongMatch(a: string, b: string): boolean {
  return a === b && a.charCodeAt(0) === DOUBLE_QUOTE;
}

/**
 * Compares two entity tags weakly (RFC 9110 section 8.8.3.2).
 *
 * @returns Whether they are equal, apart from `W/`.
 *
 * @example
 * ```ts
 * import { weakMatch } from "./etag.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(weakMatch('W/"1"', '"1"'), true);
 * ```
 */
export function weakMatch(a: string, b: string): boolean {
  return opaqueTag(a) === opaqueTag(b);
}

function opaqueTag(etag: string): string {
  return etag.startsWith("W/") ? etag.slice(2) : etag;
}

/**
 * Returns whether an entity tag matches a list of tags, or `*`.
 *
 * An invalid tag ends the list; the tags before it count. (Go:
 * `checkIfMatch()`)
 *
 * @param list The value of `If-Match` or `If-None-Match`.
 * @param etag The entity tag to find; only `*` matches `undefined`.
 * @param matches The comparison, {@linkcode strongMatch} or
 * {@linkcode weakMatch}.
 *
 * @example
 * ```ts
 * import { listMatches, weakMatch } from "./etag.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(listMatches('"a", W/"b"', '"b"', weakMatch), true);
 * assertEquals(listMatches("*", undefined, weakMatch), true);
 * ```
 */
export function listMatches(
  list: string,
  etag: string | undefined,
  matches: (a: string, b: string) => boolean,
): boolean {
  let at = 0;
  while (at < list.length) {
    const code = list.charCodeAt(at);
    if (code === COMMA || code === SP || code === HTAB) {
      at++;
      continue;
    }
    if (code === ASTERISK) return true;
    const end = endOfEtag(list, at);
    if (end === -1) return false;
    if (etag !== undefined && matches(list.slice(at, end), etag)) return true;
    at = end;
  }
  return false;
}
