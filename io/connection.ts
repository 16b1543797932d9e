// Copyright 2026 the pystd authors. MIT license.

/**
 * A byte stream to and from one client: what the servers and handlers need of
 * a `Deno.Conn`, so that a test can hand them something else.
 *
 * A `Deno.TcpConn`, `Deno.TlsConn` and `Deno.UnixConn` are connections.
 */
export interface Connection {
  /**
   * Reads up to `buffer.byteLength` bytes.
   *
   * @param buffer Where to put them.
   * @returns How many bytes were read, or `null` at the end of the stream.
   */
  read(buffer: Uint8Array): Promise<number | null>;
  /**
   * Writes some or all of `data`.
   *
   * @param data The bytes to write.
   * @returns How many of them were written.
   */
  write(data: Uint8Array): Promise<number>;
  /** Closes the connection in both directions. */
  close(): void;
  /** Ends the sending direction; the other one stays open. */
  closeWrite?(): Promise<void>;
  /** Hands small writes to the network at once (`TCP_NODELAY`). */
  setNoDelay?(noDelay?: boolean): void;
  /** The address of the server's end. */
  readonly localAddr: Deno.Addr;
  /** The address of the client's end. */
  readonly remoteAddr: Deno.Addr;
}
