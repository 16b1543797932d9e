// Copyright 2026 the pystd authors. MIT license.

/**
 * `wfile`: the sending side of a connection.
 *
 *     handler -> write() -> buffer ---- flush() ----> connection.write()
 *                  |                                        ^
 *                  '------- chunks that do not fit ---------'
 *
 * The writer collects everything that is written within one turn of the event
 * loop in a buffer and sends it in one write. A handler that runs for longer
 * need not flush: the writer sends the buffer at the end of each turn. At most
 * one write is under way, and at most one buffer waits behind it; further
 * writes wait until the buffer is free.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { clearImmediate, setImmediate } from "node:timers";
import { allocate, BufferPool } from "./buffer_pool.ts";
import type { Connection } from "./connection.ts";
import { flushInBatch } from "./flush_batch.ts";
import { toBytes } from "./to_bytes.ts";

/** Holds most responses without a large body. */
const SMALL_BYTES = 8 * 1024;
/** Holds a head and 64 KiB, so that they leave in one write. */
const LARGE_BYTES = 66 * 1024;

const smallBuffers = new BufferPool(SMALL_BYTES, allocate);
const largeBuffers = new BufferPool(LARGE_BYTES, allocate);

const RESOLVED: Promise<void> = Promise.resolve();
const encoder = new TextEncoder();

/**
 * Writes to a connection: collects small chunks, waits for slow clients.
 *
 * @example One write
 * ```ts
 * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Hello extends BaseHTTPRequestHandler {
 *   do_GET(): void {
 *     this.sendResponse(200);
 *     this.sendHeader("Content-Length", 6);
 *     this.endHeaders();
 *     this.wfile.write("hel");
 *     this.wfile.write("lo\n");
 *   }
 * }
 *
 * const { body, writes } = await respond(Hello, "GET / HTTP/1.0\r\n\r\n");
 * assertEquals(body, "hello\n");
 * assertEquals(writes, 1); // the head was in it
 * ```
 */
export class Writer {
  /** Number of bytes that the connection has accepted so far. */
  sent = 0;
  /** Number of bytes written to the body of the current response. */
  bodyBytes = 0;
  /** Whether the current response needs a head and began without one. */
  lacksHead = false;
  /** Why nothing more can be sent, if so. */
  error: Error | undefined;
  #connection: Connection;
  /** Holds bytes that were written and not yet passed to the connection. */
  #buffer: Uint8Array<ArrayBuffer> | undefined;
  #length = 0;
  #sending: Uint8Array<ArrayBuffer> | undefined;
  /** Settles when the writes that had to wait are done. */
  #queue: Promise<void> | undefined;
  /** Called when the buffer that is being sent has been accepted. */
  #onSent: (() => void)[] | undefined;
  #immediate: ReturnType<typeof setImmediate> | undefined;
  #corked = false;
  /** Number of bytes that the body may still have; negative without one. */
  #bodyLeft = Infinity;
  /** Whether the current response needs a head before its body. */
  #needsHead = false;
  /** Whether `beginBody` was called then. */
  #hasHead = false;
  #discardsBody = false;
  /** Offset in the buffer where the current response starts. */
  #responseStart = 0;
  #responseSent = false;
  /** Whether a response has ended and the next one has not begun. */
  #betweenResponses = false;
  /** Whether `writeSome` is passing bytes to the connection. */
  #direct = false;
  #noDelay = false;

  /**
   * Wraps a connection. Sends nothing yet.
   *
   * @param connection The connection to write to.
   */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whether bytes wait for the client to take them. */
  get busy(): boolean {
    return this.#direct || this.#sending !== undefined ||
      this.#queue !== undefined;
  }

  /** Whether writes wait because the buffer is full. */
  get full(): boolean {
    return this.#queue !== undefined;
  }

  /**
   * Number of bytes that the body lacks of its `Content-Length`; `Infinity`
   * without one.
   */
  get missing(): number {
    return this.#discardsBody ? 0 : this.#bodyLeft;
  }

  /**
   * Writes bytes, or text as UTF-8. `Content-Length` counts bytes.
   *
   * Do not change the bytes before the promise resolves. A handler that writes
   * much should await it, so that a slow client slows the handler down.
   *
   * @param chunk Bytes or text.
   * @returns A promise that resolves as soon as more may be written. Awaiting
   * it is optional: its rejection never counts as unhandled.
   * @throws {TypeError} At once, if `chunk` is neither text nor bytes.
   * @throws {RangeError} At once, if the body gets longer than its
   * `Content-Length`.
   * @throws {Error} At once, if the request has been answered.
   * @throws {Error} At once, if the client has disconnected.
   */
  write(chunk: string | ArrayBufferView | ArrayBufferLike): Promise<void> {
    const bytes = toBytes(chunk);
    if (this.error !== undefined) throw this.error;
    if (this.#betweenResponses) throw answeredError();
    if (bytes.length > this.#bodyLeft) {
      if (this.#discardsBody || bytes.length === 0) return RESOLVED;
      // Thrown rather than rejected, since the promise need not be awaited.
      if (!this.#needsHead || this.#hasHead) throw this.#tooLong(bytes.length);
      // A handler that writes a head itself, a 100 for example, goes unchecked
      // from here on, as in CPython.
      this.lacksHead = !startsLikeHead(bytes);
      this.#needsHead = false;
      this.#bodyLeft = Infinity;
    }
    this.#bodyLeft -= bytes.length;
    this.bodyBytes += bytes.length;
    return this.#append(bytes) ? RESOLVED : this.#writeQueued(bytes);
  }

  /**
   * Writes bytes that a function puts into the buffer, which saves a copy.
   *
   * @param count Their number.
   * @param read Fills the buffer; returns whether it did.
   * @returns Whether they were written; `false` also if the buffer has no room
   * now, and if the body may not have as many.
   */
  writeInPlace(count: number, read: (buffer: Uint8Array) => boolean): boolean {
    if (this.error !== undefined || this.#betweenResponses) return false;
    if (count > this.#bodyLeft || !this.#makeRoom(count)) return false;
    const end = this.#length + count;
    if (!read(this.#buffer!.subarray(this.#length, end))) return false;
    this.#length = end;
    this.#bodyLeft -= count;
    this.bodyBytes += count;
    this.#schedule();
    return true;
  }

  /**
   * Writes a message head. It does not count as part of the body.
   *
   * @param text The head as latin-1: each character is one byte.
   * @throws {Error} If the request has been answered.
   */
  writeHead(text: string): void {
    if (this.error !== undefined) return;
    if (this.#betweenResponses) throw answeredError();
    const fits = this.#makeRoom(text.length);
    if (!fits) {
      this.#writeQueued(Buffer.from(text, "latin1"));
      return;
    }
    const buffer = this.#buffer!;
    const length = this.#length;
    const free = length === 0 ? buffer : buffer.subarray(length);
    const { read, written } = encoder.encodeInto(text, free);
    // `encodeInto` writes UTF-8, which differs from latin-1 above 7f: then
    // there are more bytes than characters, or the last ones did not fit.
    if (read !== text.length || written !== read) {
      buffer.set(Buffer.from(text, "latin1"), length);
    }
    this.#length += text.length;
    this.#schedule();
  }

  /**
   * Begins the body of a response.
   *
   * @param length Its `Content-Length` in bytes; `Infinity` without one.
   * @param discards Whether to discard the body: the request is a HEAD, or the
   * status allows no body.
   * @throws {Error} If the response has a head already, and needed one.
   */
  beginBody(length: number, discards: boolean): void {
    if (this.#betweenResponses) throw answeredError();
    if (this.#hasHead) throw secondHeadError();
    this.#hasHead = this.#needsHead;
    this.bodyBytes = 0;
    this.#bodyLeft = discards ? -1 : length;
    this.#discardsBody = discards;
  }

  /**
   * Begins the next response.
   *
   * @param needsHead Whether it needs a head: an answer of HTTP/0.9 has none.
   */
  beginResponse(needsHead = false): void {
    this.#betweenResponses = false;
    this.#responseStart = this.#length;
    this.#responseSent = false;
    this.#needsHead = needsHead;
    this.#awaitHead();
  }

  /**
   * Ends a response on a persistent connection. Later writes of the handler,
   * from a timer for example, throw: the client would take them for the next
   * response.
   */
  endResponse(): void {
    this.#betweenResponses = true;
  }

  /** Whether nothing was written since `beginResponse`. */
  get untouched(): boolean {
    return !this.#responseSent && this.#length === this.#responseStart;
  }

  /**
   * Discards everything written since `beginResponse`.
   *
   * @returns `false` if some of it has been sent already.
   */
  rewind(): boolean {
    if (this.#responseSent) return false;
    this.#length = this.#responseStart;
    this.#awaitHead();
    return true;
  }

  #awaitHead(): void {
    this.lacksHead = this.#hasHead = false;
    this.#bodyLeft = this.#needsHead ? -1 : Infinity;
    this.#discardsBody = false;
  }

  /** Sends the buffer now rather than at the end of the turn. */
  flush(): void {
    if (this.#length === 0 || this.#sending !== undefined) return;
    // Wait for `writeSome`, or these bytes would overtake its bytes.
    if (this.#direct) return;
    const buffer = this.#buffer!;
    this.#noteSending(this.#length > this.#responseStart);
    this.#responseStart = 0;
    const length = this.#length;
    this.#sending = buffer;
    this.#buffer = undefined;
    this.#length = 0;
    this.#send(buffer.subarray(0, length));
  }

  /** Keeps writes in the buffer beyond the turn, until `uncork` or `flush`. */
  cork(): void {
    this.#corked = true;
  }

  /** Undoes `cork`: the buffer is sent at the end of this turn. */
  uncork(): void {
    this.#corked = false;
    if (this.#length > 0) this.#schedule();
  }

  /** Undoes `cork` after a complete response; see {@linkcode flushInBatch}. */
  uncorkInBatch(): void {
    this.#corked = false;
    flushInBatch(this, this.#length <= SMALL_BYTES);
  }

  /**
   * Sends everything and waits until the connection has accepted it.
   *
   * @returns A promise that resolves when nothing is left to send, or the
   * client has disconnected.
   */
  async drained(): Promise<void> {
    while (this.error === undefined && (this.#length > 0 || this.busy)) {
      this.flush();
      if (this.#queue !== undefined) await this.#queue;
      else if (this.#sending !== undefined || this.#direct) {
        await this.#whenSent();
      }
    }
  }

  /**
   * Passes bytes to the connection past the buffer. A slow client accepts only
   * some of them. The caller should be able to produce the rest again.
   *
   * @param bytes The bytes.
   * @returns How many of them the connection accepted.
   * @throws {Error} As {@linkcode Writer.write} does.
   */
  async writeSome(bytes: Uint8Array): Promise<number> {
    await this.drained();
    if (this.error !== undefined) throw this.error;
    if (this.#discardsBody) return bytes.length;
    if (bytes.length > this.#bodyLeft) throw this.#tooLong(bytes.length);
    this.#noteSending(true);
    this.#direct = true;
    try {
      const count = await this.#connection.write(bytes);
      this.sent += count;
      this.bodyBytes += count;
      this.#bodyLeft -= count;
      return count;
    } catch (error) {
      // If the connection was aborted, the reason for that remains the error.
      this.abort(error as Error);
      throw this.error;
    } finally {
      this.#direct = false;
      if (this.#length > 0) this.flush();
      else this.#callOnSent();
    }
  }

  /**
   * Discards everything not sent yet. All further writes fail.
   *
   * @param reason The error that they throw.
   */
  abort(reason: Error): void {
    if (this.error === undefined) this.#fail(reason);
  }

  #tooLong(count: number): RangeError {
    return new RangeError(
      `Cannot write ${count} bytes: the Content-Length leaves room for ${this.#bodyLeft} bytes`,
    );
  }

  /**
   * Turns Nagle's algorithm off from the second write of a response on. It
   * would delay the last write until the client acknowledges the ones before,
   * which takes up to 40 ms.
   */
  #noteSending(any: boolean): void {
    if (this.#responseSent && !this.#noDelay) {
      this.#noDelay = true;
      try {
        this.#connection.setNoDelay?.(true);
      } catch {
        // The connection was closed: the write reports that.
      }
    }
    this.#responseSent ||= any;
  }

  #append(bytes: Uint8Array): boolean {
    if (!this.#makeRoom(bytes.length)) return false;
    this.#buffer!.set(bytes, this.#length);
    this.#length += bytes.length;
    this.#schedule();
    return true;
  }

  /** Makes room for `count` bytes; returns `false` if they cannot fit. */
  #makeRoom(count: number): boolean {
    // These bytes must not overtake the queued ones.
    if (this.#queue !== undefined) return false;
    const needed = this.#length + count;
    if (needed > LARGE_BYTES) return false;
    const buffer = this.#buffer;
    if (buffer === undefined) {
      this.#buffer = poolFor(needed).take();
    } else if (needed > buffer.length) {
      const larger = poolFor(needed).take();
      larger.set(buffer.subarray(0, this.#length));
      this.#buffer = larger;
      poolFor(buffer.length).giveBack(buffer);
    }
    return true;
  }

  #schedule(): void {
    if (this.#corked || this.#immediate !== undefined) return;
    this.#immediate = setImmediate(() => {
      this.#immediate = undefined;
      this.flush();
    });
  }

  #send(rest: Uint8Array): void {
    try {
      // Not bound once in the constructor: bound functions would add to the
      // memory of each idle connection.
      this.#connection.write(rest).then(
        (count) => this.#accepted(rest, count),
        (error) => this.#fail(error),
      );
    } catch (error) {
      // The callers are timers and other connections, which cannot handle it.
      this.#fail(error as Error);
    }
  }

  #accepted(rest: Uint8Array, count: number): void {
    this.sent += count;
    // Aborted in the meantime.
    if (this.#sending === undefined) return;
    if (count < rest.length) return this.#send(rest.subarray(count));
    this.#release();
    if (this.#length > 0) this.flush();
    else this.#callOnSent();
  }

  #whenSent(): Promise<void> {
    return new Promise((resolve) => (this.#onSent ??= []).push(resolve));
  }

  #fail(error: Error): void {
    this.error ??= error;
    // Do not give it back: the system may still read from it.
    this.#sending = undefined;
    if (this.#buffer !== undefined) {
      poolFor(this.#buffer.length).giveBack(this.#buffer);
    }
    this.#buffer = undefined;
    this.#length = 0;
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#callOnSent();
  }

  #release(): void {
    if (this.#sending !== undefined) {
      poolFor(this.#sending.length).giveBack(this.#sending);
    }
    this.#sending = undefined;
  }

  #callOnSent(): void {
    const waiting = this.#onSent;
    if (waiting === undefined) return;
    this.#onSent = undefined;
    for (const resolve of waiting) resolve();
  }

  /** Writes bytes that do not fit in the buffer, after all earlier ones. */
  #writeQueued(bytes: Uint8Array): Promise<void> {
    this.#noteSending(true);
    const before = this.#queue;
    const written = this.#writeLarge(bytes, before);
    // `error` keeps the failure, so that no caller has to await this.
    const turn = written.catch(() => {}).finally(() => {
      if (this.#queue === turn) this.#queue = undefined;
    });
    this.#queue = turn;
    return written;
  }

  async #writeLarge(
    bytes: Uint8Array,
    before: Promise<void> | undefined,
  ): Promise<void> {
    let from = 0;
    if (before !== undefined) await before;
    else if (this.#length > 0) {
      // Fill up the buffer, so that the head leaves with the first bytes.
      from = this.#fillUp(bytes);
    }
    while (
      this.error === undefined &&
      (this.#length > 0 || this.#sending !== undefined || this.#direct)
    ) {
      this.flush();
      await this.#whenSent();
    }
    while (this.error === undefined && from < bytes.length) {
      try {
        const rest = from === 0 ? bytes : bytes.subarray(from);
        const count = await this.#connection.write(rest);
        this.sent += count;
        from += count;
      } catch (error) {
        this.#fail(error as Error);
      }
    }
    if (this.error !== undefined) throw this.error;
  }

  #fillUp(bytes: Uint8Array): number {
    const count = Math.min(bytes.length, LARGE_BYTES - this.#length);
    this.#makeRoom(count);
    this.#buffer!.set(bytes.subarray(0, count), this.#length);
    this.#length += count;
    return count;
  }
}

const HEAD_START = encoder.encode("HTTP/");

function startsLikeHead(bytes: Uint8Array): boolean {
  return HEAD_START.every((byte, i) => bytes[i] === byte);
}

function secondHeadError(): Error {
  return new Error("Cannot send a second response to one request");
}

function answeredError(): Error {
  return new Error("Cannot write: the request has been answered");
}

function poolFor(size: number): BufferPool {
  return size <= SMALL_BYTES ? smallBuffers : largeBuffers;
}
