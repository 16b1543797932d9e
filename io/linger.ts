// Copyright 2026 the pystd authors. MIT license.

import type { Connection } from "./connection.ts";
import type { Reader } from "./reader.ts";

/**
 * Ends the sending direction of a connection and reads on for a while: closing
 * at once while the client still sends would reset the connection, and the
 * client might lose the response that it has not read yet.
 *
 * @param connection The connection.
 * @param reader Its receiving side.
 * @param timeout How long to wait for the client's end at most, in ms.
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
    // The client is gone already.
  } finally {
    clearTimeout(timer);
  }
}
