// Copyright 2026 the pystd authors. MIT license.

import type { Connection } from "./connection.ts";
import type { TimeLimited } from "./time_limits.ts";

/**
 * A TLS handshake in progress. It has a time limit, and ends when the server
 * stops.
 */
export class Handshake implements TimeLimited {
  /** Whether the time limit was exceeded. */
  overdue = false;
  #connection: Connection;
  #limit: number;
  #since = performance.now();

  /**
   * Starts the clock.
   *
   * @param connection The connection.
   * @param limit Time limit in ms.
   */
  constructor(connection: Connection, limit: number) {
    this.#connection = connection;
    this.#limit = limit;
  }

  /**
   * Waits for the end of the handshake.
   *
   * @throws {Error} If it fails, or the connection is closed.
   */
  async complete(): Promise<void> {
    // A server may be given connections that are no `Deno.TlsConn`.
    await (this.#connection as Partial<Deno.TlsConn>).handshake?.();
  }

  /** Closes the connection if the time limit is exceeded. */
  check(now: number): boolean {
    if (this.overdue || now - this.#since < this.#limit) return false;
    this.overdue = true;
    this.closeIfIdle();
    return true;
  }

  /** Closes the connection: a client in a handshake has no request yet. */
  closeIfIdle(): void {
    try {
      this.#connection.close();
    } catch {
      // Closed already.
    }
  }
}
