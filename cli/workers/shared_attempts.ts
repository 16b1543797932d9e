// Copyright 2026 the pystd authors. MIT license.

/**
 * Attempts at passwords, counted by the main thread for all workers: else
 * there would be as many times as many of them as there are workers.
 *
 * @module
 */

import type {
  LoginAttempt,
  LoginThrottle,
  ThrottleDecision,
} from "../../handlers/share/auth/login_throttle.ts";

/** What a worker tells of an attempt. */
export type AttemptMessage =
  | { kind: "attempt"; id: number; attempt: LoginAttempt }
  | { kind: "success"; attempt: LoginAttempt };

/** The counter of a worker: it asks the main thread. */
export class SharedAttempts implements LoginThrottle {
  #send: (message: AttemptMessage) => void;
  #lastId = 0;
  #asked = new Map<number, (verdict: ThrottleDecision) => void>();

  /**
   * Stores its argument.
   *
   * @param send Sends a message to the main thread.
   */
  constructor(send: (message: AttemptMessage) => void) {
    this.#send = send;
  }

  begin(attempt: LoginAttempt): Promise<ThrottleDecision> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#asked.set(id, resolve);
      this.#send({ kind: "attempt", id, attempt });
    });
  }

  succeed(attempt: LoginAttempt): void {
    this.#send({ kind: "success", attempt });
  }

  /**
   * Takes an answer of the main thread.
   *
   * @param id Which question it answers.
   * @param verdict The answer.
   */
  settle(id: number, verdict: ThrottleDecision): void {
    this.#asked.get(id)?.(verdict);
    this.#asked.delete(id);
  }
}
