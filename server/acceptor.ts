// Copyright 2026 the pystd authors. MIT license.

import type { Connection } from "../io/connection.ts";
import type { ClientAddress } from "./address.ts";

/** A connection that was accepted, and who made it. */
export type Accepted = [request: Connection, clientAddress: ClientAddress];

/** Somebody who waits, and how to end that. */
interface Waiter {
  resolve: (comes: boolean) => void;
  reject: (error: unknown) => void;
  timer: ReturnType<typeof setTimeout> | undefined;
}

/**
 * Accepts the connections of a server, one at a time. Waiting for the next one
 * ends when it comes, when the time is up, or when somebody calls `wake()`; a
 * connection that comes later is kept for the next call. Of those who wait at
 * once, the first one to call `take()` has it.
 */
export class Acceptor {
  #accept: () => Promise<Accepted>;
  #accepting = false;
  /** The connection that has come and was not taken. */
  #accepted: Accepted | undefined;
  /** What is done with one that comes later, if nobody waits for it then. */
  #unwanted: ((accepted: Accepted) => void) | undefined;
  #waiters: Waiter[] = [];

  /**
   * Stores its argument.
   *
   * @param accept Accepts a connection, however long that takes.
   */
  constructor(accept: () => Promise<Accepted>) {
    this.#accept = accept;
  }

  /**
   * Waits for a connection.
   *
   * @param timeout How long, in ms; `null` for as long as it takes.
   * @returns Whether there is one to take.
   * @throws {Error} What accepting throws.
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
   * Takes the connection that has come.
   *
   * @returns It, or `undefined` if somebody else has taken it.
   */
  take(): Accepted | undefined {
    const accepted = this.#accepted;
    this.#accepted = undefined;
    return accepted;
  }

  /**
   * Says what to do with a connection that has come or is to come, and that
   * nobody waits for any more.
   *
   * @param close Ends it.
   */
  abandon(close: (accepted: Accepted) => void): void {
    const accepted = this.take();
    if (accepted !== undefined) close(accepted);
    else if (this.#accepting) this.#unwanted = close;
  }

  /**
   * Waits without accepting anything.
   *
   * @param ms How long.
   */
  async pause(ms: number): Promise<void> {
    try {
      await this.#wait(ms);
    } catch {
      // Somebody else accepts meanwhile, and is told of it.
    }
  }

  /** Ends the waiting, whichever it is. */
  wake(): void {
    for (const { resolve } of this.#endWaiting()) resolve(false);
  }

  // The same two functions for all connections. Where each had closures of its
  // own, kept here while it was waited for, V8 kept all of what belonged to a
  // connection until the next collection of old objects.
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

  /** Those who waited till now. */
  #endWaiting(): Waiter[] {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const { timer } of waiters) clearTimeout(timer);
    return waiters;
  }
}
