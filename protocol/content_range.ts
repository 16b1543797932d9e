// Copyright 2026 the pystd authors. MIT license.

/**
 * `Content-Range` in a request: a partial PUT (RFC 9110 section 14.5).
 *
 * @module
 */

/** Which bytes of a file a request brings; none at all if it only asks. */
export interface PartialContent {
  /** The offset of the first byte. */
  readonly start: number;
  /** The offset after the last byte; equal to `start` if there are none. */
  readonly end: number;
  /** The size of the whole file, in bytes. */
  readonly size: number;
}

const RANGE = /^bytes +(?:([0-9]+)-([0-9]+)|\*)\/([0-9]+)$/i;

/**
 * Reads the field.
 *
 * @param value Its value.
 * @returns The bytes; `undefined` if it is malformed, of another unit, or
 * does not tell the size of the file.
 *
 * @example
 * ```ts
 * import { parseContentRange } from "./content_range.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(parseContentRange("bytes 5-9/10"), {
 *   start: 5,
 *   end: 10,
 *   size: 10,
 * });
 * assertEquals(parseContentRange("bytes 9-5/10"), undefined);
 * ```
 */
export function parseContentRange(value: string): PartialContent | undefined {
  const match = RANGE.exec(value);
  if (match === null) return undefined;
  const [, first, last, complete] = match;
  const size = Number(complete);
  if (!Number.isSafeInteger(size)) return undefined;
  if (first === undefined) return { start: 0, end: 0, size };
  const start = Number(first);
  const end = Number(last) + 1;
  return start < end && end <= size ? { start, end, size } : undefined;
}
