// Copyright 2026 the pystd authors. MIT license.

/**
 * The framing of `multipart/byteranges` (RFC 9110 section 14.6): what stands
 * before, between and after the parts of a file, as text to send, and the
 * length of it all before any of it is sent.
 *
 *     --BOUNDARY                            heads[0]
 *     Content-Type: text/plain
 *     Content-Range: bytes 0-4/10
 *
 *     hello                                 bytes of ranges[0]
 *     --BOUNDARY                            heads[1], from the end of that line
 *     ...
 *     --BOUNDARY--                          closing, likewise
 *
 * @module
 */

import { type ByteRange, contentRange } from "./ranges.ts";

/** What a body of several ranges is made of. */
export interface ByteRangesFrame {
  /** The value of the response's `Content-Type`. */
  readonly contentType: string;
  /** The length of the whole body, in bytes. */
  readonly contentLength: number;
  /** What to send before the bytes of each range, as latin-1. */
  readonly heads: readonly string[];
  /** What to send after those of the last one, as latin-1. */
  readonly closing: string;
}

/** The file of which {@linkcode frameByteRanges} frames ranges. */
export interface ByteRangesSource {
  /** The size of the file, in bytes. */
  readonly size: number;
  /** The type of the file, for each part; latin-1 text. */
  readonly type: string;
  /**
   * The boundary: 1 to 70 digits, letters and some marks (RFC 2046 section
   * 5.1.1), which the file must not be able to contain by intent or accident.
   * `crypto.randomUUID()` is one.
   */
  readonly boundary: string;
}

/** Boundaries that need no quotes in `Content-Type`. */
const BOUNDARY = /^[0-9A-Za-z'+_.-]{1,70}$/;

/**
 * Frames several ranges of a file as one body.
 *
 * @param ranges The ranges, at least one.
 * @param source The file and the boundary.
 * @returns The texts around the ranges' bytes, and the length of it all.
 * @throws {TypeError} If the boundary is none, or the type would end its line.
 *
 * @example
 * ```ts
 * import { frameByteRanges } from "./byteranges.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const ranges = [{ start: 0, end: 5 }, { start: 9, end: 10 }];
 * const frame = frameByteRanges(ranges, {
 *   size: 10,
 *   type: "text/plain",
 *   boundary: "B",
 * });
 * assertEquals(frame.contentType, "multipart/byteranges; boundary=B");
 * assertEquals(
 *   frame.heads[1],
 *   "\r\n--B\r\nContent-Type: text/plain\r\nContent-Range: bytes 9-9/10\r\n\r\n",
 * );
 * assertEquals(frame.closing, "\r\n--B--\r\n");
 * ```
 */
export function frameByteRanges(
  ranges: readonly ByteRange[],
  source: ByteRangesSource,
): ByteRangesFrame {
  const { size, type, boundary } = source;
  if (!BOUNDARY.test(boundary)) {
    throw new TypeError(`Cannot frame ranges: "${boundary}" is no boundary`);
  }
  if (/[\0\r\n]/.test(type)) {
    throw new TypeError("Cannot frame ranges: the type has a line end or NUL");
  }
  const heads = ranges.map(({ start, end }, index) =>
    (index === 0 ? "--" : "\r\n--") + boundary + "\r\n" +
    "Content-Type: " + type + "\r\n" +
    "Content-Range: " + contentRange(start, end, size) + "\r\n\r\n"
  );
  const closing = "\r\n--" + boundary + "--\r\n";
  let contentLength = closing.length;
  for (const head of heads) contentLength += head.length;
  for (const { start, end } of ranges) contentLength += end - start;
  return {
    contentType: "multipart/byteranges; boundary=" + boundary,
    contentLength,
    heads,
    closing,
  };
}
