// Copyright 2026 the pystd authors. MIT license.

import { Buffer } from "node:buffer";

/** Options of {@linkcode BufferPool}. */
export interface BufferPoolOptions {
  /**
   * Most unused buffers to keep; the garbage collector gets the others.
   *
   * @default {64}
   */
  maxFree?: number;
  /**
   * Most buffers that exist at once. With this option each buffer has to be
   * given back.
   *
   * @default {Infinity}
   */
  maxTotal?: number;
}

/**
 * Keeps unused buffers of one size for reuse. With garbage collection alone,
 * many times as many buffers would exist at once.
 *
 * A buffer still holds what its last user left in it.
 */
export class BufferPool<Pooled extends Uint8Array = Uint8Array<ArrayBuffer>> {
  #size: number;
  #allocate: (size: number) => Pooled;
  #maxFree: number;
  #maxTotal: number;
  #total = 0;
  #free: Pooled[] = [];

  /**
   * Creates an empty pool.
   *
   * @param size Size of each buffer, in bytes.
   * @param allocate Allocates a buffer of that size.
   * @param options See {@linkcode BufferPoolOptions}.
   */
  constructor(
    size: number,
    allocate: (size: number) => Pooled,
    { maxFree = 64, maxTotal = Infinity }: BufferPoolOptions = {},
  ) {
    this.#size = size;
    this.#allocate = allocate;
    this.#maxFree = maxFree;
    this.#maxTotal = maxTotal;
  }

  /** Whether as many buffers as allowed are in use. */
  get exhausted(): boolean {
    return this.#total >= this.#maxTotal && this.#free.length === 0;
  }

  /**
   * Takes a buffer out of the pool, or allocates one.
   *
   * @returns The buffer, with any content.
   */
  take(): Pooled {
    const free = this.#free.pop();
    if (free !== undefined) return free;
    this.#total++;
    return this.#allocate(this.#size);
  }

  /**
   * Puts a buffer back; the caller must not use it any more. Buffers of another
   * size are ignored.
   *
   * @param buffer The buffer.
   */
  giveBack(buffer: Pooled): void {
    if (buffer.length !== this.#size) return;
    if (this.#free.length < this.#maxFree) this.#free.push(buffer);
    else this.#total--;
  }
}

/**
 * Allocates a buffer with memory of its own.
 *
 * @param size Its size in bytes.
 * @returns The buffer.
 */
export function allocate(size: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(size);
}

/** Size of the memory that {@linkcode slabAllocator} cuts into buffers. */
const SLAB_BYTES = 16 * 1024;

/**
 * Makes an allocator that cuts small buffers out of larger pieces of memory.
 * Memory of its own would cost each buffer another 400 bytes.
 *
 * @returns The allocator.
 */
export function slabAllocator(): (size: number) => Buffer {
  let slab = new ArrayBuffer(0);
  let used = 0;
  return (size) => {
    if (used + size > slab.byteLength) {
      slab = new ArrayBuffer(SLAB_BYTES);
      used = 0;
    }
    const buffer = Buffer.from(slab, used, size);
    used += size;
    return buffer;
  };
}
