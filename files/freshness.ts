// Copyright 2026 the pystd authors. MIT license.

/**
 * How long a result of checking the disk is valid. This one rule applies to
 * files, open files, folders, missing paths, `404.html`, compressed files and
 * listings.
 *
 * A check is valid for the requests that arrived before it, and for no others.
 * Requests that arrive in one turn of the event loop are handled one after the
 * other, by microtasks that are queued when the turn begins. The first check of
 * a turn queues a microtask behind them that ends its validity. So these
 * requests share the check, and no client can tell this from a check for each
 * request.
 *
 * Operators can trade this for speed: a check is then valid for a number of
 * milliseconds, as with nginx's `open_file_cache_valid`. Changes by this process
 * are visible at once all the same.
 *
 * @module
 */

/** Longest path to cache, since clients choose the paths. */
const MAX_PATH_LENGTH = 1024;

let turn = 0;
let turnEnds = false;
let changed = -Infinity;

/** Called when this process may have changed a file. */
export const onFilesChanged: Set<() => void> = new Set();

/** Invalidates all checks, since this process may have changed a file. */
export function markFilesChanged(): void {
  turn++;
  changed = performance.now();
  for (const callback of onFilesChanged) callback();
}

function endTurn(): void {
  turn++;
  turnEnds = false;
}

/** Decides whether an earlier check is still valid. */
export class Freshness {
  #validFor: number;

  /**
   * Creates a rule.
   *
   * @param validFor How long a check is valid, in ms; 0 for one turn of the event
   * loop.
   */
  constructor(validFor = 0) {
    this.#validFor = validFor;
  }

  /**
   * Begins a check.
   *
   * @returns Its mark, for {@linkcode Freshness.isValid}.
   */
  mark(): number {
    if (this.#validFor > 0) return performance.now();
    if (!turnEnds) {
      turnEnds = true;
      queueMicrotask(endTurn);
    }
    return turn;
  }

  /**
   * Tells whether a check is still valid.
   *
   * @param mark The mark of the check.
   * @returns Whether it is.
   */
  isValid(mark: number): boolean {
    return this.#validFor === 0
      ? mark === turn
      : mark > changed && performance.now() - mark < this.#validFor;
  }
}

/** Caches the results of checking paths as long as the checks are valid. */
export class FreshCache<Value> {
  #freshness: Freshness;
  #maxPaths: number;
  #results = new Map<string, { value: Value; mark: number }>();

  /**
   * Creates an empty cache.
   *
   * @param freshness How long a check is valid.
   * @param maxPaths Most paths to cache.
   */
  constructor(freshness: Freshness, maxPaths: number) {
    this.#freshness = freshness;
    this.#maxPaths = maxPaths;
  }

  /**
   * Returns the valid result for a path, or checks the path.
   *
   * @param path The path.
   * @param check Checks the path.
   * @returns The result.
   */
  get(path: string, check: (path: string) => Value): Value {
    const recent = this.#results.get(path);
    if (recent !== undefined && this.#freshness.isValid(recent.mark)) {
      return recent.value;
    }
    const mark = this.#freshness.mark();
    const value = check(path);
    if (path.length > MAX_PATH_LENGTH) return value;
    if (recent === undefined && this.#results.size >= this.#maxPaths) {
      this.#results.clear();
    }
    this.#results.set(path, { value, mark });
    return value;
  }

  /**
   * Forgets the result for a path.
   *
   * @param path The path.
   */
  delete(path: string): void {
    this.#results.delete(path);
  }
}
