// Copyright 2026 the pystd authors. MIT license.

/**
 * Opens the command's server.
 *
 * @module
 */

import type { RequestHandlerClass } from "../server/base_server.ts";
import { ThreadingHTTPServer } from "../server/threading.ts";
import type { HTTPSServerOptions } from "../server/tls_transport.ts";
import { StartError } from "./errors.ts";
import type { Settings } from "./settings/settings.ts";

/**
 * Opens the server. It is listening when this returns.
 *
 * @param tls The certificate and key for HTTPS.
 * @param reusePort Whether workers share the port.
 * @throws {StartError} If the server cannot listen.
 */
export async function listen(
  settings: Settings,
  handler: RequestHandlerClass,
  tls: HTTPSServerOptions | undefined,
  reusePort = false,
): Promise<ThreadingHTTPServer> {
  const { hostname, port, unixPath, maxConnections } = settings;
  const address: [string, number] = [hostname, port];
  class Server extends ThreadingHTTPServer {
    static override maxConnections = maxConnections ?? super.maxConnections;
  }
  try {
    if (unixPath !== undefined) {
      const { removeStaleSocket } = await import("./unix_socket.ts");
      await removeStaleSocket(unixPath);
      const unix = { transport: "unix", path: unixPath } as const;
      return new Server(unix, handler);
    }
    if (tls === undefined) return new Server(address, handler, { reusePort });
    const { ThreadingHTTPSServer } = await import("../server/tls.ts");
    class TLSServer extends ThreadingHTTPSServer {
      static override maxConnections = maxConnections ?? super.maxConnections;
    }
    if (settings.quiet) TLSServer.prototype.logHandshakeError = () => {};
    return new TLSServer(address, handler, { ...tls, reusePort });
  } catch (error) {
    const { message, cause } = error as Error;
    // Errors about certificates and keys are complete sentences already.
    if (/^Cannot (?!listen on )/.test(message)) {
      const lacksKey = settings.tls?.keyfile === undefined &&
        message.includes("no private key");
      const advice = lacksKey ? "; name its file with --tls-key" : "";
      throw new StartError(message + advice);
    }
    const where = unixPath ?? `${hostname || "every address"} port ${port}`;
    // The server puts the address before the message of the system.
    const reason = reasonOf(cause instanceof Error ? cause : error as Error);
    throw new StartError(`Cannot listen on ${where}: ${reason}`);
  }
}

function reasonOf(error: Error): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return "another program uses it; choose another port, or 0 for a free one";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return "this machine does not have that address";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system does not allow it; ports below 1024 are reserved";
  }
  if (error.message.includes("failed to lookup address")) {
    return "the name cannot be resolved";
  }
  return error.message;
}
