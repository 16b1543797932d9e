// Copyright 2026 the pystd authors. MIT license.

import type { Connection } from "../io/connection.ts";
import type { ClientAddress } from "./address.ts";

/** An accepted connection and the address of its client. */
export type Accepted = [request: Connection, clientAddress: ClientAddress];

/** A caller that waits. */
interface Waiter {
  resolve: (comes: boolean) => void;
  reject: (error: unknown) => void;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Accepts the connections of a server, one at a time. Waiting for a connection
 * ends when one arrives, on a timeout, or by `wake()`. A connection that arrives
 * later is kept for the next call. If several callers wait, the first one to call
 * `take()` gets the connection.
 */
export class Acceptor {
  #accept: () => Promise<Accepted>;
  #accepting = false;
  /** The connection that was accepted and not taken. */
  #accepted: Accepted | undefined;
  /** Called with a connection that arrives after `abandon()`. */
  #unwanted: ((accepted: Accepted) => void) | undefined;
  #waiters: Waiter[] = [];

  /**
   * Stores its argument.
   *
   * @param accept Accepts a connection, without a timeout.
   */
  constructor(accept: () => Promise<Accepted>) {
    this.#accept = accept;
  }

  /**
   * Waits for a connection.
   *
   * @param timeout Longest time in ms; `null` for no limit.
   * @returns Whether there is a connection to take.
   * @throws {Error} If a connection could not be accepted.
   */
  comes(timeout: number | null): Promise<boolean> {
    this.#unwanted = undefined;
    if (this.#accepted !== undefined) return Promise.resolve(true);
    if (!this.#accepting) {
      try {
        this.#accept().then(this.#came, this.#failed);
      } catch (error) {
        return Promise.reject(error);
      }
      this.#accepting = true;
    }
    return this.#wait(timeout);
  }

  /**
   * Takes the accepted connection.
   *
   * @returns It, or `undefined` if another caller has taken it.
   */
  take(): Accepted | undefined {
    const accepted = this.#accepted;
    this.#accepted = undefined;
    return accepted;
  }

  /**
   * Closes the accepted connection, or the next one to arrive. The server has
   * stopped.
   *
   * @param close Closes it.
   */
  abandon(close: (accepted: Accepted) => void): void {
    const accepted = this.take();
    if (accepted !== undefined) close(accepted);
    else if (this.#accepting) this.#unwanted = close;
  }

  /**
   * Waits without accepting a connection.
   *
   * @param ms How long.
   */
  async pause(ms: number): Promise<void> {
    try {
      await this.#wait(ms);
    } catch {
      // The caller that accepts gets this error.
    }
  }

  /** Ends all waiting and pauses. */
  wake(): void {
    for (const { resolve } of this.#endWaiting()) resolve(false);
  }

  // All connections share these two functions. With closures for each one, V8
  // would keep the objects of a connection until the next major collection.
  #came = (accepted: Accepted): void => {
    this.#accepting = false;
    if (this.#unwanted !== undefined) return this.#unwanted(accepted);
    this.#accepted = accepted;
    for (const { resolve } of this.#endWaiting()) resolve(true);
  };

  #failed = (error: unknown): void => {
    this.#accepting = false;
    for (const { reject } of this.#endWaiting()) reject(error);
  };

  #wait(timeout: number | null): Promise<boolean> {
    return new Promise((resolve, reject) => {
      const waiter: Waiter = { resolve, reject, timer: undefined };
      this.#waiters.push(waiter);
      if (timeout === null) return;
      waiter.timer = setTimeout(() => {
        this.#waiters.splice(this.#waiters.indexOf(waiter), 1);
        resolve(false);
      }, timeout);
    });
  }

  /** Returns and forgets all waiting callers. */
  #endWaiting(): Waiter[] {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { timer } of waiters) clearTimeout(timer);
    return waiters;
  }
}
