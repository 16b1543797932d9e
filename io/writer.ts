// Copyright 2026 the pystd authors. MIT license.

/**
 * `wfile`: the sending side of a connection.
 *
 *     handler -> write() -> buffer ---- flush() ----> connection.write()
 *                  |                                        ^
 *                  '--- what does not fit, in its turn -----'
 *
 * What is written within one turn of the event loop is gathered in a buffer
 * and leaves in one write. A handler that goes on for longer need not flush:
 * the buffer is sent at the end of each turn. At most one write is under way,
 * and at most one buffer waits behind it; whoever writes more waits.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { clearImmediate, setImmediate } from "node:timers";
import type { Connection } from "./connection.ts";

/** Holds most responses without a large body. */
const SMALL_BYTES = 8 * 1024;
/** Holds a head and 64 KiB, so that they leave in one write. */
const LARGE_BYTES = 66 * 1024;
/** How many buffers of each size are kept for the next one who needs one. */
const POOLED = 64;

const RESOLVED: Promise<void> = Promise.resolve();
const encoder = new TextEncoder();
const small: Uint8Array[] = [];
const large: Uint8Array[] = [];

/** How many responses wait for each other: some 200 µs. */
const MOST_ANSWERED = 16;
/**
 * Whose responses are written, and leave together. Requests that came in
 * together are answered one after the other by the continuations of as many
 * promises; what is queued by the first of them comes after the last. To answer
 * some and then to send some takes less than to do both in turn: code and data
 * stay in the cache, and a client that the first response wakes is awake for
 * the others.
 */
const answered: Writer[] = [];
/** When an answer was last ready to leave, in epoch ms. */
let lastAnswer = 0;

function sendAnswers(): void {
  for (const writer of answered.splice(0)) writer.flush();
}

function takeBuffer(size: number): Uint8Array {
  return size <= SMALL_BYTES
    ? small.pop() ?? new Uint8Array(SMALL_BYTES)
    : large.pop() ?? new Uint8Array(LARGE_BYTES);
}

function giveBack(buffer: Uint8Array): void {
  const pool = buffer.length === SMALL_BYTES ? small : large;
  if (pool.length < POOLED) pool.push(buffer);
}

/**
 * Writes to a connection: gathers what is small, waits for what is slow.
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
  /** How many bytes the connection has accepted so far. */
  sent = 0;
  /** How many bytes have been written to the body of the response. */
  bodyBytes = 0;
  /** Why nothing more can be sent, once that is so. */
  error: Error | undefined;
  #connection: Connection;
  /** What has been written and not been handed to the connection. */
  #buffer: Uint8Array | undefined;
  #length = 0;
  /** What the connection is being handed. */
  #sending: Uint8Array | undefined;
  /** Settles when the writes that had to wait are done. */
  #turn: Promise<void> | undefined;
  #waiting: (() => void)[] | undefined;
  #immediate: ReturnType<typeof setImmediate> | undefined;
  #corked = false;
  /** How many bytes the response's body may still have. */
  #room = Infinity;
  #discards = false;
  /** How much of the buffer was there before the response that is written. */
  #mark = 0;
  #leaving = false;
  /** Whether a response has ended and the next one has not begun. */
  #between = false;
  /** Whether `writeSome` is handing bytes to the connection. */
  #direct = false;
  /** Whether small writes go out at once, whatever is on its way. */
  #noDelay = false;

  /**
   * Wraps a connection. Nothing is written before somebody asks for it.
   *
   * @param connection The connection to write to.
   */
  constructor(connection: Connection) {
    this.#connection = connection;
  }

  /** Whether bytes wait for the client to take them. */
  get busy(): boolean {
    return this.#direct || this.#sending !== undefined ||
      this.#turn !== undefined;
  }

  /** Whether a buffer is not enough for what waits. */
  get full(): boolean {
    return this.#turn !== undefined;
  }

  /** How many bytes the announced body lacks; `Infinity` if none was. */
  get missing(): number {
    return this.#discards ? 0 : this.#room;
  }

  /**
   * Writes bytes, or text as UTF-8, whose bytes `Content-Length` has to count.
   *
   * The bytes must not be changed before the promise resolves. A handler that
   * writes much should await it, so that a slow client slows the handler down.
   *
   * @param chunk What to write.
   * @returns A promise that resolves as soon as more may be written. It need
   * not be awaited: its rejection is never an unhandled one.
   * @throws {TypeError} At once, if this is neither text nor bytes.
   * @throws {RangeError} At once, if this is more than `Content-Length` has
   * announced.
   * @throws {Error} At once, if the request has been answered.
   * @throws {Error} What `write` of the connection throws: the client is gone.
   */
  write(chunk: string | ArrayBufferView | ArrayBufferLike): Promise<void> {
    const bytes = bytesOf(chunk);
    if (this.error !== undefined) return rejected(this.error);
    if (this.#between) throw tooLate();
    if (bytes.length > this.#room) {
      if (this.#discards) return RESOLVED;
      // Thrown, not rejected: who awaits nothing would never hear of it.
      throw this.#overrun(bytes.length);
    }
    this.#room -= bytes.length;
    this.bodyBytes += bytes.length;
    return this.#append(bytes) ? RESOLVED : this.#writeInTurn(bytes);
  }

  /**
   * Writes a message head: latin-1 text, which counts towards no body.
   *
   * @param text The head, one character an octet.
   * @throws {Error} If the request has been answered.
   */
  writeHead(text: string): void {
    if (this.error !== undefined) return;
    if (this.#between) throw tooLate();
    const fits = this.#makeRoom(text.length);
    if (!fits) {
      this.#writeInTurn(Buffer.from(text, "latin1"));
      return;
    }
    const buffer = this.#buffer!;
    const length = this.#length;
    const free = length === 0 ? buffer : buffer.subarray(length);
    const { read, written } = encoder.encodeInto(text, free);
    // More bytes than characters: some are above 7f, and not to be UTF-8. Where
    // there was no room for more bytes, the last characters were not read.
    if (read !== text.length || written !== read) {
      buffer.set(Buffer.from(text, "latin1"), length);
    }
    this.#length += text.length;
    this.#schedule();
  }

  /**
   * Says what the body of the response that begins may be.
   *
   * @param length Its length in bytes; `Infinity` if it was not announced.
   * @param discards Whether a body is swallowed: the request was a HEAD, or
   * the status allows none.
   */
  beginBody(length: number, discards: boolean): void {
    this.bodyBytes = 0;
    this.#room = discards ? -1 : length;
    this.#discards = discards;
  }

  /** Notes where the next response starts. */
  beginResponse(): void {
    this.#between = false;
    this.#mark = this.#length;
    this.#leaving = false;
    this.#room = Infinity;
    this.#discards = false;
  }

  /**
   * Ends a response behind which the connection goes on: what a handler writes
   * later, from a timer say, would be taken for the next one.
   */
  endResponse(): void {
    this.#between = true;
  }

  /** Whether nothing has been written since `beginResponse`. */
  get untouched(): boolean {
    return !this.#leaving && this.#length === this.#mark;
  }

  /**
   * Takes back what has been written since `beginResponse`.
   *
   * @returns Whether that was possible: nothing of it is on its way yet.
   */
  rewind(): boolean {
    if (this.#leaving) return false;
    this.#length = this.#mark;
    this.#room = Infinity;
    this.#discards = false;
    return true;
  }

  /** Sends what has been gathered, now rather than at the end of the turn. */
  flush(): void {
    if (this.#length === 0 || this.#sending !== undefined) return;
    // What is being sent past the buffer must not be overtaken.
    if (this.#direct) return;
    const buffer = this.#buffer!;
    this.#leave(this.#length > this.#mark);
    this.#mark = 0;
    const length = this.#length;
    this.#sending = buffer;
    this.#buffer = undefined;
    this.#length = 0;
    this.#send(buffer.subarray(0, length));
  }

  /** Gathers without an end to the turn, until `uncork` or `flush`. */
  cork(): void {
    this.#corked = true;
  }

  /** Ends what `cork` began: what was gathered leaves with this turn. */
  uncork(): void {
    this.#corked = false;
    if (this.#length > 0) this.#schedule();
  }

  /**
   * Ends what `cork` began: what was gathered leaves as soon as the requests
   * that came in together are answered.
   */
  uncorkAndLeave(): void {
    this.#corked = false;
    const now = Date.now();
    // Where answers are large or take long, none waits for the next one.
    const waits = now === lastAnswer && this.#length <= SMALL_BYTES;
    lastAnswer = now;
    const count = answered.push(this);
    if (!waits || count === MOST_ANSWERED) sendAnswers();
    else if (count === 1) queueMicrotask(sendAnswers);
  }

  /**
   * Sends everything and waits until the connection has accepted it.
   *
   * @returns A promise that resolves when nothing is left to send, be it that
   * the client is gone.
   */
  async drained(): Promise<void> {
    while (this.error === undefined && (this.#length > 0 || this.busy)) {
      this.flush();
      if (this.#turn !== undefined) await this.#turn;
      else if (this.#sending !== undefined || this.#direct) {
        await this.#sent();
      }
    }
  }

  /**
   * Hands bytes to the connection without gathering, and says how many of them
   * it took: fewer than all of them if the client is slow. For a sender that
   * can make the rest again and would rather not hold it.
   *
   * @param bytes What to write.
   * @returns How many bytes were accepted.
   * @throws {Error} As {@linkcode Writer.write} does.
   */
  async writeSome(bytes: Uint8Array): Promise<number> {
    await this.drained();
    if (this.error !== undefined) throw this.error;
    if (this.#discards) return bytes.length;
    if (bytes.length > this.#room) throw this.#overrun(bytes.length);
    this.#leave(true);
    this.#direct = true;
    try {
      const count = await this.#connection.write(bytes);
      this.sent += count;
      this.bodyBytes += count;
      this.#room -= count;
      return count;
    } catch (error) {
      // Whoever closes a connection says why; then this is what follows.
      this.abort(error as Error);
      throw this.error;
    } finally {
      this.#direct = false;
      if (this.#length > 0) this.flush();
      else this.#wake();
    }
  }

  /** Forgets what has not been sent; nothing can be written any more. */
  abort(reason: Error): void {
    if (this.error === undefined) this.#fail(reason);
  }

  #overrun(count: number): RangeError {
    return new RangeError(
      `Cannot write ${count} bytes: the Content-Length leaves room for ${this.#room} bytes`,
    );
  }

  /**
   * Notes that bytes of the response leave. From its second write on, Nagle's
   * algorithm would hold the last one back until the client has acknowledged
   * those before it, which it puts off for 40 ms.
   */
  #leave(any: boolean): void {
    if (this.#leaving && !this.#noDelay) {
      this.#noDelay = true;
      try {
        this.#connection.setNoDelay?.(true);
      } catch {
        // Closed meanwhile, which writing to it will say.
      }
    }
    this.#leaving ||= any;
  }

  #append(bytes: Uint8Array): boolean {
    if (!this.#makeRoom(bytes.length)) return false;
    this.#buffer!.set(bytes, this.#length);
    this.#length += bytes.length;
    this.#schedule();
    return true;
  }

  /** Whether `count` more bytes fit, after what can be done about it. */
  #makeRoom(count: number): boolean {
    // Who comes while others wait for their turn must not overtake them.
    if (this.#turn !== undefined) return false;
    const needed = this.#length + count;
    if (needed > LARGE_BYTES) return false;
    const buffer = this.#buffer;
    if (buffer === undefined) {
      this.#buffer = takeBuffer(needed);
    } else if (needed > buffer.length) {
      const larger = takeBuffer(needed);
      larger.set(buffer.subarray(0, this.#length));
      this.#buffer = larger;
      giveBack(buffer);
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
      // Not bound once for all: each idle connection would hold them.
      this.#connection.write(rest).then(
        (count) => this.#accepted(rest, count),
        (error) => this.#fail(error),
      );
    } catch (error) {
      // Where it is sent, others wait to send, or nobody is left to catch it.
      this.#fail(error as Error);
    }
  }

  #accepted(rest: Uint8Array, count: number): void {
    this.sent += count;
    // Aborted meanwhile.
    if (this.#sending === undefined) return;
    if (count < rest.length) return this.#send(rest.subarray(count));
    this.#release();
    if (this.#length > 0) this.flush();
    else this.#wake();
  }

  /** Waits until what is being sent has been accepted. */
  #sent(): Promise<void> {
    return new Promise((resolve) => (this.#waiting ??= []).push(resolve));
  }

  #fail(error: Error): void {
    this.error ??= error;
    // Not given back: the system may still read from it.
    this.#sending = undefined;
    if (this.#buffer !== undefined) giveBack(this.#buffer);
    this.#buffer = undefined;
    this.#length = 0;
    clearImmediate(this.#immediate);
    this.#immediate = undefined;
    this.#wake();
  }

  #release(): void {
    if (this.#sending !== undefined) giveBack(this.#sending);
    this.#sending = undefined;
  }

  #wake(): void {
    const waiting = this.#waiting;
    if (waiting === undefined) return;
    this.#waiting = undefined;
    for (const resolve of waiting) resolve();
  }

  /** Writes what does not fit, when all that came before has been sent. */
  #writeInTurn(bytes: Uint8Array): Promise<void> {
    this.#leave(true);
    const before = this.#turn;
    const written = this.#writeLarge(bytes, before);
    // The failure is kept in `error`, so that nobody has to await this.
    const turn = written.catch(() => {}).finally(() => {
      if (this.#turn === turn) this.#turn = undefined;
    });
    this.#turn = turn;
    return written;
  }

  async #writeLarge(
    bytes: Uint8Array,
    before: Promise<void> | undefined,
  ): Promise<void> {
    let from = 0;
    if (before !== undefined) await before;
    else if (this.#length > 0) {
      // A head that waits in the buffer takes along what it has room for.
      from = this.#fillUp(bytes);
    }
    while (
      this.error === undefined &&
      (this.#length > 0 || this.#sending !== undefined || this.#direct)
    ) {
      this.flush();
      await this.#sent();
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

/**
 * The bytes of what is to be written.
 *
 * @param chunk Bytes, or text, which becomes UTF-8.
 * @returns The bytes; those of a buffer or view are not copied.
 * @throws {TypeError} If it is neither: a number, or `undefined`, say. Types do
 * not exclude it, for a value that was parsed from JSON is `any`.
 */
export function bytesOf(
  chunk: string | ArrayBufferView | ArrayBufferLike,
): Uint8Array {
  if (typeof chunk === "string") return encoder.encode(chunk);
  if (chunk instanceof Uint8Array) return chunk;
  if (ArrayBuffer.isView(chunk)) {
    return new Uint8Array(chunk.buffer, chunk.byteOffset, chunk.byteLength);
  }
  if (isArrayBuffer(chunk)) return new Uint8Array(chunk);
  throw new TypeError(
    `Cannot write ${typeName(chunk)}: only text and bytes can be written`,
  );
}

function isArrayBuffer(chunk: unknown): chunk is ArrayBufferLike {
  // Not `instanceof`: a buffer may come from another realm.
  const tag = Object.prototype.toString.call(chunk);
  return tag === "[object ArrayBuffer]" || tag === "[object SharedArrayBuffer]";
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return `${value}`;
  if (typeof value !== "object") return `a ${typeof value}`;
  return `an object (${value.constructor?.name ?? "without a class"})`;
}

function tooLate(): Error {
  return new Error("Cannot write: the request has been answered");
}

/** A rejection that nobody is obliged to look at. */
function rejected(error: Error): Promise<void> {
  const promise = Promise.reject<void>(error);
  promise.catch(() => {});
  return promise;
}
