// Copyright 2026 the pystd authors. MIT license.

/**
 * Opens the command's server, or says in one line why that cannot be.
 *
 * @module
 */

import { type RequestHandlerClass, ThreadingHTTPServer } from "../server.ts";
import { StartError } from "./permissions.ts";
import type { Settings } from "./settings.ts";

/**
 * Makes the server; it listens when this returns.
 *
 * @param settings Where it is to listen.
 * @param handler What answers the requests.
 * @returns The server.
 * @throws {StartError} If it cannot listen there.
 */
export function listen(
  { hostname, port }: Settings,
  handler: RequestHandlerClass,
): ThreadingHTTPServer {
  try {
    return new ThreadingHTTPServer([hostname, port], handler);
  } catch (error) {
    throw new StartError(
      `Cannot listen on ${hostname} port ${port}: ${whyNot(error)}`,
    );
  }
}

function whyNot(error: unknown): string {
  if (error instanceof Deno.errors.AddrInUse) {
    return "another program listens there; choose another port, or 0 for any";
  }
  if (error instanceof Deno.errors.AddrNotAvailable) {
    return "this machine does not have that address";
  }
  if (error instanceof Deno.errors.PermissionDenied) {
    return "the system does not allow it; ports below 1024 are reserved";
  }
  return error instanceof Error ? error.message : String(error);
}
