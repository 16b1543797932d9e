// Copyright 2026 the pystd authors. MIT license.

/**
 * Tasks that a method has started and that its request waits for.
 *
 * In Python `super().do_GET()` is done when the next line runs. Here it returns
 * a promise if the file is large, and handlers ported from Python forget to
 * await it. So the request waits for the task. The promise records whether the
 * caller awaited it too, and therefore handles its failure.
 *
 * @module
 */

class PendingTask<T> extends Promise<T> {
  /** Whether a caller has asked for the result. */
  awaited = false;

  static override get [Symbol.species](): PromiseConstructor {
    return Promise;
  }

  // `await` calls `then`, since this is no plain promise.
  override then<A = T, B = never>(
    onFulfilled?: ((value: T) => A | PromiseLike<A>) | null,
    onRejected?: ((reason: unknown) => B | PromiseLike<B>) | null,
  ): Promise<A | B> {
    this.awaited = true;
    return super.then(onFulfilled, onRejected);
  }
}

/** The tasks of one request. */
export class PendingTasks {
  #tasks: [promise: Promise<unknown>, task: PendingTask<unknown>][] = [];

  /**
   * Adds a task.
   *
   * @param promise The promise of the task.
   * @returns A promise of the same result.
   */
  add<T>(promise: Promise<T>): Promise<T> {
    const task = new PendingTask<T>((resolve, reject) => {
      promise.then(resolve, reject);
    });
    // Not `catch`, which calls `then` of this class.
    Promise.prototype.then.call(task, undefined, () => {});
    this.#tasks.push([promise, task]);
    return task;
  }

  /**
   * Waits for all tasks, including those added in the meantime.
   *
   * @returns The errors of tasks that no caller has awaited.
   */
  async end(): Promise<unknown[]> {
    const errors: unknown[] = [];
    for (const [promise, task] of this.#tasks) {
      try {
        await promise;
      } catch (error) {
        if (!task.awaited) errors.push(error);
      }
    }
    return errors;
  }
}
