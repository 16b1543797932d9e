// Copyright 2026 the pystd authors. MIT license.

/**
 * Long work in slices, between which other requests are served.
 *
 * A job that works on many entries looks at `over` now and then, and awaits
 * `pause()` if it is true. A short piece of work goes through `queueShortWork()`. All of
 * them stand in one line, so that ten jobs hold others up no longer than one.
 *
 * @module
 */

/** How long the work goes on, in ms. */
const SLICE_MS = 2;
/** How many entries are sorted at once: a millisecond's work. */
const RUN = 1024;
/** How many entries are merged between two looks at the clock. */
const STEP = 256;

/** Resolves when the last in the line has begun, or is done. */
let line: Promise<unknown> = Promise.resolve();
/** When the slice that was begun last ends, in epoch ms. */
let end = 0;
/** Resolves when others have been served since that slice began. */
let served: Promise<void> | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
/** How many jobs there are. */
let jobs = 0;

/**
 * Begins a slice when others have been served. A timer tells, since Deno looks
 * for what has come from the network only when it waits, or at every 61st turn
 * of its loop. The timer starts with the slice before, so that nobody waits for
 * it: it has run out by then.
 */
async function begin(): Promise<void> {
  await (served ?? nextTurn());
  end = Date.now() + SLICE_MS;
  served = nextTurn();
}

function nextTurn(): Promise<void> {
  return new Promise((resolve) => {
    timer = setTimeout(resolve, 0);
  });
}

function jobEnds(): void {
  if (--jobs > 0) return;
  clearTimeout(timer);
  served = undefined;
}

/**
 * Does a short piece of work when all before it in the line have had their
 * turn.
 *
 * @param work The work, of a millisecond at most.
 * @returns What it returns.
 */
export function queueShortWork<T>(work: () => T | Promise<T>): Promise<T> {
  jobs++;
  const done = line.then(async () => {
    if (Date.now() >= end) await begin();
    return await work();
  }).finally(jobEnds);
  line = done.catch(() => {});
  return done;
}

/** Work that is done in slices. Dispose of it. */
export class TimeSlices implements Disposable {
  #end: number = Date.now() + SLICE_MS;

  /** Begins the first slice. */
  constructor() {
    jobs++;
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
    await (line = line.then(begin));
    this.#end = end;
  }

  /** Ends the work. */
  [Symbol.dispose](): void {
    jobEnds();
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
  using slices = new TimeSlices();
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
