// Copyright 2026 the pystd authors. MIT license.

import type { OpenFile } from "../../../files/open_file.ts";
import type { BodyStream } from "../../../io/body_stream.ts";
import { Compressor, type LiveCoding } from "./codings.ts";

/** How much of a file is compressed at a time. */
const PIECE_BYTES = 64 * 1024;

const encoder = new TextEncoder();

/** How many bodies are being compressed on their way. */
let open = 0;

/** A body that is compressed while it is written. Dispose of it. */
export class CodedBody implements Disposable {
  #body: BodyStream;
  #compressor: Compressor;

  /**
   * Begins a body.
   *
   * @param body Where the compressed bytes go.
   * @param coding How to compress them.
   */
  constructor(body: BodyStream, coding: LiveCoding) {
    this.#body = body;
    this.#compressor = new Compressor(coding);
    open++;
  }

  /** How many bodies are being compressed now. */
  static get count(): number {
    return open;
  }

  /**
   * Writes bytes, or text as UTF-8.
   *
   * @param chunk What to write.
   * @returns A promise that resolves as soon as more may be written.
   * @throws {Error} If the client is gone.
   */
  async write(chunk: Uint8Array | string): Promise<void> {
    const bytes = typeof chunk === "string" ? encoder.encode(chunk) : chunk;
    await this.#send(await this.#compressor.add(bytes));
  }

  /**
   * Ends the body.
   *
   * @throws {Error} If the client is gone.
   */
  async end(): Promise<void> {
    await this.#send(await this.#compressor.end());
    await this.#body.end();
  }

  /** Gives back what it holds; a body that was not ended is not the whole. */
  [Symbol.dispose](): void {
    open--;
    this.#compressor.close();
  }

  async #send(pieces: Uint8Array[]): Promise<void> {
    for (const piece of pieces) await this.#body.write(piece);
  }
}

/**
 * Sends a file as a body that is compressed.
 *
 * @param file The file; it is closed.
 * @param body Where to; it is ended.
 * @throws {Error} If the client is gone, or the file cannot be read.
 */
export async function copyCoded(
  file: OpenFile,
  body: CodedBody,
): Promise<void> {
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
}
