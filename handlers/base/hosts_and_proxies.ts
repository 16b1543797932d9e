// Copyright 2026 the pystd authors. MIT license.

/**
 * Which hosts a class of handlers answers to, and which proxies it believes.
 *
 * @module
 */

import type { Fields } from "../../protocol/fields.ts";
import { HostList } from "../../protocol/host.ts";
import { Networks } from "../../protocol/ip_address.ts";

let lastHosts: { patterns: readonly string[]; list: HostList } | undefined;

/**
 * The hosts that some patterns stand for: parsed once while they stay.
 *
 * @param patterns See {@linkcode HostList}.
 * @returns The hosts.
 * @throws {SyntaxError} If a pattern is none.
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
 * Tells trusted proxies from others: parsed once while they stay.
 *
 * @param texts Addresses, networks, and `unix`.
 * @returns Whether an address is that of a trusted proxy.
 * @throws {SyntaxError} If one is none of these.
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
 * Looks for a host that a request names and the server does not answer to. A
 * request that names none is left alone: every browser names one.
 *
 * @param patterns The hosts that the server answers to.
 * @param target The request target; HTTP/1.0 handlers take it as it was sent.
 * @param fields The header fields.
 * @param forwarded The host that a trusted proxy tells.
 * @returns The host, `undefined` if there is none.
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
