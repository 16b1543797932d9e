// Copyright 2026 the pystd authors. MIT license.

import { toBytes } from "./to_bytes.ts";
import type { Writer } from "./writer.ts";

/**
 * The body of a response whose length is not known when it begins.
 *
 * Each write is a chunk (RFC 9112 7.1), or goes out as it is where the end of
 * the connection ends the body.
 *
 * @example A response in pieces
 * ```ts
 * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Pieces extends BaseHTTPRequestHandler {
 *   static override protocolVersion = "HTTP/1.1";
 *   async do_GET(): Promise<void> {
 *     this.sendResponse(200);
 *     const body = this.endHeadersOfStream();
 *     await body.write("one, ");
 *     await body.write("two");
 *     await body.end();
 *   }
 * }
 *
 * const request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
 * const { body } = await respond(Pieces, request);
 * assertEquals(body, "5\r\none, \r\n3\r\ntwo\r\n0\r\n\r\n");
 * ```
 */
export class BodyStream {
  #writer: Writer;
  #chunked: boolean;

  /**
   * Begins a body.
   *
   * @param writer Where it goes; the head has been written to it.
   * @param chunked Whether the chunked transfer coding was announced.
   */
  constructor(writer: Writer, chunked: boolean) {
    this.#writer = writer;
    this.#chunked = chunked;
  }

  /**
   * Writes bytes, or text as UTF-8.
   *
   * @param chunk What to write; nothing is sent if it is empty.
   * @returns A promise that resolves as soon as more may be written. It need
   * not be awaited: its rejection is never an unhandled one.
   * @throws {TypeError} At once, if this is neither text nor bytes.
   * @throws {Error} If the client is gone.
   */
  write(chunk: string | ArrayBufferView | ArrayBufferLike): Promise<void> {
    const bytes = toBytes(chunk);
    // An empty chunk would end the body.
    if (bytes.length === 0) return Promise.resolve();
    if (!this.#chunked) return this.#writer.write(bytes);
    this.#writer.write(`${bytes.length.toString(16)}\r\n`);
    this.#writer.write(bytes);
    return this.#writer.write("\r\n");
  }

  /**
   * Ends the body. A body that is not ended is one that was cut off: then
   * `closeConnection` is to be set instead.
   *
   * @throws {Error} If the client is gone.
   */
  end(): Promise<void> {
    if (!this.#chunked) return Promise.resolve();
    return this.#writer.write("0\r\n\r\n");
  }
}
