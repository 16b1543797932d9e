// Copyright 2026 the pystd authors. MIT license.

import { toBytes } from "./to_bytes.ts";
import type { Writer } from "./writer.ts";

/**
 * The body of a response whose length is not known in advance.
 *
 * Each write becomes a chunk (RFC 9112 7.1). Without chunked coding the bytes
 * are sent as they are, and the end of the connection ends the body.
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
   * @param writer The writer; the head has already been written to it.
   * @param chunked Whether the head announced the chunked transfer coding.
   */
  constructor(writer: Writer, chunked: boolean) {
    this.#writer = writer;
    this.#chunked = chunked;
  }

  /**
   * Writes bytes, or text as UTF-8.
   *
   * @param chunk Bytes or text; an empty chunk sends nothing.
   * @returns A promise that resolves as soon as more may be written. Awaiting
   * it is optional: its rejection never counts as unhandled.
   * @throws {TypeError} At once, if `chunk` is neither text nor bytes.
   * @throws {Error} If the client has disconnected.
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
   * Ends the body. To tell the client that the body is incomplete, do not call
   * this, and set `closeConnection`.
   *
   * @throws {Error} If the client has disconnected.
   */
  end(): Promise<void> {
    if (!this.#chunked) return Promise.resolve();
    return this.#writer.write("0\r\n\r\n");
  }
}
