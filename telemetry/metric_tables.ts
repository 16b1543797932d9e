// Copyright 2026 the pystd authors. MIT license.

/**
 * Histograms of requests in tables of numbers.
 *
 * Each thread has a table in shared memory and alone writes to it. Each thread
 * can read all of them, and adds them up. So the counts of a thread that dies
 * are not lost, and a thread need not ask the others.
 *
 *     table: active requests by method and scheme | series | series | ...
 *     series: key | buckets of the duration, sum | request size | response size
 *
 * @module
 */

import { DURATION_BOUNDS, SIZE_BOUNDS } from "./conventions.ts";

/** The tables of all threads, which a message can carry to them. */
export interface MetricTables {
  /** One table per thread. */
  readonly tables: readonly ArrayBufferLike[];
  /** The index of this thread's table. */
  readonly own: number;
  /** When the process started, in epoch ms. */
  readonly started: number;
}

/** What a series counts: one of few values for each label. */
export interface SeriesLabels {
  /** Index of the method. */
  readonly method: number;
  /** Status code. */
  readonly status: number;
  /** Index of the version of the protocol. */
  readonly version: number;
  /** Whether the scheme is https. */
  readonly secure: boolean;
}

/** The histograms of a series, in their order in a table. */
export const HISTOGRAM_BOUNDS: readonly (readonly number[])[] = [
  DURATION_BOUNDS,
  SIZE_BOUNDS,
  SIZE_BOUNDS,
];

const OFFSETS: readonly number[] = offsets();
/** Numbers of a series: its key, then for each histogram buckets and a sum. */
const WIDTH = OFFSETS.at(-1)!;
/** The key of series that found no place. */
const REST = keyOf({ method: 0, status: 0, version: 0, secure: false });
/** Most methods, with the unknown one. */
export const MAX_METHODS = 32;
/** Numbers before the first series: active requests. */
const HEADER = MAX_METHODS * 2;

function offsets(): number[] {
  const starts = [1];
  for (const bounds of HISTOGRAM_BOUNDS) {
    starts.push(starts.at(-1)! + bounds.length + 2);
  }
  return starts;
}

/**
 * Creates tables in shared memory, where the platform has that.
 *
 * @param threads Number of tables.
 * @param maxSeries Most series of a table.
 * @returns The tables, all numbers 0.
 */
export function createTables(
  threads: number,
  maxSeries: number,
): ArrayBufferLike[] {
  const bytes = 8 * (HEADER + maxSeries * WIDTH);
  const Shared = globalThis.SharedArrayBuffer ?? ArrayBuffer;
  return Array.from({ length: threads }, () => new Shared(bytes));
}

/** Counts in one table, and reads all. */
export class RequestCounts {
  #all: readonly Float64Array[];
  #own: Float64Array;
  /** Offsets of the series of this table, by key. */
  #series = new Map<number, number>();

  /**
   * Takes over a table; its requests in progress have ended with the thread that
   * had it before.
   *
   * @param tables The tables.
   */
  constructor({ tables, own }: MetricTables) {
    this.#all = tables.map((table) => new Float64Array(table));
    this.#own = this.#all[own];
    this.#own.fill(0, 0, HEADER);
    for (const [key, at] of seriesOf(this.#own)) this.#series.set(key, at);
  }

  /**
   * Adds to the number of requests in progress.
   *
   * @param method Index of the method.
   * @param secure Whether the scheme is https.
   * @param change 1 or -1.
   */
  addActive(method: number, secure: boolean, change: number): void {
    this.#own[method * 2 + Number(secure)] += change;
  }

  /**
   * Counts a request. If the table is full, it counts for a series without labels
   * but the unknown method.
   *
   * @param labels The labels.
   * @param values One value per histogram.
   */
  count(labels: SeriesLabels, ...values: number[]): void {
    const at = this.#find(keyOf(labels));
    values.forEach((value, i) => {
      const bounds = HISTOGRAM_BOUNDS[i];
      const start = at + OFFSETS[i];
      let bucket = 0;
      while (bucket < bounds.length && value > bounds[bucket]) bucket++;
      this.#own[start + bucket]++;
      this.#own[start + bounds.length + 1] += value;
    });
  }

  /**
   * Adds up the requests in progress.
   *
   * @yields Index of the method, whether the scheme is https, and their number,
   * where a thread has counted any request so far.
   */
  *active(): Generator<[method: number, secure: boolean, count: number]> {
    const sums = new Float64Array(HEADER);
    const seen = new Set<number>();
    for (const table of this.#all) {
      for (let i = 0; i < HEADER; i++) sums[i] += table[i];
      for (const [key] of seriesOf(table)) {
        const { method, secure } = labelsOf(key);
        seen.add(method * 2 + Number(secure));
      }
    }
    for (let i = 0; i < HEADER; i++) {
      if (sums[i] === 0 && !seen.has(i)) continue;
      yield [i >> 1, i % 2 === 1, sums[i]];
    }
  }

  /**
   * Adds up the series.
   *
   * @returns By labels, the counts of each histogram's buckets, with its sum at
   * the end.
   */
  totals(): [labels: SeriesLabels, histograms: Float64Array[]][] {
    const sums = new Map<number, Float64Array>();
    for (const table of this.#all) {
      for (const [key, at] of seriesOf(table)) {
        const sum = sums.get(key) ?? new Float64Array(WIDTH);
        sums.set(key, sum);
        for (let i = 1; i < WIDTH; i++) sum[i] += table[at + i];
      }
    }
    return [...sums].sort(([a], [b]) => a - b).map(([key, sum]) => [
      labelsOf(key),
      HISTOGRAM_BOUNDS.map((_, i) => sum.subarray(OFFSETS[i], OFFSETS[i + 1])),
    ]);
  }

  #find(key: number): number {
    const known = this.#series.get(key);
    if (known !== undefined) return known;
    const at = HEADER + this.#series.size * WIDTH;
    // The last series is the one of the rest.
    const isLast = at + 2 * WIDTH > this.#own.length;
    if (isLast && key !== REST) return this.#find(REST);
    // A thread that reads the key finds only zeros.
    this.#own[at] = key;
    this.#series.set(key, at);
    return at;
  }
}

/** Yields the keys of a table's series with their offsets. */
function* seriesOf(table: Float64Array): Generator<[key: number, at: number]> {
  for (let at = HEADER; at < table.length && table[at] !== 0; at += WIDTH) {
    yield [table[at], at];
  }
}

/** Returns a number above 0 for labels. */
function keyOf({ method, status, version, secure }: SeriesLabels): number {
  return ((method * 1000 + status) * 8 + version) * 2 + Number(secure) + 1;
}

function labelsOf(key: number): SeriesLabels {
  const secure = (key - 1) % 2 === 1;
  const rest = (key - 1 - Number(secure)) / 2;
  const version = rest % 8;
  const both = (rest - version) / 8;
  const status = both % 1000;
  return { method: (both - status) / 1000, status, version, secure };
}
