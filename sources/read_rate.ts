// Copyright 2026 the pystd authors. MIT license.

/** How slow a store may send a file. */
export interface ReadLimits {
  /** Lowest rate, in bytes per second of waiting for the store. */
  readonly minReadRate: number;
  /** Longest wait for the store, in ms in all, at a lower rate. */
  readonly maxReadStall: number;
}

/**
 * The rate at which a store sends a file. Only the time spent waiting for the store
 * counts, so that a slow client does not make its store slow.
 */
export class ReadRate {
  #limits: ReadLimits;
  #bytes = 0;
  #waited = 0;

  /**
   * Stores its argument.
   *
   * @param limits See {@linkcode ReadLimits}.
   */
  constructor(limits: ReadLimits) {
    this.#limits = limits;
  }

  /**
   * Counts bytes that the store sent.
   *
   * @param bytes Their number.
   * @param waited How long they were waited for, in ms.
   * @returns Whether the store is too slow.
   */
  isTooSlow(bytes: number, waited: number): boolean {
    const { minReadRate, maxReadStall } = this.#limits;
    this.#bytes += bytes;
    this.#waited += waited;
    if (this.#waited < maxReadStall) return false;
    const least = minReadRate * this.#waited / 1000;
    if (this.#bytes < least) return true;
    this.#bytes = 0;
    this.#waited = 0;
    return false;
  }
}
