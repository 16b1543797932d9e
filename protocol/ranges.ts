// Copyright 2026 the pystd authors. MIT license.

/**
 * The `Range` field (RFC 9110 section 14.2), applied to the size of a file.
 *
 * There are four outcomes: the field is absent; the field is malformed, unknown
 * or excessive, and is ignored; no byte of the ranges exists (416); or there
 * are ranges to send (206).
 *
 * @module
 */

import { trimOws } from "./fields.ts";

const UNIT = "bytes=";
/** One `first-last`, `first-` or `-length`. */
const SPEC = /^(?:([0-9]+)-([0-9]*)|-([0-9]+))$/;

/** Bytes of a file, from `start` to `end` (exclusive). */
export interface ByteRange {
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset after the last byte. */
  readonly end: number;
}

/** The outcome of a `Range` field for a file size. */
export type RangeOutcome =
  | { readonly kind: "none" }
  | { readonly kind: "ignored" }
  | { readonly kind: "unsatisfiable" }
  | { readonly kind: "satisfiable"; readonly ranges: readonly ByteRange[] };

const NONE: RangeOutcome = { kind: "none" };
const IGNORED: RangeOutcome = { kind: "ignored" };
const UNSATISFIABLE: RangeOutcome = { kind: "unsatisfiable" };

/**
 * Parses a `Range` field: `bytes=0-99`, `bytes=100-`, `bytes=-100`, or several
 * of these separated by commas.
 *
 * A last position beyond the end, or a suffix longer than the file, is clamped.
 * Ranges beyond the file are dropped if another range is inside it. Overlapping
 * ranges are merged, in the place of the first one.
 *
 * The field is ignored if it has another unit, is malformed (`bytes=10-5`), has
 * more than `maxRanges` ranges, or if the ranges add up to more than the file
 * (RFC 9110 section 14.2 on denial of service). It is also ignored for an empty
 * file, since 206 would have no `Content-Range`, and 416 would be an error
 * without cause. (Go: `parseRange()` and `serveContent()`)
 *
 * @param header The value of `Range`, `undefined` if it is absent.
 * @param size The size of the file, in bytes.
 * @param maxRanges The maximum number of ranges.
 * @returns The outcome. Ranges are in the order of the request; none is empty,
 * and none overlap.
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

/** Parses one element of the list. Returns `undefined` if it is malformed. */
function readSpec(spec: string, size: number): ByteRange | undefined {
  const match = SPEC.exec(spec);
  if (match === null) return undefined;
  const [, firstText, lastText, suffixText] = match;
  // Numbers above 2^53 lose digits, or become infinity. They still exceed any
  // file size, which is all that matters here.
  if (firstText === undefined) {
    return { start: size - Math.min(Number(suffixText), size), end: size };
  }
  const first = Number(firstText);
  const last = lastText === "" ? Infinity : Number(lastText);
  if (last < first) return undefined;
  return { start: Math.min(first, size), end: Math.min(last + 1, size) };
}

/**
 * Adds a range to ranges that do not overlap. Merges it with overlapping ones,
 * in the place of the first one.
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
 * Formats the `Content-Range` of a part (RFC 9110 section 14.4).
 *
 * @param start The offset of the first byte.
 * @param end The offset after the last byte.
 * @param size The size of the file, in bytes.
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
 * Formats the `Content-Range` of a 416 response, which has only the size (RFC
 * 9110 section 15.5.17).
 *
 * @param size The size of the file, in bytes.
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
