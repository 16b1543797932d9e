// Copyright 2026 the pystd authors. MIT license.

/**
 * The receiving side of a connection: one buffer that bytes are read into, and
 * a window on those that nobody has taken yet.
 *
 *     0          start            end                    length
 *     |  taken   |  received      |  free for read()     |
 *
 * The buffer is small, since most of the time a connection waits for a request
 * that is a few hundred bytes long; it grows while a large head comes in, and
 * shrinks again when all has been taken. A client whose last request was short
 * will send another one like it, and holds even less meanwhile.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Connection } from "./connection.ts";
import type { PartialHead } from "./partial_head.ts";
import { BufferPool, slabAllocator } from "./buffer_pool.ts";

/** Fits the head of nearly every request. */
const HEAD_BYTES = 1024;
/** Fits a request of a program, which has few fields. */
const SHORT_BYTES = 256;
/** After a request of up to this size the next one is taken to be short. */
const MOST_SHORT_BYTES = 192;
/** What a body is read into. */
const BULK_BYTES = 32 * 1024;

const heads = new BufferPool(HEAD_BYTES, slabAllocator());
const shorts = new BufferPool(SHORT_BYTES, slabAllocator());
const NONE = Buffer.alloc(0);

/** Reads a connection through a buffer. */
export class Reader {
  /** The buffer. Its bytes from `start` to `end` have not been taken yet. */
  bytes: Buffer = NONE;
  /** Where the bytes that have not been taken start. */
  start = 0;
  /** Where the bytes received so far end. */
  end = 0;
  /** Whether the client has ended its side of the stream. */
  ended = false;
  /** How many bytes have come in so far. */
  received = 0;
  /** Whether somebody waits for the client to send something. */
  waiting = false;
  /** What is known of the head at `start`, while a part of it is there. */
  partial: PartialHead | undefined;
  #connection: Connection;
  /** How many bytes had come in when the connection was idle last. */
  #receivedBefore = 0;
  /** The read that is under way, or the one that failed. */
  #reading: Promise<number | null> | undefined;

  /**
   * Wraps a connection. Nothing is read before somebody asks for it.
   *
   * @param connection The connection to read from.
   */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whether a read is under way, or has failed. */
  get reads(): boolean {
    return this.#reading !== undefined;
  }

  /** How many bytes have been received and not been taken. */
  get available(): number {
    return this.end - this.start;
  }

  /**
   * Takes bytes out of the buffer.
   *
   * @param count How many; at most `available`.
   */
  take(count: number): void {
    // Not back to the start where all has been taken: a read that is under way
    // writes behind the end.
    this.start += count;
  }

  /**
   * Waits for more bytes than there are. There is one read at a time, for all
   * who wait: two would write to the same place.
   *
   * @param bulk Whether a lot is expected, as of a body.
   * @returns Whether the stream goes on: `false` once it has ended.
   * @throws {Error} What `read` of the connection throws.
   */
  fill(bulk = false): Promise<boolean> {
    if (this.#reading !== undefined) {
      this.waiting = true;
      // Who has begun it hears of it first, and notes what came in.
      return this.#reading.then(() => !this.ended);
    }
    if (this.ended) return Promise.resolve(false);
    this.#makeRoom(bulk ? BULK_BYTES : HEAD_BYTES);
    const { bytes, end } = this;
    return this.#read(end === 0 ? bytes : bytes.subarray(end))
      .then((count) => this.endRead(count));
  }

  /**
   * Begins to wait for the first bytes of a request, which may take long: with
   * no more than what the connection itself holds. All that was received has
   * been taken, and no read is under way. `endRead()` has to be told at once
   * what came of it.
   *
   * @returns What `read` of the connection returns.
   */
  beginRead(): Promise<number | null> {
    const last = this.received - this.#receivedBefore;
    const short = last > 0 && last <= MOST_SHORT_BYTES;
    this.#receivedBefore = this.received;
    if (this.bytes.length !== (short ? SHORT_BYTES : HEAD_BYTES)) {
      this.#giveBack();
      this.bytes = short ? shorts.take() : heads.take();
    }
    this.start = this.end = 0;
    return this.#read(this.bytes);
  }

  /** Gives up the buffer: nothing more will be read. */
  release(): void {
    // A read that is under way or failed may still write to it.
    if (!this.reads && !this.ended) this.#giveBack();
    this.bytes = NONE;
    this.start = this.end = 0;
  }

  /**
   * Notes what has come in.
   *
   * @param count How many bytes, `null` at the end of the stream.
   * @returns Whether the stream goes on.
   */
  endRead(count: number | null): boolean {
    this.waiting = false;
    this.#reading = undefined;
    if (count === null) {
      this.ended = true;
      return false;
    }
    this.end += count;
    this.received += count;
    return true;
  }

  /**
   * Reads on while somebody else is at work, so that a client which goes away
   * is noticed. What comes in stays in the buffer, and the next `fill` waits
   * for a read that is still under way.
   *
   * @returns Whether the stream goes on: `false` once the client has ended it
   * or is gone.
   */
  readAhead(): Promise<boolean> {
    const { waiting } = this;
    const ahead = this.fill().catch(() => {
      this.ended = true;
      return false;
    });
    // Nobody needs these bytes yet: the client may take its time.
    this.waiting = waiting;
    return ahead;
  }

  /** Only where no view of the buffer is in use. */
  #giveBack(): void {
    if (this.bytes.length === SHORT_BYTES) shorts.giveBack(this.bytes);
    else heads.giveBack(this.bytes);
  }

  #read(into: Buffer): Promise<number | null> {
    this.waiting = true;
    return this.#reading = this.#connection.read(into);
  }

  /** Makes sure that there is room behind `end`, in a buffer of that size. */
  #makeRoom(size: number): void {
    const { bytes, start, end } = this;
    if (start === end) {
      this.start = this.end = 0;
      const fits = bytes.length === size ||
        (bytes.length > size && size !== HEAD_BYTES);
      if (!fits) this.bytes = takeBuffer(size);
      return;
    }
    if (end < bytes.length && bytes.length >= size) return;
    const received = end - start;
    const enough = Math.max(size, received * 2);
    const larger = enough > bytes.length ? takeBuffer(enough) : bytes;
    larger.set(bytes.subarray(start, end));
    this.bytes = larger;
    this.start = 0;
    this.end = received;
  }
}

function takeBuffer(size: number): Buffer {
  return size === HEAD_BYTES ? heads.take() : Buffer.allocUnsafeSlow(size);
}
