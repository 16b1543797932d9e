// Copyright 2026 the pystd authors. MIT license.

/**
 * A byte stream to and from one client. `Deno.TcpConn`, `Deno.TlsConn` and
 * `Deno.UnixConn` implement it; tests use a connection in memory.
 */
export interface Connection {
  /**
   * Reads up to `buffer.byteLength` bytes.
   *
   * @param buffer Receives the bytes.
   * @returns The number of bytes read, or `null` at the end of the stream.
   */
  read(buffer: Uint8Array): Promise<number | null>;
  /**
   * Writes some or all of `data`.
   *
   * @param data The bytes to write.
   * @returns The number of bytes written.
   */
  write(data: Uint8Array): Promise<number>;
  /** Closes the connection in both directions. */
  close(): void;
  /** Closes the sending direction; the receiving direction stays open. */
  closeWrite?(): Promise<void>;
  /** Turns Nagle's algorithm off (`TCP_NODELAY`). */
  setNoDelay?(noDelay?: boolean): void;
  /** The address of the server's end. */
  readonly localAddr: Deno.Addr;
  /** The address of the client's end. */
  readonly remoteAddr: Deno.Addr;
}
