// Copyright 2026 the pystd authors. MIT license.

/**
 * Bounds the memory of uploads to a store that takes them in large parts. Each part
 * reserves its memory before its first byte is received, and gives it back when it
 * has been sent.
 *
 *     wait for memory -> receive a part -> send it -> give the memory back
 *
 * While an upload waits, nothing is read from its client. New uploads wait for a
 * limited time, behind those that have begun. So that nobody keeps others waiting
 * for long, an upload that is slow is ended if others wait.
 *
 * @module
 */

import { SourceError } from "./source.ts";

/** A part may be slow for this time, in ms: a client may pause for a moment. */
const PATIENCE_MS = 10_000;

/** Limits of the uploads to a source. */
export interface UploadLimits {
  /** Most bytes of memory for parts. */
  readonly maxUploadMemory: number;
  /** Longest wait of a new upload for memory, in ms. */
  readonly maxUploadWait: number;
  /** Lowest rate of an upload while others wait, in bytes per second. */
  readonly minUploadRate: number;
}

/** Memory for a part of an upload; disposing of it gives it back. */
export interface ReservedPart extends Disposable {
  /**
   * Reports bytes that were received.
   *
   * @param bytes Their number.
   * @throws {SourceError} 503 if the upload is slow, and others wait.
   */
  received(bytes: number): void;
}

/** A part that waits for memory. */
interface Waiting {
  /** The memory that it needs, in bytes. */
  readonly bytes: number;
  /** Most bytes of all parts. */
  readonly most: number;
  /** Whether its upload has sent parts before. */
  readonly hasBegun: boolean;
  start(): void;
}

/** The memory that all uploads to a kind of source share. */
export class UploadMemory {
  #used = 0;
  #waiting: Waiting[] = [];

  /**
   * Reserves memory for a part.
   *
   * @param bytes Size of the part.
   * @param hasBegun Whether the upload has sent parts before.
   * @param limits See {@linkcode UploadLimits}.
   * @returns The memory, once it is free.
   * @throws {SourceError} 503 if a new upload has waited for too long.
   */
  async reserve(
    bytes: number,
    hasBegun: boolean,
    limits: UploadLimits,
  ): Promise<ReservedPart> {
    // A part that is larger than the whole memory is sent alone.
    const most = limits.maxUploadMemory;
    const wanted = Math.min(bytes, most);
    if (this.#waiting.length > 0 || this.#used + wanted > most) {
      await this.#wait(wanted, hasBegun, limits);
    } else this.#used += wanted;
    return this.#part(wanted, limits);
  }

  #part(bytes: number, { minUploadRate }: UploadLimits): ReservedPart {
    const began = performance.now();
    let received = 0;
    let isHeld = true;
    return {
      received: (count) => {
        received += count;
        const time = performance.now() - began;
        const isSlow = time > PATIENCE_MS &&
          received < minUploadRate * time / 1000;
        if (isSlow && this.#waiting.length > 0) {
          throw busy("this one is slow, and others wait");
        }
      },
      [Symbol.dispose]: () => {
        if (!isHeld) return;
        isHeld = false;
        this.#used -= bytes;
        this.#admit();
      },
    };
  }

  #wait(
    bytes: number,
    hasBegun: boolean,
    { maxUploadMemory: most, maxUploadWait }: UploadLimits,
  ): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    let timer: ReturnType<typeof setTimeout> | undefined;
    const start = (): void => {
      clearTimeout(timer);
      resolve();
    };
    const waiting = { bytes, most, hasBegun, start };
    if (hasBegun) {
      const at = this.#waiting.findIndex(({ hasBegun }) => !hasBegun);
      this.#waiting.splice(at === -1 ? this.#waiting.length : at, 0, waiting);
    } else {
      this.#waiting.push(waiting);
      timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
        reject(busy("try again later"));
        // The next ones may need less.
        this.#admit();
      }, maxUploadWait);
    }
    return promise;
  }

  /** Lets those in whose turn it is. */
  #admit(): void {
    for (;;) {
      const next = this.#waiting[0];
      if (next === undefined || this.#used + next.bytes > next.most) return;
      this.#waiting.shift();
      this.#used += next.bytes;
      next.start();
    }
  }
}

function busy(what: string): SourceError {
  return new SourceError(503, `Too many uploads at once: ${what}`);
}
