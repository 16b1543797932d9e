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
  #accepting: Promise<Accepted> | undefined;
  #wake: (() => void) | undefined;

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
    this.#accepting ??= this.#accept();
    const accepting = this.#accepting;
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const settle = (comes: boolean): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve(comes);
      };
      this.#wake = () => settle(false);
      if (timeout !== null) timer = setTimeout(settle, timeout, false);
      accepting.then(() => settle(true), (error) => {
        if (this.#accepting === accepting) this.#accepting = undefined;
        clearTimeout(timer);
        reject(error);
      });
    });
  }

  /**
   * Takes the connection that has come, or that is going to come.
   *
   * @returns It, or `undefined` if nobody waits for one.
   */
  take(): Promise<Accepted> | undefined {
    const accepting = this.#accepting;
    this.#accepting = undefined;
    return accepting;
  }

  /**
   * Waits without accepting anything.
   *
   * @param ms How long.
   */
  pause(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /** Ends the waiting, whichever it is. */
  wake(): void {
    this.#wake?.();
  }
}
