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
export type ThrottleMessage =
  | { kind: "login"; id: number; attempt: LoginAttempt }
  | { kind: "login succeeded"; attempt: LoginAttempt };

/** The throttle in a worker. It asks the main thread. */
export class RemoteLoginThrottle implements LoginThrottle {
  #send: (message: ThrottleMessage) => void;
  #lastId = 0;
  #pending = new Map<number, (decision: ThrottleDecision) => void>();

  /**
   * Creates a throttle.
   *
   * @param send Sends a message to the main thread.
   */
  constructor(send: (message: ThrottleMessage) => void) {
    this.#send = send;
  }

  begin(attempt: LoginAttempt): Promise<ThrottleDecision> {
    const id = ++this.#lastId;
    return new Promise((resolve) => {
      this.#pending.set(id, resolve);
      this.#send({ kind: "login", id, attempt });
    });
  }

  succeed(attempt: LoginAttempt): void {
    this.#send({ kind: "login succeeded", attempt });
  }

  /**
   * Handles an answer from the main thread.
   *
   * @param id The number of the attempt.
   * @param decision The answer.
   */
  settle(id: number, decision: ThrottleDecision): void {
    this.#pending.get(id)?.(decision);
    this.#pending.delete(id);
  }
}
