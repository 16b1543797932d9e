// Copyright 2026 the pystd authors. MIT license.

/**
 * `parseRange` of commit 5e14c65, as a baseline: it parses the field in place,
 * without a list of its elements.
 *
 * @module
 */

const DIGIT_0 = 0x30;
const DIGIT_9 = 0x39;
const SPACE = 0x20;
const TAB = 0x09;
const UNIT = "bytes=";

/** Bytes of a file, from `start` to `end` (exclusive). */
export interface ByteRange {
  /** The offset of the first byte. */
  readonly start: number;
  /** The offset after the last byte. */
  readonly end: number;
}

/** The result of parsing a `Range` field for a size. */
export type RangeOutcome =
  | { readonly kind: "none" }
  | { readonly kind: "ignored" }
  | { readonly kind: "unsatisfiable" }
  | { readonly kind: "satisfiable"; readonly ranges: readonly ByteRange[] };

const NONE: RangeOutcome = { kind: "none" };
const IGNORED: RangeOutcome = { kind: "ignored" };
const UNSATISFIABLE: RangeOutcome = { kind: "unsatisfiable" };

/** A valid range without a byte within the size. */
const EMPTY: ByteRange = { start: 0, end: 0 };

/**
 * Parses a `Range` field.
 *
 * @param header The field's value.
 * @param size The size of the file.
 * @param maxRanges The most ranges to accept.
 * @returns The ranges, or why there are none.
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
  let at = UNIT.length;
  while (at <= header.length) {
    const comma = header.indexOf(",", at);
    const next = comma === -1 ? header.length : comma;
    const start = skipSpace(header, at, next);
    const end = skipSpaceBack(header, start, next);
    at = next + 1;
    // A list may have empty elements (section 5.6.1.2).
    if (start === end) continue;
    const range = readSpec(header, start, end, size);
    specs++;
    if (range === undefined || specs > maxRanges) return IGNORED;
    total += range.end - range.start;
    if (range.end > range.start) addRange(ranges, range);
  }
  if (specs === 0 || total > size) return IGNORED;
  return ranges.length === 0 ? UNSATISFIABLE : { kind: "satisfiable", ranges };
}

/**
 * Parses `first-last`, `first-` or `-length` between `start` and `end` of the
 * header. Returns `undefined` if it is malformed.
 */
function readSpec(
  header: string,
  start: number,
  end: number,
  size: number,
): ByteRange | undefined {
  const dash = header.indexOf("-", start);
  if (dash === -1 || dash >= end) return undefined;
  const firstText = header.slice(start, dash);
  const lastText = header.slice(dash + 1, end);
  if (!isDigits(firstText) || !isDigits(lastText)) return undefined;
  // Numbers beyond 2^53 lose digits or are infinite. They are larger than any
  // size, which is all that matters below.
  if (firstText === "") {
    if (lastText === "") return undefined;
    const length = Math.min(Number(lastText), size);
    return length === 0 ? EMPTY : { start: size - length, end: size };
  }
  const first = Number(firstText);
  const last = lastText === "" ? Infinity : Number(lastText);
  if (last < first) return undefined;
  return first >= size
    ? EMPTY
    : { start: first, end: Math.min(last + 1, size) };
}

/**
 * Adds a range to ranges that do not overlap. Merges it with overlapping ones,
 * in the place of the first of them.
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

/** Returns whether a text has only digits; it may be empty. */
function isDigits(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code < DIGIT_0 || code > DIGIT_9) return false;
  }
  return true;
}

/**
 * Returns the index of the first character from `start` that is not white
 * space.
 */
function skipSpace(text: string, start: number, end: number): number {
  let at = start;
  while (at < end && isSpace(text.charCodeAt(at))) at++;
  return at;
}

/**
 * Returns the index after the last character before `end` that is not white
 * space.
 */
function skipSpaceBack(text: string, start: number, end: number): number {
  let at = end;
  while (at > start && isSpace(text.charCodeAt(at - 1))) at--;
  return at;
}

function isSpace(code: number): boolean {
  return code === SPACE || code === TAB;
}
