// Copyright 2026 the pystd authors. MIT license.

/**
 * The `Host` field (RFC 9110 section 7.2), and the hosts that a server answers
 * to.
 *
 * This prevents DNS rebinding: `evil.example` serves a page, then changes the
 * address of its name to 127.0.0.1, so that the page can read a local server as
 * its own origin. The browser still sends `evil.example` in `Host`.
 *
 * @module
 */

import { Networks, parseAddress } from "./ip_address.ts";

/** A host and a port. */
export interface Authority {
  /** Name in lower case without a trailing dot, or address. */
  readonly host: string;
  /** Port, `undefined` if absent. */
  readonly port: number | undefined;
}

const AUTHORITY =
  /^(?:\[([0-9A-Fa-f:.]+)(?:%[^\]]*)?\]|([A-Za-z0-9._~!$&'()*+,;=%-]*))(?::([0-9]*))?$/;

/**
 * Parses a `Host` field.
 *
 * @returns The host and port; an IPv6 address has no brackets and zone.
 * `undefined` if the value is invalid.
 *
 * @example
 * ```ts
 * import { parseHost } from "./host.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(parseHost("LocalHost.:8000"), { host: "localhost", port: 8000 });
 * assertEquals(parseHost("[::1]"), { host: "::1", port: undefined });
 * ```
 */
export function parseHost(value: string): Authority | undefined {
  const match = AUTHORITY.exec(value);
  if (match === null) return undefined;
  const [, address, name, digits] = match;
  if (address !== undefined && parseAddress(address) === undefined) {
    return undefined;
  }
  const host = (address ?? name.replace(/\.$/, "")).toLowerCase();
  const port = digits ? Number(digits) : undefined;
  return port !== undefined && port > 65535 ? undefined : { host, port };
}

/** Characters of a host name before IDNA converts it to ASCII. */
const NAME = /^[^\x00-\x20\x7f/\\?#@:%*[\]]+$/;

/**
 * The hosts that a server answers to. A pattern is
 *
 * - a name: `share.example.org`;
 * - a name after a dot, which includes subdomains: `.example.org`;
 * - an IP address, or a network of them: `127.0.0.0/8`, `::/0`;
 * - `*`: any host.
 *
 * Ports are ignored.
 */
export class HostList {
  #any = false;
  #names = new Set<string>();
  #suffixes: string[] = [];
  #networks: Networks;
  /** The latest allowed value: a client sends the same one each time. */
  #last = "";

  /**
   * Parses patterns.
   *
   * @throws {SyntaxError} If a pattern is invalid.
   *
   * @example
   * ```ts
   * import { HostList } from "./host.ts";
   * import { assertEquals } from "@std/assert/equals";
   *
   * const hosts = new HostList([".localhost", "127.0.0.0/8"]);
   * assertEquals(hosts.allows("App.localhost:8000"), true);
   * assertEquals(hosts.allows("127.0.0.1.evil.example"), false);
   * ```
   */
  constructor(patterns: Iterable<string>) {
    const networks: string[] = [];
    for (const pattern of patterns) {
      if (pattern === "*") this.#any = true;
      else if (pattern.includes("/") || parseAddress(pattern) !== undefined) {
        networks.push(pattern);
      } else {
        const below = pattern.startsWith(".");
        const name = asciiName(below ? pattern.slice(1) : pattern);
        if (name === undefined) {
          throw new SyntaxError(
            `Cannot read the host "${pattern}": ` +
              'expected a name, ".name" with its subdomains, or "*"',
          );
        }
        this.#names.add(name);
        if (below) this.#suffixes.push(`.${name}`);
      }
    }
    this.#networks = new Networks(networks);
  }

  /**
   * Returns whether the server answers to a host.
   *
   * @param value The value of a `Host` field.
   */
  allows(value: string): boolean {
    if (value === this.#last || this.#any) return true;
    const host = parseHost(value)?.host;
    if (host === undefined) return false;
    const allowed = this.#names.has(host) ||
      this.#suffixes.some((suffix) => host.endsWith(suffix)) ||
      this.#networks.has(host);
    if (allowed) this.#last = value;
    return allowed;
  }
}

/** Converts a name as browsers do: lower case, by IDNA (RFC 5891). */
function asciiName(text: string): string | undefined {
  const url = `http://${text}/`;
  if (!NAME.test(text) || !URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  return hostname.replace(/\.$/, "") || undefined;
}
