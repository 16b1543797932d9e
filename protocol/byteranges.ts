// Copyright 2026 the pystd authors. MIT license.

/**
 * The framing of `multipart/byteranges` (RFC 9110 section 14.6): the text
 * before, between and after the parts of a file, and the total length, which is
 * known before anything is sent.
 *
 *     --BOUNDARY                            heads[0]
 *     Content-Type: text/plain
 *     Content-Range: bytes 0-4/10
 *
 *     hello                                 bytes of ranges[0]
 *     --BOUNDARY                            heads[1], with the CRLF before it
 *     ...
 *     --BOUNDARY--                          closing, with the CRLF before it
 *
 * @module
 */

import { type ByteRange, contentRange } from "./ranges.ts";

/** The text around the ranges of a multipart body. */
export interface ByteRangesFrame {
  /** Value of the response's `Content-Type`. */
  readonly contentType: string;
  /** Length of the whole body, in bytes. */
  readonly contentLength: number;
  /** Text before the bytes of each range; latin-1. */
  readonly heads: readonly string[];
  /** Text after the last range; latin-1. */
  readonly closing: string;
}

/** The file whose ranges {@linkcode frameByteRanges} frames. */
export interface ByteRangesSource {
  /** Size of the file, in bytes. */
  readonly size: number;
  /** Media type of the file, repeated in each part; latin-1. */
  readonly type: string;
  /**
   * Boundary: 1 to 70 digits, letters and some marks (RFC 2046 section 5.1.1).
   * It must be unpredictable, so that no file contains it:
   * `crypto.randomUUID()` is suitable.
   */
  readonly boundary: string;
}

/** A boundary that needs no quotes in `Content-Type`. */
const BOUNDARY = /^[0-9A-Za-z'+_.-]{1,70}$/;

/**
 * Frames several ranges of a file as one body.
 *
 * @param ranges The ranges, at least one.
 * @param source The file and the boundary.
 * @returns The text around the ranges, and the total length.
 * @throws {TypeError} If the boundary is invalid, or the type has a line end.
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
    throw new TypeError(`Cannot frame ranges: "${boundary}" is not a boundary`);
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
