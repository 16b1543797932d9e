// Copyright 2026 the pystd authors. MIT license.

/**
 * `rfile`: the body of the current request.
 *
 * @module
 */

import { ChunkedDecoder } from "../protocol/chunked.ts";
import type { Framing } from "../protocol/framing.ts";
import { RequestError } from "../protocol/request_error.ts";
import { truncationError } from "./client_errors.ts";
import type { Reader } from "./reader.ts";

const LF = 10;
/** Largest chunk of a {@linkcode RequestBody.readable} stream, in bytes. */
const PIECE_BYTES = 32 * 1024;
const EMPTY = new Uint8Array(0);

/**
 * The request's body as an input stream. It ends with the body, as given by
 * `Content-Length` or the chunked coding, which is decoded.
 *
 * @example Read a form
 * ```ts
 * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Form extends BaseHTTPRequestHandler {
 *   async do_POST(): Promise<void> {
 *     const text = new TextDecoder().decode(await this.rfile.read());
 *     const name = new URLSearchParams(text).get("name") ?? "nobody";
 *     this.sendResponse(200);
 *     this.sendHeader("Content-Length", name.length);
 *     this.endHeaders();
 *     await this.wfile.write(name);
 *   }
 * }
 *
 * const request = "POST / HTTP/1.0\r\nContent-Length: 8\r\n\r\nname=Ada";
 * assertEquals((await respond(Form, request)).body, "Ada");
 * ```
 */
export class RequestBody {
  #reader: Reader;
  /** Number of bytes left; `undefined` for a chunked body. */
  #left: number | undefined = 0;
  #decoder: ChunkedDecoder | undefined;
  #limit = 0;
  #received = 0;
  #readable: ReadableStream<Uint8Array<ArrayBuffer>> | undefined;
  /** Whether `drain` discards the rest of the body. */
  #draining = false;

  /**
   * Begins the body of a request.
   *
   * @param reader The connection's reader.
   * @param framing Length of the body, or `"chunked"`.
   * @param limit Largest size of a chunked body, in bytes.
   */
  constructor(reader: Reader, framing: Framing, limit: number) {
    this.#reader = reader;
    this.#limit = limit;
    if (framing === "chunked") this.#decoder = new ChunkedDecoder();
    else this.#left = framing;
  }

  /** Whether the body has been read to its end. */
  get ended(): boolean {
    return this.#decoder === undefined ? this.#left === 0 : this.#decoder.done;
  }

  /** Number of bytes of the body read so far. */
  get received(): number {
    return this.#received;
  }

  /**
   * Reads from the body.
   *
   * @param size Number of bytes to wait for; the whole body by default.
   * @returns That many bytes, fewer only at the end of the body.
   * @throws {RequestError} If the chunked coding is malformed (400) or the
   * body is larger than its limit (413).
   * @throws {Deno.errors.UnexpectedEof} If the connection ends within the body.
   * @throws {TypeError} If the request has been answered. The rest of its body
   * is discarded.
   */
  async read(size: number = Infinity): Promise<Uint8Array<ArrayBuffer>> {
    const most = limitOf(size);
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    while (length < most) {
      const piece = await this.readSome(most - length);
      if (piece === null) break;
      pieces.push(piece);
      length += piece.length;
    }
    return pieces.length === 1 ? pieces[0] : concat(pieces, length);
  }

  /**
   * Reads the bytes that have been received. Waits only if there are none.
   *
   * @param most Largest number of bytes.
   * @returns A copy of the bytes, or `null` at the end of the body.
   * @throws {Error} As {@linkcode RequestBody.read} does.
   */
  readSome(most: number = Infinity): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#readSome(limitOf(most), true);
  }

  async #readSome(
    most: number,
    joins: boolean,
  ): Promise<Uint8Array<ArrayBuffer> | null> {
    if (this.#draining) throw alreadyAnsweredError();
    while (!this.ended && most > 0) {
      if (this.#reader.available === 0) {
        await this.#fill();
        if (this.#draining) throw alreadyAnsweredError();
      }
      const view = this.#take(most, joins);
      // Copied at once, since the next read overwrites the buffer. `slice()` of
      // a Buffer would not copy.
      if (view.length > 0) return new Uint8Array(view);
    }
    return null;
  }

  /**
   * Reads one line.
   *
   * @param limit Largest number of bytes.
   * @returns The line with its LF; without it at the limit and at the end.
   * @throws {Error} As {@linkcode RequestBody.read} does.
   */
  async readline(limit: number = Infinity): Promise<Uint8Array<ArrayBuffer>> {
    const atMost = limitOf(limit);
    const pieces: Uint8Array<ArrayBuffer>[] = [];
    let length = 0;
    while (length < atMost) {
      const most = Math.min(atMost - length, this.#distanceToLf());
      // Chunks must not be joined: the line may end in the first of them.
      const piece = await this.#readSome(most, false);
      if (piece === null) break;
      pieces.push(piece);
      length += piece.length;
      if (piece.at(-1) === LF) break;
    }
    return pieces.length === 1 ? pieces[0] : concat(pieces, length);
  }

  /** The body as a web stream; the same one at each access. */
  get readable(): ReadableStream<Uint8Array<ArrayBuffer>> {
    return this.#readable ??= new ReadableStream({
      type: "bytes",
      pull: async (controller): Promise<void> => {
        const piece = await this.readSome(PIECE_BYTES);
        if (piece !== null) return controller.enqueue(piece);
        controller.close();
        controller.byobRequest?.respond(0);
      },
    });
  }

  /**
   * Discards the rest of the body.
   *
   * @param limit Largest number of bytes to read.
   * @returns Whether the end of the body was reached.
   */
  async drain(limit: number): Promise<boolean> {
    this.#draining = true;
    try {
      while (!this.ended && limit > 0) {
        if (this.#reader.available === 0) await this.#fill();
        limit -= this.#take(limit, true).length;
      }
    } catch {
      // Malformed or truncated: no further request can follow.
    }
    return this.ended;
  }

  async #fill(): Promise<void> {
    if (await this.#reader.fill(true)) return;
    throw truncationError(
      "Cannot read the request body: the connection ended within it",
    );
  }

  /** Consumes received bytes. The view is valid until the next read. */
  #take(most: number, joins: boolean): Uint8Array {
    return this.#decoder === undefined
      ? this.#takeCounted(most)
      : this.#takeChunked(this.#decoder, most, joins);
  }

  /** Returns the number of bytes up to and including the next LF. */
  #distanceToLf(): number {
    const { bytes, start, end } = this.#reader;
    let i = start;
    while (i < end && bytes[i] !== LF) i++;
    return i - start + 1;
  }

  #takeCounted(most: number): Uint8Array {
    const { bytes, start, available } = this.#reader;
    const length = Math.min(this.#left!, available, most);
    const view = bytes.subarray(start, start + length);
    this.#reader.take(length);
    this.#left! -= length;
    this.#received += length;
    return view;
  }

  /** Joins the data of the chunks received: each may be a single byte. */
  #takeChunked(
    decoder: ChunkedDecoder,
    most: number,
    joins: boolean,
  ): Uint8Array {
    const { bytes, start, end } = this.#reader;
    let at = decoder.next(bytes, start, end, most);
    const { dataStart } = decoder;
    let dataEnd = decoder.dataEnd;
    while (joins && at < end && !decoder.done && dataEnd - dataStart < most) {
      at = decoder.next(bytes, at, end, most - (dataEnd - dataStart));
      bytes.copyWithin(dataEnd, decoder.dataStart, decoder.dataEnd);
      dataEnd += decoder.dataEnd - decoder.dataStart;
    }
    this.#reader.take(at - start);
    this.#received += dataEnd - dataStart;
    if (this.#received > this.#limit) {
      throw new RequestError(413, "Content Too Large");
    }
    return bytes.subarray(dataStart, dataEnd);
  }
}

/**
 * Creates the error for reading the body of a request after its response.
 *
 * @returns The error.
 */
export function alreadyAnsweredError(): TypeError {
  return new TypeError(
    "Cannot read the request body: the request has been answered",
  );
}

function concat(
  pieces: Uint8Array[],
  length: number,
): Uint8Array<ArrayBuffer> {
  if (length === 0) return EMPTY;
  const all = new Uint8Array(length);
  let at = 0;
  for (const piece of pieces) {
    all.set(piece, at);
    at += piece.length;
  }
  return all;
}

/** A limit in bytes; as in Python, a negative one is none. */
function limitOf(size: number): number {
  if (typeof size !== "number" || Number.isNaN(size)) {
    throw new TypeError(
      `Cannot read ${size} bytes: not a number (is there a Content-Length?)`,
    );
  }
  return size < 0 ? Infinity : size;
}
