// Copyright 2026 the pystd authors. MIT license.

/**
 * Login attempts, counted by the main thread for all workers. If each worker
 * counted its own, N workers would allow N times as many attempts.
 *
 * @module
 */

import type {
  LoginAttempt,
  LoginThrottle,
  ThrottleDecision,
} from "../../handlers/share/auth/login_throttle.ts";

/** A message from a worker about a login attempt. */
export type AttemptMessage =
  | { kind: "attempt"; id: number; attempt: LoginAttempt }
  | { kind: "success"; attempt: LoginAttempt };

/** The counter in a worker. It asks the main thread. */
export class SharedAttempts implements LoginThrottle {
  #send: (message: AttemptMessage) => void;
  #lastId = 0;
  #pending = new Map<number, (verdict: ThrottleDecision) => void>();

  /**
   * Creates a counter.
   *
   * @param send Sends a message to the main thread.
   */
  constructor(send: (message: AttemptMessage) => void) {
    this.#send = send;
  }

  begin(attempt: LoginAttempt): Promise<ThrottleDecision> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      this.#send({ kind: "attempt", id, attempt });
    });
  }

  succeed(attempt: LoginAttempt): void {
    this.#send({ kind: "success", attempt });
  }

  /**
   * Handles an answer from the main thread.
   *
   * @param id The number of the attempt.
   * @param verdict The answer.
   */
  settle(id: number, verdict: ThrottleDecision): void {
    this.#pending.get(id)?.(verdict);
    this.#pending.delete(id);
  }
}
