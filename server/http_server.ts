// Copyright 2026 the pystd authors. MIT license.

import { TCPServer } from "./tcp_server.ts";

/**
 * An HTTP server that serves one connection at a time.
 *
 * Source: CPython 3.14, `http.server.HTTPServer`.
 *
 * @example Usage
 * ```ts no-assert
 * import { HTTPServer } from "@pystd/http-server/server";
 * import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
 *
 * await using httpd = new HTTPServer(
 *   ["127.0.0.1", 0],
 *   SimpleHTTPRequestHandler,
 * );
 * ```
 */
export class HTTPServer extends TCPServer {
  /** The host that the server is known by: the one it listens on. */
  declare serverName: string;
  /** The port that it listens on. */
  declare serverPort: number;

  /** Binds the socket, and sets `serverName` and `serverPort`. */
  override serverBind(): void {
    super.serverBind();
    const address = this.serverAddress;
    // Bound, it has one of these two forms.
    const [name, port] = "transport" in address
      ? [address.path, 0]
      : address as readonly [string, number];
    this.serverName = name;
    this.serverPort = port;
  }
}
