// Copyright 2026 the pystd authors. MIT license.

/**
 * Attempts at passwords, counted by the main thread for all workers: else
 * there would be as many times as many of them as there are workers.
 *
 * @module
 */

import type {
  Attempt,
  AttemptCounter,
  Verdict,
} from "../../handlers/share/auth/attempts.ts";

/** What a worker tells of an attempt. */
export type AttemptMessage =
  | { kind: "attempt"; id: number; attempt: Attempt }
  | { kind: "success"; attempt: Attempt };

/** The counter of a worker: it asks the main thread. */
export class SharedAttempts implements AttemptCounter {
  #send: (message: AttemptMessage) => void;
  #lastId = 0;
  #asked = new Map<number, (verdict: Verdict) => void>();

  /**
   * Stores its argument.
   *
   * @param send Sends a message to the main thread.
   */
  constructor(send: (message: AttemptMessage) => void) {
    this.#send = send;
  }

  begin(attempt: Attempt): Promise<Verdict> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      this.#send({ kind: "attempt", id, attempt });
    });
  }

  succeed(attempt: Attempt): void {
    this.#send({ kind: "success", attempt });
  }

  /**
   * Takes an answer of the main thread.
   *
   * @param id Which question it answers.
   * @param verdict The answer.
   */
  settle(id: number, verdict: Verdict): void {
    this.#asked.get(id)?.(verdict);
    this.#asked.delete(id);
  }
}
