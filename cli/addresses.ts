// Copyright 2026 the pystd authors. MIT license.

/**
 * Addresses, as the command shows them.
 *
 * @module
 */

import type { ServerAddress } from "../server.ts";

/**
 * The two parts of a TCP address.
 *
 * @param address The address, in either form.
 * @returns The host, empty if it is none in particular, and the port.
 */
export function hostAndPort(
  address: Exclude<ServerAddress, { transport: "unix" }>,
): readonly [hostname: string, port: number] {
  return "port" in address ? [address.hostname ?? "", address.port] : address;
}

/**
 * A host as it stands in a URL.
 *
 * @param hostname A name or an address.
 * @returns It, an IPv6 address in brackets.
 */
export function bracketed(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/**
 * Whether nobody but this machine can reach an address.
 *
 * @param hostname A name or an address.
 * @returns Whether it is the machine's own.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || hostname === "::1" ||
    hostname.startsWith("127.");
}
