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

/** Buffers of one size. */
interface Buffers {
  /** Their size in bytes. */
  readonly size: number;
  /** How many there may be. */
  readonly most: number;
  /** How many there are. */
  made: number;
  /** Those that nobody uses. */
  readonly free: Uint8Array<ArrayBuffer>[];
}

/** Pieces by size; from the largest one on larger pieces are no faster. */
const PIECES: readonly Buffers[] = [
  { size: 4 * 1024, most: Infinity, made: 0, free: [] },
  { size: 32 * 1024, most: 64, made: 0, free: [] },
  { size: 128 * 1024, most: 24, made: 0, free: [] },
  { size: 512 * 1024, most: 6, made: 0, free: [] },
];
/** What a client that takes it gets first, as an index into `PIECES`. */
const FIRST_PIECE = 2;
/** How many of the smallest buffers are kept: 2 MiB. */
const KEPT_SMALL = 512;

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
    const buffers = buffersFor(wanted);
    const buffer = takeBuffer(buffers);
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
      giveBack(buffers, buffer);
    }
  }
}

/** What comes after a piece that was taken as a whole. */
function larger(index: number): number {
  return Math.min(Math.max(index + 1, FIRST_PIECE), PIECES.length - 1);
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

/** The buffers of that size; smaller ones if all of them are in use. */
function buffersFor(wanted: number): Buffers {
  let index = wanted;
  while (isUsedUp(PIECES[index])) index--;
  return PIECES[index];
}

function isUsedUp({ made, most, free }: Buffers): boolean {
  return made >= most && free.length === 0;
}

function takeBuffer(buffers: Buffers): Uint8Array<ArrayBuffer> {
  const free = buffers.free.pop();
  if (free !== undefined) return free;
  buffers.made++;
  return new Uint8Array(buffers.size);
}

function giveBack(buffers: Buffers, buffer: Uint8Array<ArrayBuffer>): void {
  if (buffers.most < Infinity || buffers.free.length < KEPT_SMALL) {
    buffers.free.push(buffer);
  } else buffers.made--;
}
