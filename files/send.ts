// Copyright 2026 the pystd authors. MIT license.

/**
 * Sends a part of a file in pieces.
 *
 * A client that takes what it is given gets larger pieces. One that is slow
 * takes a part of a piece, which is then let go and read again later, in a
 * smaller one. There are so many buffers for large pieces and no more: whoever
 * comes when all are in use gets a small one. So a thousand slow downloads
 * hold a thousand small buffers, not large ones. Buffers are used again, never
 * left to the collector, which would let many times as much gather.
 *
 * @module
 */

import { allocate, BufferPool } from "../io/buffer_pool.ts";
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
/** What a client that takes it gets first, as an index into `POOLS`. */
const FIRST_PIECE = 2;

/** Reads at once: each takes a thread, and more would starve our own. */
const MOST_READS = 4;

let reading = 0;
/** Who waits for one of those reads to end, the first one first. */
const waiting: (() => void)[] = [];

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

/** What comes after a piece that was taken as a whole. */
function larger(index: number): number {
  return Math.min(Math.max(index + 1, FIRST_PIECE), POOLS.length - 1);
}

async function readPiece(
  file: SeekableFile,
  buffer: Uint8Array,
): Promise<number | null> {
  if (reading < MOST_READS) reading++;
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
