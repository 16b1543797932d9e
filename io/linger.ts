// Copyright 2026 the pystd authors. MIT license.

import type { Connection } from "./connection.ts";
import type { Reader } from "./reader.ts";

/**
 * Closes the sending direction of a connection and discards what the client
 * still sends, for a limited time. Closing the connection at once would reset
 * it, and the client could lose a response that it has not read yet.
 *
 * @param connection The connection.
 * @param reader Its reader.
 * @param timeout Longest time to wait for the client to finish, in ms.
 * @param close Closes the connection when that time is up.
 */
export async function linger(
  connection: Connection,
  reader: Reader,
  timeout: number,
  close: () => void,
): Promise<void> {
  const timer = setTimeout(close, timeout);
  try {
    await connection.closeWrite?.();
    do reader.take(reader.available); while (await reader.fill(true));
  } catch {
    // The client has disconnected already.
  } finally {
    clearTimeout(timer);
  }
}
