// Copyright 2026 the pystd authors. MIT license.

/**
 * For how long what was seen on disk is believed.
 *
 * A file that was looked at counts as unchanged, and a path that led nowhere
 * as one that leads nowhere, for {@linkcode FRESH_MS}. What a request that is not
 * GET or HEAD has changed is seen at once: who uploads a file and then asks for
 * it gets it. Another worker does not know of that request.
 *
 * @module
 */

/** For how long a look counts, in ms. */
export const FRESH_MS = 10;

let changes = 0;

/** Says that something on disk may have been changed by this process. */
export function noteChange(): void {
  changes++;
}

/** Decides whether a look of some time ago still counts. */
export class Freshness {
  #changes = changes;
  /** Looks up to here do not count, whatever their age; in epoch ms. */
  #staleTo = 0;

  /**
   * Whether a look still counts.
   *
   * @param looked When it was, in epoch ms.
   * @param now The time in epoch ms.
   * @returns Whether it does.
   */
  holds(looked: number, now: number): boolean {
    if (this.#changes !== changes) {
      this.#changes = changes;
      this.#staleTo = now;
    }
    // Not negative: the clock may have been set back.
    const age = now - looked;
    return age >= 0 && age < FRESH_MS && looked > this.#staleTo;
  }
}
