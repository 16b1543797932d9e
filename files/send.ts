// Copyright 2026 the pystd authors. MIT license.

/**
 * Sends a part of a file in pieces.
 *
 * A fast client gets larger pieces. If a slow client accepts only a part of a
 * piece, the buffer is given back, and the rest is read again in smaller pieces.
 * The number of large buffers is limited; when all are in use, a smaller one is
 * used. So a thousand slow downloads hold a thousand small buffers, not large
 * ones.
 *
 * @module
 */

import { allocate, BufferPool } from "../io/buffer_pool.ts";
import type { SeekableFile } from "./open_file.ts";

/** Receives the pieces. */
export interface Sink {
  /**
   * Accepts some or all bytes.
   *
   * @param bytes The bytes.
   * @returns The number of bytes accepted.
   */
  writeSome(bytes: Uint8Array): Promise<number>;
}

/**
 * Pools of buffers for the pieces, by size. Larger pieces than the largest are
 * no faster. There is always a small buffer, of which 2 MiB are kept.
 */
const POOLS: readonly BufferPool[] = [
  new BufferPool(4 * 1024, allocate, { maxFree: 512 }),
  new BufferPool(32 * 1024, allocate, { maxTotal: 64 }),
  new BufferPool(128 * 1024, allocate, { maxTotal: 24 }),
  new BufferPool(512 * 1024, allocate, { maxTotal: 6 }),
];
/** Index in `POOLS` of the first piece. */
const FIRST_PIECE = 2;

/** Most reads at once: each uses a thread, and other work needs some. */
const MAX_READS = 4;

let reading = 0;
/** Callers that wait for a read to end, in order. */
const waiting: (() => void)[] = [];

/**
 * Sends bytes of a file.
 *
 * @param file The file.
 * @param sink Receives the pieces.
 * @param start Offset of the first byte.
 * @param end Offset behind the last byte.
 * @throws {Deno.errors.UnexpectedEof} If the file has become shorter.
 * @throws {Error} If reading or writing fails.
 */
export async function sendPart(
  file: SeekableFile,
  sink: Sink,
  start: number,
  end: number,
): Promise<void> {
  let position = start;
  let at = -1;
  let wanted = FIRST_PIECE;
  while (position < end) {
    const pool = poolFor(wanted);
    const buffer = pool.take();
    try {
      if (at !== position) file.seekSync(position, Deno.SeekMode.Start);
      const length = Math.min(buffer.length, end - position);
      const count = await readPiece(file, buffer.subarray(0, length));
      if (count === null) {
        throw new Deno.errors.UnexpectedEof(
          "Cannot send the file: it has become shorter",
        );
      }
      at = position + count;
      const sent = await sink.writeSome(buffer.subarray(0, count));
      position += sent;
      wanted = sent === count ? larger(wanted) : 0;
    } finally {
      pool.giveBack(buffer);
    }
  }
}

/** Returns the next size after a piece that was accepted completely. */
function larger(index: number): number {
  return Math.min(Math.max(index + 1, FIRST_PIECE), POOLS.length - 1);
}

async function readPiece(
  file: SeekableFile,
  buffer: Uint8Array,
): Promise<number | null> {
  if (reading < MAX_READS) reading++;
  else await new Promise<void>((resolve) => waiting.push(resolve));
  try {
    return await file.read(buffer);
  } finally {
    const next = waiting.shift();
    if (next === undefined) reading--;
    else next();
  }
}

/** Returns the pool of that size, or of a smaller one if it is exhausted. */
function poolFor(wanted: number): BufferPool {
  let index = wanted;
  while (POOLS[index].exhausted) index--;
  return POOLS[index];
}
