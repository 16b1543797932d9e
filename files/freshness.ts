// Copyright 2026 the pystd authors. MIT license.

/**
 * How long a look at the disk counts. This is the one rule for files, folders,
 * missing paths, `404.html`, compressed files and listings.
 *
 * A look counts for the requests that had arrived before it was made, and for
 * no other. Requests that come in with one turn of the event loop are handled
 * one after the other by continuations that are queued when the turn begins. So
 * the first look of a turn queues the end of the turn behind them: they share
 * the look, and whatever is read later looks again. No client can tell this
 * from a look for each request.
 *
 * An operator can trade that for speed: a look then counts for a number of
 * milliseconds, as with nginx's `open_file_cache_valid`. What this process
 * changes itself is seen at once all the same.
 *
 * @module
 */

/** The longest path that is remembered: clients choose them. */
const LONGEST_PATH = 1024;

let turn = 0;
let turnEnds = false;
let changed = -Infinity;

/** Ends the validity of all looks: this process may have changed a file. */
export function markFilesChanged(): void {
  turn++;
  changed = performance.now();
}

function endTurn(): void {
  turn++;
  turnEnds = false;
}

/** Decides whether an earlier look still counts. */
export class Freshness {
  #validFor: number;

  /**
   * Creates a rule.
   *
   * @param validFor How long a look counts, in ms; 0 for the turn of the event
   * loop in which it was made.
   */
  constructor(validFor = 0) {
    this.#validFor = validFor;
  }

  /**
   * Marks the beginning of a look.
   *
   * @returns The mark, for {@linkcode Freshness.holds}.
   */
  look(): number {
    if (this.#validFor > 0) return performance.now();
    if (!turnEnds) {
      turnEnds = true;
      queueMicrotask(endTurn);
    }
    return turn;
  }

  /**
   * Whether a look still counts.
   *
   * @param mark What {@linkcode Freshness.look} returned before the look.
   * @returns Whether it does.
   */
  holds(mark: number): boolean {
    return this.#validFor === 0
      ? mark === turn
      : mark > changed && performance.now() - mark < this.#validFor;
  }
}

/** What looks at paths have found, as long as the looks count. */
export class FreshCache<Value> {
  #freshness: Freshness;
  #most: number;
  #seen = new Map<string, { value: Value; mark: number }>();

  /**
   * Creates an empty memory.
   *
   * @param freshness How long a look counts.
   * @param most The most paths to remember.
   */
  constructor(freshness: Freshness, most: number) {
    this.#freshness = freshness;
    this.#most = most;
  }

  /**
   * Looks at a path, unless a recent look at it counts.
   *
   * @param path The path.
   * @param look Looks at it.
   * @returns What was found.
   */
  at(path: string, look: (path: string) => Value): Value {
    const recent = this.#seen.get(path);
    if (recent !== undefined && this.#freshness.holds(recent.mark)) {
      return recent.value;
    }
    const mark = this.#freshness.look();
    const value = look(path);
    if (path.length > LONGEST_PATH) return value;
    if (recent === undefined && this.#seen.size >= this.#most) {
      this.#seen.clear();
    }
    this.#seen.set(path, { value, mark });
    return value;
  }
}
