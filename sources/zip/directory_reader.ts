// Copyright 2026 the pystd authors. MIT license.

import type { Buffer } from "node:buffer";
import { read } from "node:fs";
import { RandomAccessReader } from "yauzl";

/** Bytes that are read at once. */
const WINDOW_BYTES = 1024 * 1024;

type Callback = (error: Error | null, count?: number) => void;

/**
 * Reads the directory of a zip file in large pieces. `yauzl` alone reads each
 * entry with two system calls: minutes for a million entries.
 */
export class DirectoryReader extends RandomAccessReader {
  #descriptor: number;
  #window = new Uint8Array(WINDOW_BYTES);
  #start = 0;
  #length = 0;

  /**
   * Stores its argument.
   *
   * @param descriptor The open file, which stays open.
   */
  constructor(descriptor: number) {
    super();
    this.#descriptor = descriptor;
  }

  /**
   * Reads bytes, one call after the other.
   *
   * @param buffer Receives the bytes.
   * @param offset Where they begin in the buffer.
   * @param length Their number.
   * @param position Where they begin in the file.
   * @param callback Called with the number of bytes that were read.
   */
  read(
    buffer: Buffer,
    offset: number,
    length: number,
    position: number,
    callback: Callback,
  ): void {
    if (!Number.isSafeInteger(position + length)) {
      // Nothing is there, and `read` would throw where nobody can catch it.
      callback(null, 0);
    } else if (length > WINDOW_BYTES) {
      read(this.#descriptor, buffer, offset, length, position, callback);
    } else if (
      position >= this.#start &&
      position + length <= this.#start + this.#length
    ) {
      const at = position - this.#start;
      buffer.set(this.#window.subarray(at, at + length), offset);
      callback(null, length);
    } else {
      read(
        this.#descriptor,
        this.#window,
        0,
        WINDOW_BYTES,
        position,
        (error, count) => {
          if (error !== null) return callback(error);
          this.#start = position;
          this.#length = count;
          const taken = this.#window.subarray(0, Math.min(count, length));
          buffer.set(taken, offset);
          callback(null, taken.length);
        },
      );
    }
  }
}
