// Copyright 2026 the pystd authors. MIT license.

/**
 * Long work in slices, between which other requests are served.
 *
 * Whoever works on many entries looks at `over` now and then, and awaits
 * `pause()` if it is true.
 *
 * @module
 */

/** For how long one goes on, in ms. */
const SLICE_MS = 2;
/** How many entries are sorted at once: a millisecond's work. */
const RUN = 1024;
/** How many entries are merged between two looks at the clock. */
const STEP = 256;

/**
 * Work that is done in slices.
 *
 * A pause ends with a timer, since Deno looks for what has come from the
 * network only when it waits, or at every 61st turn of its loop: others would
 * be served after 61 slices if it ended with `setImmediate()`. The timer starts
 * with the slice, not with the pause, so that nobody waits for it: it has run
 * out by then.
 */
export class Slices implements Disposable {
  #end = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #turn: Promise<void> | undefined;

  /** Begins the first slice. */
  constructor() {
    this.#begin();
  }

  /** Whether others are to have their turn. */
  get over(): boolean {
    return Date.now() >= this.#end;
  }

  /**
   * Lets others have their turn, and begins the next slice.
   *
   * @returns A promise that resolves after that.
   */
  async pause(): Promise<void> {
    await this.#turn;
    this.#begin();
  }

  /** Ends the work. */
  [Symbol.dispose](): void {
    clearTimeout(this.#timer);
  }

  #begin(): void {
    this.#end = Date.now() + SLICE_MS;
    this.#turn = new Promise((resolve) => {
      this.#timer = setTimeout(resolve, 0);
    });
  }
}

/**
 * Sorts many entries: short runs first, which are then merged.
 *
 * @param entries The entries; their array is used up.
 * @param compare Their order.
 * @returns The entries in that order; equal ones stay as they were.
 */
export async function sortInSlices<T>(
  entries: T[],
  compare: (a: T, b: T) => number,
): Promise<T[]> {
  const count = entries.length;
  using slices = new Slices();
  for (let start = 0; start < count; start += RUN) {
    const run = entries.slice(start, start + RUN).sort(compare);
    for (let i = 0; i < run.length; i++) entries[start + i] = run[i];
    if (slices.over) await slices.pause();
  }
  let from = entries;
  let to = count > RUN ? entries.slice() : entries;
  for (let width = RUN; width < count; width *= 2) {
    for (let start = 0; start < count; start += 2 * width) {
      const middle = Math.min(start + width, count);
      const end = Math.min(middle + width, count);
      let a = start;
      let b = middle;
      for (let at = start; at < end; at++) {
        const takesA = b === end ||
          (a < middle && compare(from[a], from[b]) <= 0);
        to[at] = takesA ? from[a++] : from[b++];
        if (at % STEP === 0 && slices.over) await slices.pause();
      }
    }
    [from, to] = [to, from];
  }
  return from;
}
