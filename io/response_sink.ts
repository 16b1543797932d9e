// Copyright 2026 the pystd authors. MIT license.

/**
 * Makes a `Response` of fetch from the bytes that a handler writes.
 *
 *     handler -> write() -> head -> Response
 *                       '-> body -> a stream, one chunk per read
 *
 * The stream buffers nothing: a write is accepted when the stream is read, so
 * that a slow client slows down the handler as it would over a socket. A body
 * that was written completely together with the head is not streamed.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { ChunkedDecoder } from "../protocol/chunked.ts";
import { HOP_BY_HOP } from "../protocol/hop_by_hop.ts";
import {
  parseResponseHead,
  type ResponseFraming,
  responseFraming,
  type ResponseHead,
} from "../protocol/response_head.ts";
import { disconnectError } from "./client_errors.ts";
import { errorMessage } from "./log.ts";

/** Largest chunk of the stream, in bytes. */
const PIECE_BYTES = 64 * 1024;
const TRUNCATED = "Cannot continue: the response is incomplete";

/** The stream that gives a response its length on workerd. */
const { FixedLengthStream } = globalThis as unknown as {
  FixedLengthStream?: new (
    length: number,
  ) => TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>>;
};

type Controller = ReadableStreamDefaultController<Uint8Array<ArrayBuffer>>;

/** Receives what a handler writes, and makes a response of it. */
export class ResponseSink {
  /** The response; rejects if the bytes written are no valid response. */
  readonly response: Promise<Response>;
  /** Resolves when the response is complete, or no longer wanted. */
  readonly finished: Promise<void>;
  #method: string;
  #answer = Promise.withResolvers<Response>();
  #finish = Promise.withResolvers<void>();
  #answered = false;
  #head: Buffer = Buffer.alloc(0);
  #framing: ResponseFraming = "close";
  /** Number of bytes left of a body with a length. */
  #left = 0;
  #decoder: ChunkedDecoder | undefined;
  #controller: Controller | undefined;
  #pulled = Promise.withResolvers<void>();
  /** Whether a chunk waits for the reader of the stream. */
  #waits = false;
  #done = false;
  #error: Error | undefined;
  #refusal: TypeError | undefined;

  /**
   * Creates an empty sink.
   *
   * @param method The method of the request.
   */
  constructor(method: string) {
    this.#method = method;
    this.response = this.#answer.promise;
    this.finished = this.#finish.promise;
    // The response may not be awaited any more.
    this.response.catch(() => {});
  }

  /** Whether the response is complete, or no longer wanted. */
  get done(): boolean {
    return this.#done;
  }

  /** Why fetch cannot represent the response, if so. */
  get refusal(): TypeError | undefined {
    return this.#refusal;
  }

  /**
   * Accepts bytes. The bytes of a body wait until the response is read.
   *
   * @param data The bytes.
   * @returns The number of bytes accepted.
   * @throws {Error} If the response is no longer wanted, or fetch cannot
   * represent it.
   */
  async write(data: Uint8Array): Promise<number> {
    if (this.#error !== undefined) throw this.#error;
    // Ignore bytes behind the end of the response.
    if (this.#done) return data.length;
    if (this.#answered) return await this.#writeBody(data);
    const before = this.#head.length;
    const all = Buffer.concat([this.#head, data]);
    if (!startsLikeStatusLine(all)) {
      throw this.#refuse(
        "it has no status line, as in HTTP/0.9 or with bytes written past sendResponse",
      );
    }
    const end = all.indexOf("\r\n\r\n", Math.max(0, before - 3));
    if (end === -1) {
      this.#head = all;
      return data.length;
    }
    this.#head = Buffer.alloc(0);
    const head = parseResponseHead(all.toString("latin1", 0, end));
    if (head === undefined) throw this.#refuse("its head is malformed");
    const used = end + 4 - before;
    const rest = data.subarray(used);
    if (head.status < 200) {
      if (head.status === 101) {
        throw this.#refuse("it switches protocols (101) on the connection");
      }
      return used;
    }
    return used + this.#begin(head, rest);
  }

  /**
   * Ends the response.
   *
   * @param error Why it is incomplete, if so.
   */
  end(error?: unknown): void {
    if (this.#done) return;
    if (!this.#answered) {
      this.#answer.reject(
        error ?? new TypeError("Cannot answer: the handler sent no response"),
      );
      return this.#settle();
    }
    const whole = this.#framing === "close" && !this.#waits;
    const controller = this.#controller;
    if (whole && error === undefined) controller?.close();
    else {
      // If the client leaves, Node's adapter aborts the signal, and cancels the
      // stream in the same turn. It would print an error of the stream.
      queueMicrotask(() =>
        controller?.error(error ?? new TypeError(TRUNCATED))
      );
    }
    this.#settle();
  }

  /**
   * Discards the response.
   *
   * @param error Thrown by further writes.
   * @param reason Thrown to the reader of the response.
   */
  abort(error: Error, reason: unknown = error): void {
    if (this.#done) return;
    this.#error = error;
    this.end(reason);
  }

  /** Creates the response; returns the number of body bytes in it. */
  #begin(head: ResponseHead, rest: Uint8Array): number {
    // Fetch allows no body with a 205; RFC 9110 15.3.6 allows an empty one.
    this.#framing = head.status === 205
      ? 0
      : responseFraming(head, this.#method);
    if (typeof this.#framing === "number") this.#left = this.#framing;
    else if (this.#framing === "chunked") this.#decoder = new ChunkedDecoder();
    const whole = typeof this.#framing === "number" &&
      rest.length >= this.#left;
    const body = !whole
      ? this.#stream()
      : this.#left === 0
      ? null
      : new Uint8Array(rest.subarray(0, this.#left));
    const init: ResponseInit & { encodeBody: "manual" } = {
      status: head.status,
      statusText: head.reason,
      headers: endToEnd(head),
      // By default, workerd compresses the body for a Content-Encoding.
      encodeBody: "manual",
    };
    let response: Response;
    try {
      response = new Response(body, init);
    } catch (error) {
      throw this.#refuse(`fetch refuses it: ${errorMessage(error)}`);
    }
    this.#answered = true;
    this.#answer.resolve(response);
    if (!whole) return 0;
    this.#settle();
    return rest.length;
  }

  #stream(): ReadableStream<Uint8Array<ArrayBuffer>> {
    const stream = new ReadableStream<Uint8Array<ArrayBuffer>>({
      start: (controller): void => {
        this.#controller = controller;
      },
      pull: (): void => this.#pulled.resolve(),
      cancel: (): void => this.abort(disconnectError()),
    }, { highWaterMark: 0 });
    if (FixedLengthStream === undefined || typeof this.#framing !== "number") {
      return stream;
    }
    return stream.pipeThrough(new FixedLengthStream(this.#left));
  }

  async #writeBody(data: Uint8Array): Promise<number> {
    if (this.#decoder !== undefined) return await this.#writeChunked(data);
    const counted = this.#framing === "close"
      ? data
      : data.subarray(0, this.#left);
    const taken = await this.#hand(counted);
    if (this.#framing === "close") return taken;
    this.#left -= taken;
    if (this.#left > 0) return taken;
    this.#complete();
    return data.length;
  }

  async #writeChunked(data: Uint8Array): Promise<number> {
    const decoder = this.#decoder!;
    const used = decoder.next(data, 0, data.length, PIECE_BYTES);
    const { dataStart, dataEnd } = decoder;
    if (dataEnd > dataStart) {
      await this.#hand(data.subarray(dataStart, dataEnd));
    }
    if (decoder.done) this.#complete();
    return used;
  }

  /** Waits until the stream is read, and passes some bytes to it. */
  async #hand(bytes: Uint8Array): Promise<number> {
    this.#waits = true;
    await this.#pulled.promise;
    if (this.#done) throw this.#error ?? disconnectError();
    this.#waits = false;
    this.#pulled = Promise.withResolvers();
    // Copied, since the writer reuses its buffer.
    const piece = new Uint8Array(bytes.subarray(0, PIECE_BYTES));
    this.#controller!.enqueue(piece);
    return piece.length;
  }

  #complete(): void {
    this.#controller?.close();
    this.#settle();
  }

  #refuse(reason: string): TypeError {
    const error = new TypeError(`Cannot give the response to fetch: ${reason}`);
    this.#refusal = error;
    this.abort(error);
    return error;
  }

  #settle(): void {
    this.#done = true;
    this.#finish.resolve();
    this.#pulled.resolve();
  }
}

function startsLikeStatusLine(bytes: Buffer): boolean {
  const start = bytes.toString("latin1", 0, 5);
  return "HTTP/".startsWith(start);
}

function endToEnd(head: ResponseHead): Headers {
  const headers = new Headers();
  const chunked = head.fields.some(([name]) =>
    name.toLowerCase() === "transfer-encoding"
  );
  for (const [name, value] of head.fields) {
    const lower = name.toLowerCase();
    if (HOP_BY_HOP.has(lower)) continue;
    // RFC 9112 6.3: the chunked coding overrides a length.
    if (chunked && lower === "content-length") continue;
    headers.append(name, value);
  }
  return headers;
}
