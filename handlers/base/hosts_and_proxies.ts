// Copyright 2026 the pystd authors. MIT license.

/**
 * The hosts that a handler class answers to, and the proxies that it trusts.
 *
 * @module
 */

import type { Fields } from "../../protocol/fields.ts";
import { HostList } from "../../protocol/host.ts";
import { Networks } from "../../protocol/ip_address.ts";

let lastHosts: { patterns: readonly string[]; list: HostList } | undefined;

/**
 * Parses patterns of hosts, once for the same array.
 *
 * @param patterns See {@linkcode HostList}.
 * @returns The hosts.
 * @throws {SyntaxError} If a pattern is invalid.
 */
export function parsedHosts(patterns: readonly string[]): HostList {
  if (lastHosts?.patterns !== patterns) {
    lastHosts = { patterns, list: new HostList(patterns) };
  }
  return lastHosts.list;
}

type Trusts = (address: string) => boolean;

let lastProxies: { texts: readonly string[]; trusts: Trusts } | undefined;

/**
 * Parses the addresses of trusted proxies, once for the same array.
 *
 * @param texts Addresses, networks, and `unix`.
 * @returns A function that tells whether an address is a trusted proxy's.
 * @throws {SyntaxError} If a text is invalid.
 */
export function trustedProxyCheck(texts: readonly string[]): Trusts {
  if (lastProxies?.texts !== texts) {
    const networks = new Networks(texts.filter((text) => text !== "unix"));
    const unix = texts.includes("unix");
    const trusts = (address: string): boolean =>
      address === "unix" ? unix : networks.has(address);
    lastProxies = { texts, trusts };
  }
  return lastProxies.trusts;
}

const ABSOLUTE = /^[A-Za-z][A-Za-z0-9+.-]*:\/\/([^/?#]*)/;

/**
 * Returns the host that a request names, if the server does not answer to it. A
 * request that names none passes: every browser names one.
 *
 * @param patterns The hosts that the server answers to.
 * @param target The request target; for HTTP/1.0 handlers as sent.
 * @param fields The header fields.
 * @param forwarded The host in the fields of a trusted proxy.
 * @returns The host; `undefined` if the request passes.
 */
export function disallowedHost(
  patterns: readonly string[],
  target: string,
  fields: Fields,
  forwarded: string | undefined,
): string | undefined {
  const list = parsedHosts(patterns);
  const named = fields.get("host");
  if (named && !list.allows(named)) return named;
  if (forwarded !== undefined && !list.allows(forwarded)) return forwarded;
  if (target.startsWith("/")) return undefined;
  const authority = ABSOLUTE.exec(target)?.[1];
  return authority && !list.allows(authority) ? authority : undefined;
}
