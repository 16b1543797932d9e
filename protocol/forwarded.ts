// Copyright 2026 the pystd authors. MIT license.

/**
 * The client of a request that came through proxies: `Forwarded` (RFC 7239), or
 * `X-Forwarded-For`, `X-Forwarded-Proto` and `X-Forwarded-Host`.
 *
 * Each proxy appends the address of its own client. The list is therefore read
 * from the right, as long as a trusted proxy wrote the entry. Entries further
 * left can be forged by the client.
 *
 *     X-Forwarded-For: 6.6.6.6, 192.0.2.7, 10.0.0.2     from 10.0.0.1
 *                      forged   the client  a proxy          a proxy
 *
 * @module
 */

import { type Fields, trimOws } from "./fields.ts";
import { parseHost } from "./host.ts";
import { formatIPv4, isIPv4, parseAddress } from "./ip_address.ts";

/** The request as it reached the first trusted proxy. */
export interface Forwarded {
  /** Address of the client. */
  readonly address: string;
  /** Scheme of the request; `undefined` if unknown. */
  readonly proto: "http" | "https" | undefined;
  /** `Host` of the request; `undefined` if unknown. */
  readonly host: string | undefined;
}

/** An entry of the list; missing and invalid parts are absent. */
interface Hop {
  address?: string;
  proto?: "http" | "https";
  host?: string;
}

/**
 * Finds the client of a request that came from a trusted proxy.
 *
 * A proxy that writes one kind of field may pass on the other kind from a
 * client unchanged. Where the two kinds disagree, both are ignored.
 *
 * @param peer The address of the proxy, or `unix`.
 * @param fields The header fields.
 * @param trusts Returns whether an address is a trusted proxy.
 * @returns The client; the proxy itself if the fields say nothing.
 *
 * @example
 * ```ts
 * import { Fields } from "./fields.ts";
 * import { resolveForwarded } from "./forwarded.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const fields = Fields.from([["X-Forwarded-For", "6.6.6.6, 192.0.2.7"]]);
 * const { address } = resolveForwarded("127.0.0.1", fields, () => false);
 * assertEquals(address, "192.0.2.7");
 * ```
 */
export function resolveForwarded(
  peer: string,
  fields: Fields,
  trusts: (address: string) => boolean,
): Forwarded {
  const standard = fields.get("forwarded");
  const hasXForwarded = X_FORWARDED_FIELDS.some((name) =>
    fields.count(name) > 0
  );
  const fromStandard = standard === undefined
    ? undefined
    : walk(peer, parseForwarded(standard), trusts);
  if (fromStandard !== undefined && !hasXForwarded) return fromStandard;
  const fromX = walk(peer, parseXForwarded(fields), trusts);
  return fromStandard === undefined ? fromX : agreed(peer, fromStandard, fromX);
}

const X_FORWARDED_FIELDS = [
  "x-forwarded-for",
  "x-forwarded-proto",
  "x-forwarded-host",
];

function agreed(peer: string, one: Forwarded, other: Forwarded): Forwarded {
  const same = <T>(a: T, b: T): T | undefined => a === b ? a : undefined;
  return {
    address: same(one.address, other.address) ?? peer,
    proto: same(one.proto, other.proto),
    host: same(one.host, other.host),
  };
}

/** Reads entries from the right, as long as a trusted proxy wrote them. */
function walk(
  peer: string,
  hops: readonly Hop[],
  trusts: (address: string) => boolean,
): Forwarded {
  let address = peer;
  let last: Hop | undefined;
  for (let i = hops.length - 1; i >= 0; i--) {
    last = hops[i]!;
    if (last.address === undefined) break;
    address = last.address;
    if (!trusts(address)) break;
  }
  return { address, proto: last?.proto, host: last?.host };
}

function parseXForwarded(fields: Fields): Hop[] {
  const [addresses, protos, hosts] = X_FORWARDED_FIELDS.map((name) =>
    fields.get(name)?.split(",").map(trimOws) ?? []
  );
  const count = Math.max(addresses.length, 1);
  // A single value is about the client of the last proxy.
  const at = (values: string[], i: number): string | undefined =>
    values.length === count ? values[i] : values.at(-1);
  return Array.from({ length: count }, (_, i) => ({
    address: nodeAddress(addresses[i]),
    proto: schemeOf(at(protos, i)),
    host: hostOf(at(hosts, i)),
  }));
}

const TOKEN = "[!#$%&'*+.^_`|~0-9A-Za-z-]+";
const PAIR = new RegExp(
  `[ \\t]*(${TOKEN})=(${TOKEN}|"(?:[^"\\\\]|\\\\.)*")[ \\t]*`,
  "y",
);

/** RFC 7239 section 4: commas separate elements, semicolons their pairs. */
function parseForwarded(value: string): Hop[] {
  const hops: Hop[] = [];
  let pairs = new Map<string, string>();
  let at = 0;
  while (at <= value.length) {
    PAIR.lastIndex = at;
    const match = PAIR.exec(value);
    // A malformed part could hide a comma: ignore the whole field.
    if (match === null) return [];
    const [whole, name, text] = match;
    const key = name.toLowerCase();
    if (pairs.has(key)) return [];
    pairs.set(key, unquoted(text));
    at += whole.length;
    if (at < value.length && value[at] !== "," && value[at] !== ";") return [];
    if (at === value.length || value[at] === ",") {
      hops.push({
        address: nodeAddress(pairs.get("for")),
        proto: schemeOf(pairs.get("proto")),
        host: hostOf(pairs.get("host")),
      });
      pairs = new Map();
    }
    at++;
  }
  return hops;
}

function unquoted(text: string): string {
  return text.startsWith('"')
    ? text.slice(1, -1).replace(/\\(.)/g, "$1")
    : text;
}

/** Returns the address of a node (section 6), without its port. */
function nodeAddress(node: string | undefined): string | undefined {
  if (node === undefined) return undefined;
  const [, inBrackets] = /^\[([^\]]*)\](?::\d{1,5})?$/.exec(node) ?? [];
  const [, before] = /^([^:]*):\d{1,5}$/.exec(node) ?? [];
  const text = inBrackets ?? before ?? node;
  const address = parseAddress(text);
  if (address === undefined) return undefined;
  return isIPv4(address) ? formatIPv4(address) : text.toLowerCase();
}

function schemeOf(text: string | undefined): "http" | "https" | undefined {
  const scheme = text?.toLowerCase();
  return scheme === "http" || scheme === "https" ? scheme : undefined;
}

function hostOf(text: string | undefined): string | undefined {
  return text && parseHost(text) !== undefined ? text : undefined;
}
