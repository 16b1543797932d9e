// Copyright 2026 the pystd authors. MIT license.

/**
 * Addresses, in the forms in which the command compares and shows them.
 *
 * @module
 */

import { Networks } from "../protocol/ip_address.ts";
import type { ServerAddress } from "../server/address.ts";

/** The loopback networks (RFC 1122 section 3.2.1.3, RFC 4291 section 2.5.3). */
export const LOOPBACK_NETWORKS: readonly string[] = ["127.0.0.0/8", "::1"];

const loopback = new Networks(LOOPBACK_NETWORKS);

/**
 * Splits a TCP address.
 *
 * @param address The address, in either form.
 * @returns The host, empty for all addresses, and the port.
 */
export function hostAndPort(
  address: Exclude<ServerAddress, { transport: "unix" }>,
): readonly [hostname: string, port: number] {
  return "port" in address ? [address.hostname, address.port] : address;
}

/**
 * Writes a host for a URL.
 *
 * @returns The host, with brackets around an IPv6 address.
 */
export function bracketIPv6(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/**
 * Returns whether only this machine can reach an address.
 *
 * @returns Whether it is a loopback address, or `localhost`.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || loopback.has(hostname);
}

/**
 * Returns whether an address means all addresses of the machine.
 *
 * @param hostname An address.
 * @returns Whether it is a wildcard.
 */
export function isWildcard(hostname: string): boolean {
  return hostname === "" || hostname === "::" || hostname === "0.0.0.0";
}

/**
 * Returns the addresses by which others on the network reach this machine.
 * Link-local IPv6 addresses are left out: they need a zone, which differs from
 * machine to machine.
 *
 * @param wildcard The address that the server listens on; `0.0.0.0` is IPv4
 * only.
 * @returns The addresses, IPv4 first; `undefined` without the permission
 * `--allow-sys=networkInterfaces`.
 */
export function networkAddresses(wildcard: string): string[] | undefined {
  const permission = { name: "sys", kind: "networkInterfaces" } as const;
  if (Deno.permissions.querySync(permission).state !== "granted") {
    return undefined;
  }
  return Deno.networkInterfaces()
    .filter(({ family }) => wildcard !== "0.0.0.0" || family === "IPv4")
    .map(({ address }) => address)
    .filter((address) => !isLoopback(address) && !/^fe[89ab]/i.test(address))
    .sort((a, b) => Number(a.includes(":")) - Number(b.includes(":")));
}
