// Copyright 2026 the pystd authors. MIT license.

/**
 * The value of a `Host` field (RFC 9110 section 7.2), and which of them a
 * server answers to.
 *
 * A page that was loaded from `evil.example` may have the browser ask
 * `evil.example` again when that name has come to stand for 127.0.0.1: DNS
 * rebinding. The browser takes the answer for one of the page's own origin. It
 * still sends the name, by which a server can tell.
 *
 * @module
 */

import { Networks, parseAddress } from "./ip_address.ts";

/** A host and a port. */
export interface Authority {
  /** The name in lower case without a dot at its end, or the address. */
  readonly host: string;
  /** The port, `undefined` if there is none. */
  readonly port: number | undefined;
}

const AUTHORITY =
  /^(?:\[([0-9A-Fa-f:.]+)(?:%[^\]]*)?\]|([A-Za-z0-9._~!$&'()*+,;=%-]*))(?::([0-9]*))?$/;

/**
 * Takes the value of a `Host` field apart.
 *
 * @param value The value.
 * @returns Its parts, an IPv6 address without brackets and zone; `undefined`
 * if it is no host.
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

/** Characters of a name, before IDNA makes ASCII of it. */
const NAME = /^[^\x00-\x20\x7f/\\?#@:%*[\]]+$/;

/**
 * The hosts that a server answers to. A pattern is
 *
 * - a name: `share.example.org`;
 * - a name behind a dot, with all names below it: `.example.org`;
 * - an IP address, or a network of them: `127.0.0.0/8`, `::/0`;
 * - `*`: any host.
 *
 * Ports do not matter.
 */
export class HostList {
  #any = false;
  #names = new Set<string>();
  #suffixes: string[] = [];
  #networks: Networks;
  /** What was allowed last: what one client sends stays the same. */
  #last = "";

  /**
   * Reads patterns.
   *
   * @param patterns The patterns.
   * @throws {SyntaxError} If one is none.
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
              'a name, ".name" with all below it, or "*" is needed',
          );
        }
        this.#names.add(name);
        if (below) this.#suffixes.push(`.${name}`);
      }
    }
    this.#networks = new Networks(networks);
  }

  /**
   * Whether the server answers to a host.
   *
   * @param value The value of a `Host` field.
   * @returns Whether it does.
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

/** A name as browsers send it: in lower case, by IDNA (RFC 5891). */
function asciiName(text: string): string | undefined {
  const url = `http://${text}/`;
  if (!NAME.test(text) || !URL.canParse(url)) return undefined;
  const { hostname } = new URL(url);
  return hostname.replace(/\.$/, "") || undefined;
}
