// Copyright 2026 the pystd authors. MIT license.

/**
 * The receiving side of a connection: one buffer that bytes are read into, and
 * a window on those that nobody has taken yet.
 *
 *     0          start            end                    length
 *     |  taken   |  received      |  free for read()     |
 *
 * The buffer starts small, since most of the time a connection waits for a
 * request that is a few hundred bytes long; it grows while a large head comes
 * in, and shrinks again when all has been taken.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Connection } from "./connection.ts";

/** Fits the head of nearly every request; what an idle connection holds. */
const IDLE_BYTES = 1024;
/** What a body is read into. */
const BULK_BYTES = 32 * 1024;

/** Reads a connection through a buffer. */
export class Reader {
  /** The buffer. Its bytes from `start` to `end` have not been taken yet. */
  bytes: Buffer = Buffer.allocUnsafeSlow(IDLE_BYTES);
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
    return this.#read(bulk ? BULK_BYTES : IDLE_BYTES)
      .then((count) => this.endRead(count));
  }

  /**
   * Begins to wait for the first bytes of a request, which may take long: with
   * no more than what the connection itself holds. `endRead()` has to be told
   * what came of it.
   *
   * @returns What `read` of the connection returns.
   */
  beginRead(): Promise<number | null> {
    return this.#read(IDLE_BYTES);
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
        (bytes.length > size && size !== IDLE_BYTES);
      if (!fits) this.bytes = Buffer.allocUnsafeSlow(size);
      return;
    }
    if (end < bytes.length && bytes.length >= size) return;
    const received = end - start;
    const enough = Math.max(size, received * 2);
    const larger = enough > bytes.length
      ? Buffer.allocUnsafeSlow(enough)
      : bytes;
    larger.set(bytes.subarray(start, end));
    this.bytes = larger;
    this.start = 0;
    this.end = received;
  }
}
