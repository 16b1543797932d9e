// Copyright 2026 the pystd authors. MIT license.

import { formatIPv4, isIPv4, parseAddress } from "../protocol/ip_address.ts";

/**
 * Returns what limits per client count by: an IPv4 address, or the /64 network
 * of an IPv6 address. Within its /64 a client can have any address (RFC 6177).
 *
 * @param address A client's address, or another text that identifies it.
 * @returns The same text for all addresses of the client.
 */
export function clientNetwork(address: string): string {
  if (!address.includes(":")) return address;
  const number = parseAddress(address.replace(/%.*$/, ""));
  if (number === undefined) return address;
  if (isIPv4(number)) return formatIPv4(number);
  return `${(number >> 64n).toString(16).padStart(16, "0")}/64`;
}
