// Copyright 2026 the pystd authors. MIT license.

/**
 * IP addresses and networks, as 128-bit numbers. An IPv4 address becomes its
 * IPv4-mapped IPv6 address (RFC 4291 section 2.5.5.2), so that `127.0.0.1`
 * equals `::ffff:127.0.0.1`.
 *
 * @module
 */

/** `::ffff:0:0/96` */
const MAPPED = 0xffffn << 32n;

/**
 * Parses an IP address.
 *
 * @param text An IPv4 address in four decimal numbers, or an IPv6 address
 * without brackets and zone.
 * @returns The number, `undefined` if the text is not an address.
 *
 * @example
 * ```ts
 * import { parseAddress } from "./ip_address.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(parseAddress("::1"), 1n);
 * assertEquals(parseAddress("127.1"), undefined);
 * ```
 */
export function parseAddress(text: string): bigint | undefined {
  if (!text.includes(":")) {
    const low = parseIPv4(text);
    return low === undefined ? undefined : MAPPED | low;
  }
  const halves = text.split("::");
  if (halves.length > 2) return undefined;
  const [head, tail] = halves.map((half, i) =>
    parseGroups(half, i === halves.length - 1)
  );
  if (head === undefined || (halves.length === 2 && tail === undefined)) {
    return undefined;
  }
  const missing = 8 - head.length - (tail?.length ?? 0);
  if (tail === undefined ? missing !== 0 : missing < 1) return undefined;
  const groups = [...head, ...Array(missing).fill(0n), ...tail ?? []];
  return groups.reduce((number, group) => number << 16n | group, 0n);
}

/**
 * Parses the groups on one side of `::`; a final IPv4 address is two groups.
 */
function parseGroups(text: string, isEnd: boolean): bigint[] | undefined {
  if (text === "") return [];
  const groups: bigint[] = [];
  const words = text.split(":");
  for (const [i, word] of words.entries()) {
    const isLast = isEnd && i === words.length - 1;
    const low = isLast ? parseIPv4(word) : undefined;
    if (low !== undefined) groups.push(low >> 16n, low & 0xffffn);
    else if (/^[0-9A-Fa-f]{1,4}$/.test(word)) groups.push(BigInt(`0x${word}`));
    else return undefined;
  }
  return groups;
}

function parseIPv4(text: string): bigint | undefined {
  const octets = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(text)
    ?.slice(1);
  // Programs disagree on whether a leading zero means octal.
  if (octets?.every((octet) => /^(?:0|[1-9]\d*)$/.test(octet)) !== true) {
    return undefined;
  }
  if (octets.some((octet) => Number(octet) > 255)) return undefined;
  return octets.reduce((number, octet) => number << 8n | BigInt(octet), 0n);
}

/** Returns whether a text is an IP address, without brackets and zone. */
export function isIPAddress(text: string): boolean {
  return parseAddress(text) !== undefined;
}

/**
 * Returns whether an address is IPv4 or IPv4-mapped IPv6.
 *
 * @param address The address, from {@linkcode parseAddress}.
 */
export function isIPv4(address: bigint): boolean {
  return address >> 32n === 0xffffn;
}

/**
 * Formats an IPv4 or IPv4-mapped IPv6 address as four decimal numbers.
 *
 * @param address The address, from {@linkcode parseAddress}.
 */
export function formatIPv4(address: bigint): string {
  return [24n, 16n, 8n, 0n].map((bits) => address >> bits & 255n).join(".");
}

/** A network: addresses that share a prefix. */
interface Network {
  first: bigint;
  /** Number of bits after the prefix. */
  free: bigint;
}

/**
 * A set of IP addresses and networks.
 *
 * @example
 * ```ts
 * import { Networks } from "./ip_address.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const networks = new Networks(["127.0.0.0/8", "::1"]);
 * assertEquals(networks.has("127.1.2.3"), true);
 * assertEquals(networks.has("::2"), false);
 * ```
 */
export class Networks {
  #networks: Network[];

  /**
   * Parses addresses and networks.
   *
   * @param texts Each `ADDRESS` or `ADDRESS/BITS` (RFC 4632, RFC 4291).
   * @throws {SyntaxError} If one is neither.
   */
  constructor(texts: Iterable<string>) {
    this.#networks = [...texts].map(parseNetwork);
  }

  /**
   * Returns whether the set contains an address.
   *
   * @returns Whether it does; `false` if the text is not an address.
   */
  has(address: string): boolean {
    const number = parseAddress(address);
    return number !== undefined &&
      this.#networks.some(({ first, free }) => (number ^ first) >> free === 0n);
  }
}

function parseNetwork(text: string): Network {
  const [, address, bits] = /^([^/]*)(?:\/(\d{1,3}))?$/.exec(text) ?? [];
  const first = address === undefined ? undefined : parseAddress(address);
  if (first !== undefined) {
    const most = address.includes(":") ? 128 : 32;
    const free = most - Number(bits ?? most);
    if (free >= 0) return { first, free: BigInt(free) };
  }
  throw new SyntaxError(
    `Cannot read the network "${text}": expected ADDRESS or ADDRESS/BITS`,
  );
}
