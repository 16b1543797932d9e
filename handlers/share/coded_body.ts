// Copyright 2026 the pystd authors. MIT license.

import type { OpenFile } from "../../files/open_file.ts";
import type { BodyStream } from "../../io/body_stream.ts";
import { compressor, type LiveCoding } from "./coding.ts";

/** How much of a file is compressed at a time. */
const PIECE_BYTES = 64 * 1024;

const encoder = new TextEncoder();

/** A body that is compressed while it is written. */
export class CodedBody {
  #writer: WritableStreamDefaultWriter<Uint8Array<ArrayBuffer>>;
  #sent: Promise<void>;

  /**
   * Begins a body.
   *
   * @param body Where the compressed bytes go.
   * @param coding How to compress them.
   */
  constructor(body: BodyStream, coding: LiveCoding) {
    const { readable, writable } = compressor(coding);
    this.#writer = writable.getWriter();
    this.#sent = sendAll(readable, body);
    // Who writes hears of it.
    this.#sent.catch(() => {});
    this.#writer.closed.catch(() => {});
  }

  /**
   * Writes bytes, or text as UTF-8.
   *
   * @param chunk What to write.
   * @returns A promise that resolves as soon as more may be written.
   * @throws {Error} If the client is gone.
   */
  async write(chunk: Uint8Array<ArrayBuffer> | string): Promise<void> {
    try {
      await this.#writer.write(
        typeof chunk === "string" ? encoder.encode(chunk) : chunk,
      );
    } catch (error) {
      // What went wrong where the bytes go says more.
      await this.#sent;
      throw error;
    }
  }

  /** Gives the body up: what has been sent of it is not the whole. */
  async abort(): Promise<void> {
    await this.#writer.abort().catch(() => {});
  }

  /**
   * Ends the body.
   *
   * @throws {Error} If the client is gone.
   */
  async end(): Promise<void> {
    await this.#writer.close();
    await this.#sent;
  }
}

async function sendAll(
  stream: ReadableStream<Uint8Array>,
  body: BodyStream,
): Promise<void> {
  for await (const chunk of stream) await body.write(chunk);
  await body.end();
}

/**
 * Sends a file as a body that is compressed.
 *
 * @param file The file; it is closed.
 * @param body Where to; it is ended, or given up.
 * @throws {Error} If the client is gone, or the file cannot be read.
 */
export async function copyCoded(
  file: OpenFile,
  body: CodedBody,
): Promise<void> {
  try {
    for (;;) {
      // A new buffer each time: the compressor may still look at the last.
      const buffer = new Uint8Array(PIECE_BYTES);
      const count = await file.read(buffer);
      if (count === null) break;
      await body.write(buffer.subarray(0, count));
    }
    await body.end();
  } catch (error) {
    await body.abort();
    throw error;
  } finally {
    file.close();
  }
}
