// Copyright 2026 the pystd authors. MIT license.

/**
 * Sends a part of a file in pieces.
 *
 * A client that takes what it is given gets larger and larger pieces. One that
 * is slow takes a part of a piece, which is then let go and read again later:
 * so a thousand slow downloads hold a thousand small buffers, not large ones.
 *
 * @module
 */

import type { SeekableFile } from "./open_file.ts";

/** Where the pieces go: how many of the bytes were accepted. */
export interface Sink {
  /**
   * Takes some or all of the bytes.
   *
   * @param bytes The bytes.
   * @returns How many it took.
   */
  writeSome(bytes: Uint8Array): Promise<number>;
}

/** What a slow client's piece takes of memory while it waits. */
const SMALLEST_PIECE = 32 * 1024;
/** From here on larger pieces are no faster. */
const LARGEST_PIECE = 1024 * 1024;
/** How many buffers are kept for the next piece. */
const POOLED = 8;

const pool = new Map<number, Uint8Array<ArrayBuffer>[]>();

/**
 * Sends bytes of a file.
 *
 * @param file The file.
 * @param sink Where to.
 * @param start The first byte's offset.
 * @param end The offset behind the last byte.
 * @throws {Deno.errors.UnexpectedEof} If the file has become shorter than that.
 * @throws {Error} What reading or writing throws.
 */
export async function sendPart(
  file: SeekableFile,
  sink: Sink,
  start: number,
  end: number,
): Promise<void> {
  let position = start;
  let at = -1;
  let size = SMALLEST_PIECE;
  while (position < end) {
    const buffer = pool.get(size)?.pop() ?? new Uint8Array(size);
    try {
      if (at !== position) file.seekSync(position, Deno.SeekMode.Start);
      const wanted = Math.min(size, end - position);
      const count = await file.read(buffer.subarray(0, wanted));
      if (count === null) {
        throw new Deno.errors.UnexpectedEof(
          "Cannot send the file: it has become shorter",
        );
      }
      at = position + count;
      const sent = await sink.writeSome(buffer.subarray(0, count));
      position += sent;
      size = sent === count
        ? Math.min(size * 2, LARGEST_PIECE)
        : SMALLEST_PIECE;
    } finally {
      giveBack(buffer);
    }
  }
}

function giveBack(buffer: Uint8Array<ArrayBuffer>): void {
  const free = pool.get(buffer.length);
  if (free === undefined) pool.set(buffer.length, [buffer]);
  else if (free.length < POOLED) free.push(buffer);
}
