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
import { Slabs } from "./slabs.ts";

/** Fits the head of nearly every request. */
const HEAD_BYTES = 1024;
/** Fits a request of a program, which has few fields. */
const SHORT_BYTES = 256;
/** After a request of up to this size the next one is taken to be short. */
const MOST_SHORT_BYTES = 192;
/** What a body is read into. */
const BULK_BYTES = 32 * 1024;

const heads = new Slabs(HEAD_BYTES);
const shorts = new Slabs(SHORT_BYTES);
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
  #connection: Connection;
  /** How many bytes had come in when the connection was idle last. */
  #receivedBefore = 0;
  #ahead: Promise<boolean> | undefined;

  /**
   * Wraps a connection. Nothing is read before somebody asks for it.
   *
   * @param connection The connection to read from.
   */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whether a read that `readAhead()` has begun is under way. */
  get readsAhead(): boolean {
    return this.#ahead !== undefined;
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
    this.start += count;
    if (this.start === this.end) this.start = this.end = 0;
  }

  /**
   * Waits for more bytes than there are.
   *
   * @param bulk Whether a lot is expected, as of a body.
   * @returns Whether the stream goes on: `false` once it has ended.
   * @throws {Error} What `read` of the connection throws.
   */
  fill(bulk = false): Promise<boolean> {
    if (this.#ahead !== undefined) {
      this.waiting = true;
      return this.#ahead;
    }
    if (this.ended) return Promise.resolve(false);
    return this.#read(bulk ? BULK_BYTES : HEAD_BYTES)
      .then((count) => this.endRead(count));
  }

  /**
   * Begins to wait for the first bytes of a request, which may take long: with
   * no more than what the connection itself holds. All that was received has
   * been taken. `endRead()` has to be told what came of it.
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
    this.waiting = true;
    return this.#connection.read(this.bytes);
  }

  /** Gives up the buffer: nothing more will be read. */
  release(): void {
    // A read that failed, or that the end overtook, may still write to it.
    const reads = this.waiting || this.ended || this.#ahead !== undefined;
    if (!reads) this.#giveBack();
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
    if (this.#ahead !== undefined) return this.#ahead;
    this.#ahead = this.fill().catch(() => {
      this.ended = true;
      return false;
    }).finally(() => {
      this.#ahead = undefined;
    });
    // Nobody needs these bytes yet: the client may take its time.
    this.waiting = false;
    return this.#ahead;
  }

  /** Only where no view of the buffer is in use. */
  #giveBack(): void {
    if (this.bytes.length === SHORT_BYTES) shorts.giveBack(this.bytes);
    else heads.giveBack(this.bytes);
  }

  #read(size: number): Promise<number | null> {
    this.#makeRoom(size);
    const { bytes, end } = this;
    this.waiting = true;
    return this.#connection.read(end === 0 ? bytes : bytes.subarray(end));
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
