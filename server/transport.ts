// Copyright 2026 the pystd authors. MIT license.

import type { Connection } from "../io/connection.ts";
import type { ClientAddress } from "./address.ts";

/** How a server opens its listening socket and prepares its connections. */
export interface Transport {
  /**
   * Opens a listening TCP socket.
   *
   * @param options The options of `Deno.listen`.
   * @returns The listener.
   */
  listenTcp(options: Deno.TcpListenOptions): Deno.Listener<Deno.Conn>;
  /**
   * Opens a listening Unix domain socket.
   *
   * @param path Its path.
   * @returns The listener.
   */
  listenUnix(path: string): Deno.Listener<Deno.Conn>;
  /**
   * Prepares a connection before a handler serves it.
   *
   * @param request The connection.
   * @param clientAddress The client's address.
   * @returns Whether the connection can be served.
   */
  prepare?(
    request: Connection,
    clientAddress: ClientAddress,
  ): Promise<boolean>;
}

/** Plain TCP and Unix domain sockets. */
export const PLAIN_TRANSPORT: Transport = {
  listenTcp: (options) => Deno.listen(options),
  listenUnix: (path) => Deno.listen({ transport: "unix", path }),
};
