// Copyright 2026 the pystd authors. MIT license.

import { Buffer } from "node:buffer";

/** What small buffers are cut from. */
const SLAB_BYTES = 16 * 1024;
/** How many are kept for the next one who needs one. */
const POOLED = 64;

/**
 * Small buffers of one size. They are parts of larger ones, since memory of its
 * own costs each of them another 400 bytes, and are used again: they have what
 * somebody else has left in them.
 */
export class BufferPool {
  #size: number;
  #slab = new ArrayBuffer(0);
  #used = 0;
  #free: Buffer[] = [];

  /**
   * Cuts nothing yet.
   *
   * @param size The size of the buffers in bytes.
   */
  constructor(size: number) {
    this.#size = size;
  }

  /**
   * Takes a buffer, for as long as the taker wants it.
   *
   * @returns The buffer, with any content.
   */
  take(): Buffer {
    return this.#free.pop() ?? this.#cut();
  }

  /**
   * Gives a buffer back that nobody reads or writes any more.
   *
   * @param buffer The buffer; of another size, it is left to the collector.
   */
  giveBack(buffer: Buffer): void {
    if (buffer.length !== this.#size || this.#free.length >= POOLED) return;
    this.#free.push(buffer);
  }

  #cut(): Buffer {
    if (this.#used + this.#size > this.#slab.byteLength) {
      this.#slab = new ArrayBuffer(SLAB_BYTES);
      this.#used = 0;
    }
    const buffer = Buffer.from(this.#slab, this.#used, this.#size);
    this.#used += this.#size;
    return buffer;
  }
}
