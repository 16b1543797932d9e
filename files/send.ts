// Copyright 2026 the pystd authors. MIT license.

/**
 * Sends a part of a file in pieces.
 *
 * If the system has the file in memory, reading in this thread is faster than
 * waiting for another one. A read that takes long shows that it has not. Then
 * the next pieces are read in another thread, each while the client takes the
 * one before.
 *
 * If a slow client accepts only a part of a piece, the buffer is given back, and
 * the rest is read again in smaller pieces. The number of large buffers is
 * limited; when all are in use, a smaller one is used. So a thousand slow
 * downloads hold a thousand small buffers, not large ones.
 *
 * @module
 */

import { allocate, BufferPool } from "../io/buffer_pool.ts";
import type { OpenFile, SeekableFile } from "./open_file.ts";
import { isDiskRead, isOpenFile } from "./piece_reader.ts";

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
 * Pools of buffers for the pieces, by size. There is always a small buffer, of
 * which 2 MiB are kept.
 */
const POOLS: readonly BufferPool[] = [
  new BufferPool(4 * 1024, allocate, { maxFree: 512 }),
  new BufferPool(32 * 1024, allocate, { maxTotal: 64 }),
  new BufferPool(112 * 1024, allocate, { maxTotal: 24 }),
  new BufferPool(512 * 1024, allocate, { maxTotal: 6 }),
];
/**
 * Index in `POOLS` of the first piece, and of the largest that this thread
 * reads: it still is in the processor's cache when it is written. Linux takes
 * pieces from 128 to 256 KiB more slowly.
 */
const FIRST_PIECE = 2;
const LARGEST_PIECE = POOLS.length - 1;

/** Number of bytes that another thread reads after a read from the disk. */
const DISK_BYTES = 64 * 1024 * 1024;

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
  while (position < end) {
    if (isOpenFile(file)) {
      position = await sendFromMemory(file, sink, position, end);
    }
    const until = Math.min(end, position + DISK_BYTES);
    position = await sendFromDisk(file, sink, position, until);
  }
}

/** Sends pieces until one had to be read from the disk; returns its end. */
async function sendFromMemory(
  file: OpenFile,
  sink: Sink,
  start: number,
  end: number,
): Promise<number> {
  let position = start;
  let wanted = FIRST_PIECE;
  let readTime = 0;
  while (position < end && !isDiskRead(readTime)) {
    const pool = poolFor(wanted);
    const buffer = pool.take();
    try {
      const began = performance.now();
      file.seekSync(position, Deno.SeekMode.Start);
      const count = file.readSync(upTo(buffer, end - position));
      if (count === null) throw tooShort();
      readTime = performance.now() - began;
      const sent = await sink.writeSome(buffer.subarray(0, count));
      position += sent;
      wanted = sent === count ? FIRST_PIECE : 0;
    } finally {
      pool.giveBack(buffer);
    }
  }
  return position;
}

/** Sends pieces that another thread reads. */
async function sendFromDisk(
  file: SeekableFile,
  sink: Sink,
  start: number,
  end: number,
): Promise<number> {
  let position = start;
  let wanted = FIRST_PIECE;
  let ahead: Piece | undefined;
  try {
    while (position < end) {
      const piece = ahead ?? new Piece(poolFor(wanted), file, position, end);
      ahead = undefined;
      try {
        const bytes = await piece.bytes;
        const next = position + bytes.length;
        const isFast = wanted === LARGEST_PIECE;
        if (isFast && next < end && !POOLS[LARGEST_PIECE].exhausted) {
          ahead = new Piece(POOLS[LARGEST_PIECE], file, next, end);
        }
        const sent = await sink.writeSome(bytes);
        position += sent;
        if (sent === bytes.length) {
          wanted = Math.min(Math.max(wanted + 1, FIRST_PIECE), LARGEST_PIECE);
        } else {
          wanted = 0;
          await ahead?.giveBack();
          ahead = undefined;
        }
      } finally {
        await piece.giveBack();
      }
    }
  } finally {
    await ahead?.giveBack();
  }
  return position;
}

/** A piece that another thread reads. */
class Piece {
  /** Its bytes, when they are read. */
  readonly bytes: Promise<Uint8Array>;
  #pool: BufferPool;
  #buffer: Uint8Array<ArrayBuffer>;

  constructor(
    pool: BufferPool,
    file: SeekableFile,
    position: number,
    end: number,
  ) {
    this.#pool = pool;
    this.#buffer = pool.take();
    this.bytes = this.#read(file, position, end);
    // Nobody waits for a piece that is not sent.
    this.bytes.catch(() => {});
  }

  async #read(
    file: SeekableFile,
    position: number,
    end: number,
  ): Promise<Uint8Array> {
    if (reading < MAX_READS) reading++;
    else await new Promise<void>((resolve) => waiting.push(resolve));
    try {
      file.seekSync(position, Deno.SeekMode.Start);
      const count = await file.read(upTo(this.#buffer, end - position));
      if (count === null) throw tooShort();
      return this.#buffer.subarray(0, count);
    } finally {
      const next = waiting.shift();
      if (next === undefined) reading--;
      else next();
    }
  }

  /** Gives the buffer back when nothing is read into it any more. */
  async giveBack(): Promise<void> {
    try {
      await this.bytes;
    } catch {
      // Reported to those who wanted the bytes.
    }
    this.#pool.giveBack(this.#buffer);
  }
}

function upTo(buffer: Uint8Array<ArrayBuffer>, count: number): Uint8Array {
  return count < buffer.length ? buffer.subarray(0, count) : buffer;
}

function tooShort(): Error {
  return new Deno.errors.UnexpectedEof(
    "Cannot send the file: it has become shorter",
  );
}

/** Returns the pool of that size, or of a smaller one if it is exhausted. */
function poolFor(wanted: number): BufferPool {
  let index = wanted;
  while (POOLS[index].exhausted) index--;
  return POOLS[index];
}
