// Copyright 2026 the pystd authors. MIT license.

/**
 * A handler that says hello, for tests of servers.
 *
 * @module
 */

import { BaseHTTPRequestHandler } from "../../handlers/base.ts";
import type { HTTPServer, ServerAddress } from "../../server.ts";

/** Any free port, on loopback. */
export const LOCAL: ServerAddress = ["127.0.0.1", 0];
/** A request that ends its connection. */
export const GET: string = "GET / HTTP/1.0\r\n\r\n";

/** Says hello, throws, or throws in the middle of a response. */
export class Hello extends BaseHTTPRequestHandler {
  do_GET(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 6);
    this.endHeaders();
    this.wfile.write("hello\n");
  }
  do_THROW(): void {
    throw new Error("Thrown by the handler");
  }
  async do_HALF(): Promise<void> {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 100);
    this.endHeaders();
    await this.wfile.write("half");
    await this.wfile.drained();
    throw new Error("Thrown in the middle");
  }
  override logMessage(): void {}
}

/** The same with persistent connections. */
export class Persistent extends Hello {
  static override protocolVersion = "HTTP/1.1";
}

/**
 * Serves in the background.
 *
 * @param stack Stops the server.
 * @param server The server.
 * @returns The server.
 */
export function start<S extends HTTPServer>(
  stack: AsyncDisposableStack,
  server: S,
): S {
  stack.use(server);
  const served = server.serveForever();
  stack.defer(async () => {
    await server.shutdown();
    await served;
  });
  return server;
}
