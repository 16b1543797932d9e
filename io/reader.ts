// Copyright 2026 the pystd authors. MIT license.

/**
 * The receiving side of a connection: a buffer, and a window on the bytes that
 * were received and not yet consumed.
 *
 *     0          start            end                    length
 *     | consumed |  received      |  free for read()     |
 *
 * The buffer is small, since most connections wait for a request of a few
 * hundred bytes. It grows for a large head and shrinks afterwards. After a short
 * request the buffer is even smaller: the next one is probably short as well.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { Connection } from "./connection.ts";
import type { PartialHead } from "./partial_head.ts";
import { BufferPool, slabAllocator } from "./buffer_pool.ts";

/** Enough for the head of nearly every request. */
const HEAD_BYTES = 1024;
/** Enough for the few header fields that programs other than browsers send. */
const SHORT_BYTES = 256;
/** Largest request after which the next one is expected to be short. */
const MAX_SHORT_REQUEST = 192;
/** Size of the buffer for bodies. */
const BULK_BYTES = 32 * 1024;
/** Size of the buffer for a body that fills the smaller ones. */
const MAX_BULK_BYTES = 256 * 1024;

const heads = new BufferPool(HEAD_BYTES, slabAllocator());
const shorts = new BufferPool(SHORT_BYTES, slabAllocator());
const NONE = Buffer.alloc(0);

/** Reads a connection through a buffer. */
export class Reader {
  /** The buffer. Its bytes from `start` to `end` are not consumed yet. */
  bytes: Buffer = NONE;
  /** Offset of the first byte that is not consumed. */
  start = 0;
  /** Offset behind the last byte received. */
  end = 0;
  /** Whether the client has ended its side of the stream. */
  ended = false;
  /** Number of bytes received so far. */
  received = 0;
  /** Whether the server waits for bytes from the client. */
  waiting = false;
  /** State of the head at `start` while it is incomplete. */
  partial: PartialHead | undefined;
  #connection: Connection;
  /** Value of `received` when the connection was last idle. */
  #receivedBefore = 0;
  /** The read in progress, or the one that failed. */
  #reading: Promise<number | null> | undefined;

  /**
   * Wraps a connection. Reads nothing yet.
   *
   * @param connection The connection to read from.
   */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whether a read is in progress, or has failed. */
  get reads(): boolean {
    return this.#reading !== undefined;
  }

  /** Number of bytes received and not consumed. */
  get available(): number {
    return this.end - this.start;
  }

  /**
   * Consumes bytes.
   *
   * @param count Their number; at most `available`.
   */
  take(count: number): void {
    // Do not reset `start` and `end` when all bytes are consumed: a read in
    // progress writes behind `end`.
    this.start += count;
  }

  /**
   * Waits for more bytes. All callers share one read, since two reads would
   * write to the same place.
   *
   * @param bulk Whether to expect many bytes, as of a body.
   * @returns `false` if the stream has ended.
   * @throws {Error} What `read` of the connection throws.
   */
  fill(bulk = false): Promise<boolean> {
    if (this.#reading !== undefined) {
      this.waiting = true;
      // The caller that began this read calls `endRead` first.
      return this.#reading.then(() => !this.ended);
    }
    if (this.ended) return Promise.resolve(false);
    this.#makeRoom(bulk ? this.#bulkBytes() : HEAD_BYTES);
    const { bytes, end } = this;
    return this.#read(end === 0 ? bytes : bytes.subarray(end))
      .then((count) => this.endRead(count));
  }

  /**
   * Begins to wait for the first bytes of a request. Since this may take long,
   * it allocates nothing beyond the read itself. All bytes must be consumed, and
   * no read may be in progress. The caller passes the result to `endRead()` at
   * once.
   *
   * @returns What `read` of the connection returns.
   */
  beginRead(): Promise<number | null> {
    const last = this.received - this.#receivedBefore;
    const short = last > 0 && last <= MAX_SHORT_REQUEST;
    this.#receivedBefore = this.received;
    if (this.bytes.length !== (short ? SHORT_BYTES : HEAD_BYTES)) {
      this.#giveBack();
      this.bytes = short ? shorts.take() : heads.take();
    }
    this.start = this.end = 0;
    return this.#read(this.bytes);
  }

  /** Releases the buffer; nothing more will be read. */
  release(): void {
    // A read that is in progress or failed may still write to it.
    if (!this.reads && !this.ended) this.#giveBack();
    this.bytes = NONE;
    this.start = this.end = 0;
  }

  /**
   * Records the result of a read.
   *
   * @param count Number of bytes, `null` at the end of the stream.
   * @returns `false` if the stream has ended.
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
   * Reads ahead while a handler works, to notice when the client disconnects.
   * The bytes stay in the buffer. If the read is still in progress, the next
   * `fill` waits for it.
   *
   * @returns `false` if the client has ended the stream or disconnected.
   */
  readAhead(): Promise<boolean> {
    const { waiting } = this;
    const ahead = this.fill().catch(() => {
      this.ended = true;
      return false;
    });
    // These bytes are not needed yet: no time limit applies.
    this.waiting = waiting;
    return ahead;
  }

  /** Returns the buffer to its pool. No view of it may be in use. */
  #giveBack(): void {
    if (this.bytes.length === SHORT_BYTES) shorts.giveBack(this.bytes);
    else heads.giveBack(this.bytes);
  }

  #read(into: Buffer): Promise<number | null> {
    this.waiting = true;
    return this.#reading = this.#connection.read(into);
  }

  /** Returns the size for a body: larger if the last read filled the buffer. */
  #bulkBytes(): number {
    const { length } = this.bytes;
    return this.end < length || length < BULK_BYTES
      ? BULK_BYTES
      : Math.min(length * 2, MAX_BULK_BYTES);
  }

  /** Makes room behind `end`, in a buffer of at least that size. */
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
