// Copyright 2026 the pystd authors. MIT license.

/**
 * The `Range` field (RFC 9110 section 14.2) against the size of a file.
 *
 * What a server may do with it are four different things, and they are kept
 * apart: there is none; it is malformed, unknown or excessive, and the whole
 * is sent as if there were none; it is in order, but no byte of it exists
 * (416); or these are the bytes to send (206).
 *
 * @module
 */

import { trimOws } from "./fields.ts";

const UNIT = "bytes=";
/** One `first-last`, `first-` or `-length`. */
const SPEC = /^(?:([0-9]+)-([0-9]*)|-([0-9]+))$/;

/** Bytes of a file: from `start` up to `end`, which is not one of them. */
export interface ByteRange {
  /** The offset of the first byte. */
  readonly start: number;
  /** The offset after the last byte. */
  readonly end: number;
}

/** What a `Range` field asks for, against a size. */
export type RangeOutcome =
  | { readonly kind: "none" }
  | { readonly kind: "ignored" }
  | { readonly kind: "unsatisfiable" }
  | { readonly kind: "satisfiable"; readonly ranges: readonly ByteRange[] };

const NONE: RangeOutcome = { kind: "none" };
const IGNORED: RangeOutcome = { kind: "ignored" };
const UNSATISFIABLE: RangeOutcome = { kind: "unsatisfiable" };

/**
 * Reads a `Range` field: `bytes=0-99`, `bytes=100-`, `bytes=-100`, or several
 * of these with commas between them.
 *
 * A last position beyond the end, or a suffix longer than the file, is
 * clamped. Ranges without a byte in the file are dropped, as long as another
 * has one. Ranges that overlap become one, in the place of the first of them.
 *
 * Ignored are: another unit; anything malformed, as `bytes=10-5`; more than
 * `maxRanges` ranges; ranges that add up to more than the file (RFC 9110
 * section 14.2 on denial of service); and all ranges of an empty file, for
 * which 206 has no `Content-Range` and 416 would be an error where there is
 * none. (Go: `parseRange()` and `serveContent()`)
 *
 * @param header The value of `Range`, `undefined` if there is none.
 * @param size The size of the file, in bytes.
 * @param maxRanges How many ranges are allowed.
 * @returns What the field asks for; the ranges in the order of the request,
 * none of them empty or overlapping.
 *
 * @example
 * ```ts
 * import { parseRange } from "./ranges.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(parseRange("bytes=1-2", 10, 8), {
 *   kind: "satisfiable",
 *   ranges: [{ start: 1, end: 3 }],
 * });
 * assertEquals(parseRange("bytes=10-", 10, 8), { kind: "unsatisfiable" });
 * assertEquals(parseRange("bytes=10-5", 10, 8), { kind: "ignored" });
 * assertEquals(parseRange(undefined, 10, 8), { kind: "none" });
 * ```
 */
export function parseRange(
  header: string | null | undefined,
  size: number,
  maxRanges: number,
): RangeOutcome {
  if (header === undefined || header === null) return NONE;
  // Units are case-insensitive (section 14.1).
  if (size === 0 || header.slice(0, UNIT.length).toLowerCase() !== UNIT) {
    return IGNORED;
  }
  const ranges: ByteRange[] = [];
  let specs = 0;
  let total = 0;
  for (const element of header.slice(UNIT.length).split(",")) {
    const spec = trimOws(element);
    // A list may have empty elements (section 5.6.1.2).
    if (spec === "") continue;
    const range = readSpec(spec, size);
    specs++;
    if (range === undefined || specs > maxRanges) return IGNORED;
    total += range.end - range.start;
    if (range.end > range.start) addRange(ranges, range);
  }
  if (specs === 0 || total > size) return IGNORED;
  return ranges.length === 0 ? UNSATISFIABLE : { kind: "satisfiable", ranges };
}

/** Reads one element of the list. `undefined` if it is malformed. */
function readSpec(spec: string, size: number): ByteRange | undefined {
  const match = SPEC.exec(spec);
  if (match === null) return undefined;
  const [, firstText, lastText, suffixText] = match;
  // Numbers beyond 2^53 lose digits, and infinity is one of them: they are
  // beyond any size, which is all that matters below.
  if (firstText === undefined) {
    return { start: size - Math.min(Number(suffixText), size), end: size };
  }
  const first = Number(firstText);
  const last = lastText === "" ? Infinity : Number(lastText);
  if (last < first) return undefined;
  return { start: Math.min(first, size), end: Math.min(last + 1, size) };
}

/**
 * Adds a range to ranges that do not overlap. Those that overlap with it
 * become one with it, in the place of the first of them.
 */
function addRange(ranges: ByteRange[], added: ByteRange): void {
  let { start, end } = added;
  let place = ranges.length;
  for (let i = ranges.length - 1; i >= 0; i--) {
    const range = ranges[i];
    if (range.start >= end || range.end <= start) continue;
    start = Math.min(start, range.start);
    end = Math.max(end, range.end);
    ranges.splice(i, 1);
    place = i;
  }
  ranges.splice(place, 0, { start, end });
}

/**
 * The `Content-Range` of a part (RFC 9110 section 14.4).
 *
 * @param start The offset of its first byte.
 * @param end The offset after its last byte.
 * @param size The size of the whole, in bytes.
 * @returns The value of the field.
 *
 * @example
 * ```ts
 * import { contentRange } from "./ranges.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(contentRange(0, 5, 10), "bytes 0-4/10");
 * ```
 */
export function contentRange(start: number, end: number, size: number): string {
  return "bytes " + start + "-" + (end - 1) + "/" + size;
}

/**
 * The `Content-Range` of a 416: the size alone (RFC 9110 section 15.5.17).
 *
 * @param size The size of the whole, in bytes.
 * @returns The value of the field.
 *
 * @example
 * ```ts
 * import { unsatisfiedRange } from "./ranges.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(unsatisfiedRange(10), "bytes *\/10");
 * ```
 */
export function unsatisfiedRange(size: number): string {
  return "bytes */" + size;
}
