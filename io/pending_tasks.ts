// Copyright 2026 the pystd authors. MIT license.

/**
 * Work that a method has started and that its request waits for.
 *
 * In Python `super().do_GET()` has done its work when the next line runs. Here
 * it returns a promise where a file is large, and a handler written by that
 * habit drops it. So the request waits for the work itself; and it tells
 * whether the caller waited, too, and has dealt with a failure.
 *
 * @module
 */

class PendingTask<T> extends Promise<T> {
  /** Whether somebody has asked for the result. */
  awaited = false;

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // `await` calls this, since the constructor is not that of plain promises.
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.awaited = true;
    return super.then(onFulfilled, onRejected);
  }
}

/** Work of one request. */
export class PendingTasks {
  #works: [work: Promise<unknown>, started: PendingTask<unknown>][] = [];

  /**
   * Adds work.
   *
   * @param work The work.
   * @returns A promise of the same result.
   */
  add<T>(work: Promise<T>): Promise<T> {
    const started = new PendingTask<T>((resolve, reject) => {
      work.then(resolve, reject);
    });
    // Not `catch`, which would count as awaiting.
    Promise.prototype.then.call(started, undefined, () => {});
    this.#works.push([work, started]);
    return started;
  }

  /**
   * Waits for all work, and for what it starts meanwhile.
   *
   * @returns The errors of work that nobody has awaited.
   */
  async end(): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (const [work, started] of this.#works) {
      try {
        await work;
      } catch (error) {
        if (!started.awaited) errors.push(error);
      }
    }
    return errors;
  }
}
