// Copyright 2026 the pystd authors. MIT license.

/**
 * Divides long work into time slices, between which other requests are served.
 *
 * A job that processes many entries checks `over` regularly, and awaits `pause()`
 * if it is true. Short work goes through `queueShortWork()`. There is one queue
 * for all of them, so that ten jobs delay requests no longer than one.
 *
 * @module
 */

import { ISOLATES_REQUESTS } from "./isolated_requests.ts";

const SLICE_MS = 2;
/** Number of entries to sort at once: a millisecond of work. */
const RUN = 1024;
/** Number of entries to merge between two checks of the clock. */
const STEP = 256;

/** Settles when the last work in the queue has begun or is done. */
let queue: Promise<unknown> = Promise.resolve();
/** End of the current slice, in epoch ms. */
let end = 0;
/** Resolves when other requests have been served since it began. */
let served: Promise<void> | undefined;
let timer: ReturnType<typeof setTimeout> | undefined;
let jobs = 0;

/**
 * Begins a slice after other requests have been served. This needs a timer, since
 * Deno polls the network only when it waits, or in every 61st turn of its loop.
 * The timer starts with the previous slice, so that it has usually expired.
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
 * Runs short work after everything before it in the queue.
 *
 * @param work The work, of at most a millisecond.
 * @returns Its result.
 */
export function queueShortWork<T>(work: () => T | Promise<T>): Promise<T> {
  if (ISOLATES_REQUESTS) return Promise.resolve().then(work);
  jobs++;
  const done = queue.then(async () => {
    if (Date.now() >= end) await begin();
    return await work();
  }).finally(jobEnds);
  queue = done.catch(() => {});
  return done;
}

/** A job that runs in slices. Dispose of it at the end. */
export class TimeSlices implements Disposable {
  #end: number = Date.now() + SLICE_MS;

  constructor() {
    jobs++;
  }

  /** Whether the slice is over, and the job should pause. */
  get over(): boolean {
    return Date.now() >= this.#end && !ISOLATES_REQUESTS;
  }

  /**
   * Waits for other work and requests, and begins the next slice.
   *
   * @returns A promise that resolves when the job may go on.
   */
  async pause(): Promise<void> {
    await (queue = queue.then(begin));
    this.#end = end;
  }

  /** Ends the job. */
  [Symbol.dispose](): void {
    jobEnds();
  }
}

/**
 * Sorts many entries in slices. A merge sort: it sorts short runs and merges them.
 *
 * @param entries The entries; their array is overwritten.
 * @param compare Their order.
 * @returns The sorted entries. The sort is stable.
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
