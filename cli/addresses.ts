// Copyright 2026 the pystd authors. MIT license.

/**
 * Addresses, as the command shows them.
 *
 * @module
 */

import { Networks } from "../protocol/ip_address.ts";
import type { ServerAddress } from "../server/address.ts";

/** The addresses of a machine for itself. */
export const LOOPBACK_NETWORKS: readonly string[] = ["127.0.0.0/8", "::1"];

const loopback = new Networks(LOOPBACK_NETWORKS);

/**
 * The two parts of a TCP address.
 *
 * @param address The address, in either form.
 * @returns The host, empty if it is none in particular, and the port.
 */
export function hostAndPort(
  address: Exclude<ServerAddress, { transport: "unix" }>,
): readonly [hostname: string, port: number] {
  return "port" in address ? [address.hostname, address.port] : address;
}

/**
 * A host as it stands in a URL.
 *
 * @param hostname A name or an address.
 * @returns It, an IPv6 address in brackets.
 */
export function bracketIPv6(hostname: string): string {
  return hostname.includes(":") ? `[${hostname}]` : hostname;
}

/**
 * Whether nobody but this machine can reach an address.
 *
 * @param hostname A name or an address.
 * @returns Whether it is the machine's own.
 */
export function isLoopback(hostname: string): boolean {
  return hostname === "localhost" || loopback.has(hostname);
}

/**
 * Whether an address stands for all that the machine has.
 *
 * @param hostname An address.
 * @returns Whether it is a wildcard.
 */
export function isWildcard(hostname: string): boolean {
  return hostname === "" || hostname === "::" || hostname === "0.0.0.0";
}

/**
 * The addresses by which others on the network reach this machine. Link-local
 * IPv6 addresses are left out: they differ in meaning from machine to machine.
 *
 * @param wildcard What the server listens on: `0.0.0.0` takes IPv4 only.
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
