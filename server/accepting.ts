// Copyright 2026 the pystd authors. MIT license.

import type { Connection } from "../io/connection.ts";
import type { ClientAddress } from "./address.ts";

/** A connection that was accepted, and who made it. */
export type Accepted = [request: Connection, clientAddress: ClientAddress];

/**
 * Accepts the connections of a server, one at a time. Waiting for the next one
 * ends when it comes, when the time is up, or when somebody calls `wake()`; a
 * connection that comes later is kept for the next call.
 */
export class Acceptor {
  #accept: () => Promise<Accepted>;
  #accepting = false;
  /** The connection that has come and was not taken. */
  #accepted: Accepted | undefined;
  /** What is done with one that comes later, if nobody waits for it then. */
  #unwanted: ((accepted: Accepted) => void) | undefined;
  /** Settle what `comes()` has returned, for as long as somebody waits. */
  #resolve: ((comes: boolean) => void) | undefined;
  #reject: ((error: unknown) => void) | undefined;
  #timer: ReturnType<typeof setTimeout> | undefined;

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
      this.#accept().then(this.#came, this.#failed);
      this.#accepting = true;
    }
    return new Promise((resolve, reject) => {
      this.#resolve = resolve;
      this.#reject = reject;
      if (timeout !== null) {
        this.#timer = setTimeout(() => this.wake(), timeout);
      }
    });
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
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      this.#resolve = () => resolve();
      this.#timer = setTimeout(() => this.wake(), ms);
    });
  }

  /** Ends the waiting, whichever it is. */
  wake(): void {
    const resolve = this.#resolve;
    this.#endWaiting();
    resolve?.(false);
  }

  // The same two functions for all connections. Where each had closures of its
  // own, kept here while it was waited for, V8 kept all of what belonged to a
  // connection until the next collection of old objects.
  #came = (accepted: Accepted): void => {
    this.#accepting = false;
    if (this.#unwanted !== undefined) return this.#unwanted(accepted);
    this.#accepted = accepted;
    const resolve = this.#resolve;
    this.#endWaiting();
    resolve?.(true);
  };

  #failed = (error: unknown): void => {
    this.#accepting = false;
    const reject = this.#reject;
    this.#endWaiting();
    reject?.(error);
  };

  #endWaiting(): void {
    this.#resolve = this.#reject = undefined;
    if (this.#timer === undefined) return;
    clearTimeout(this.#timer);
    this.#timer = undefined;
  }
}
