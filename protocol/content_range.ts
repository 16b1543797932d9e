// Copyright 2026 the pystd authors. MIT license.

/**
 * `Content-Range` in a request, for a partial PUT (RFC 9110 section 14.5).
 *
 * @module
 */

/** The bytes of a file in a request; an empty range if it only asks. */
export interface PartialContent {
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset after the last byte; equal to `start` if there are none. */
  readonly end: number;
  /** Size of the whole file, in bytes. */
  readonly size: number;
}

const RANGE = /^bytes +(?:([0-9]+)-([0-9]+)|\*)\/([0-9]+)$/i;

/**
 * Parses a `Content-Range` field.
 *
 * @returns The bytes; `undefined` if the field is malformed, has another unit,
 * or does not give the size of the file.
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
