// Copyright 2026 the pystd authors. MIT license.

import type { Connection } from "./connection.ts";
import type { TimeLimited } from "./time_limits.ts";

/**
 * A TLS handshake that is under way: a client who does not go on with it is
 * cut off after a while, and as soon as the server stops.
 */
export class Handshake implements TimeLimited {
  /** Whether it took longer than it may. */
  overdue = false;
  #connection: Connection;
  #limit: number;
  #since = performance.now();

  /**
   * Begins to count the time.
   *
   * @param connection The connection.
   * @param limit How long it may take, in ms.
   */
  constructor(connection: Connection, limit: number) {
    this.#connection = connection;
    this.#limit = limit;
  }

  /**
   * Waits for the end of the handshake.
   *
   * @throws {Error} If it fails, or the connection was closed meanwhile.
   */
  async complete(): Promise<void> {
    // Not every connection that a server is given is a `Deno.TlsConn`.
    await (this.#connection as Partial<Deno.TlsConn>).handshake?.();
  }

  /** Looks whether it takes too long. */
  look(now: number): boolean {
    if (this.overdue || now - this.#since < this.#limit) return false;
    this.overdue = true;
    this.closeIfIdle();
    return true;
  }

  /** Ends it: a client who has not come through with it asked for nothing. */
  closeIfIdle(): void {
    try {
      this.#connection.close();
    } catch {
      // Closed already.
    }
  }
}
