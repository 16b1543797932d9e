// Copyright 2026 the pystd authors. MIT license.

import type {
  FileDescription,
  ReadableFile,
} from "../../../files/file_store.ts";
import type { MaybePromise } from "../../../files/maybe_promise.ts";
import type { SeekableFile } from "../../../files/open_file.ts";
import type { BodyStream } from "../../../io/body_stream.ts";
import { Compressor, type LiveCoding } from "./codings.ts";

/** Bytes of a file that are compressed at a time. */
const PIECE_BYTES = 64 * 1024;

const encoder = new TextEncoder();

/** Bodies that are being compressed. */
let open = 0;

/** A body that is compressed while it is sent. Dispose of it. */
export class CodedBody implements Disposable {
  #body: BodyStream;
  #compressor: Compressor;

  /**
   * Begins a body.
   *
   * @param body The stream that takes the compressed bytes.
   * @param coding The coding.
   */
  constructor(body: BodyStream, coding: LiveCoding) {
    this.#body = body;
    this.#compressor = new Compressor(coding);
    open++;
  }

  /** Number of bodies that are being compressed. */
  static get count(): number {
    return open;
  }

  /**
   * Writes bytes, or text as UTF-8.
   *
   * @param chunk The bytes or text.
   * @returns A promise that resolves as soon as more may be written.
   * @throws {Error} If the client has disconnected.
   */
  async write(chunk: Uint8Array | string): Promise<void> {
    const bytes = typeof chunk === "string" ? encoder.encode(chunk) : chunk;
    await this.#send(await this.#compressor.add(bytes));
  }

  /**
   * Ends the body.
   *
   * @throws {Error} If the client has disconnected.
   */
  async end(): Promise<void> {
    await this.#send(await this.#compressor.end());
    await this.#body.end();
  }

  /** Releases the compressor; a body that was not ended stays incomplete. */
  [Symbol.dispose](): void {
    open--;
    this.#compressor.close();
  }

  async #send(pieces: Uint8Array[]): Promise<void> {
    for (const piece of pieces) await this.#body.write(piece);
  }
}

/** The members of a handler that send a compressed file. */
export interface CodingHandler {
  /** The method. */
  readonly command: string;
  /** Starts a response. */
  sendResponse(code: number): void;
  /** Adds a header field. */
  sendHeader(keyword: string, value: string): void;
  /** Ends the header block of a response of unknown length. */
  endHeadersOfStream(): BodyStream;
}

/**
 * Sends a file that is compressed meanwhile, so that its length is not known.
 *
 * @param handler The handler.
 * @param file The file; it is closed.
 * @param coding The coding.
 * @returns `null`: the body has been sent.
 * @throws {Error} If the client has disconnected, or the file cannot be read.
 */
export function sendCoded(
  handler: CodingHandler,
  file: ReadableFile & FileDescription,
  coding: LiveCoding,
): MaybePromise<null> {
  const { type, lastModified, etag } = file;
  handler.sendResponse(200);
  handler.sendHeader("Content-type", type);
  if (lastModified !== "") handler.sendHeader("Last-Modified", lastModified);
  handler.sendHeader("ETag", etag);
  const stream = handler.endHeadersOfStream();
  if (handler.command === "HEAD") {
    file.file.close();
    return null;
  }
  return sendBody(file.file, new CodedBody(stream, coding));
}

async function sendBody(file: SeekableFile, coded: CodedBody): Promise<null> {
  using body = coded;
  const buffer = new Uint8Array(PIECE_BYTES);
  try {
    for (;;) {
      const count = await file.read(buffer);
      if (count === null) break;
      await body.write(buffer.subarray(0, count));
    }
    await body.end();
  } finally {
    file.close();
  }
  return null;
}
