// Copyright 2026 the pystd authors. MIT license.

/**
 * The fields of COPY and MOVE (RFC 4918 section 10): `Destination`, `Overwrite`
 * and `Depth`.
 *
 * @module
 */

import { parseHost } from "../host.ts";
import { RequestError } from "../request_error.ts";

const ABSOLUTE = /^(https?):\/\/([^/?#]*)(.*)$/i;
const DEFAULT_PORTS: Readonly<Record<string, number>> = {
  http: 80,
  https: 443,
};

/**
 * Parses a `Destination` (section 10.3), or another reference to a resource of
 * this server. The scheme may be `http` or `https`, since a proxy may speak
 * another one with the client.
 *
 * @param value The value of the field; `undefined` if it is absent.
 * @param host The value of the request's `Host`.
 * @param prefix The path under which the server is published, without a slash at
 * its end.
 * @returns The target: an absolute path below the prefix, still escaped.
 * @throws {RequestError} 400 if it is absent or malformed, 502 if it is on another
 * server.
 *
 * @example
 * ```ts
 * import { parseDestination } from "./destination.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const target = parseDestination("http://h:8000/a%20b", "h:8000", "");
 * assertEquals(target, "/a%20b");
 * ```
 */
export function parseDestination(
  value: string | undefined,
  host: string | undefined,
  prefix: string,
): string {
  if (value === undefined) {
    throw new RequestError(400, "The Destination is missing");
  }
  let path = value;
  if (!value.startsWith("/")) {
    const [, scheme, authority, rest] = ABSOLUTE.exec(value) ?? [];
    if (scheme === undefined) {
      // Another scheme is another server, anything else is no URL.
      const isUrl = /^[a-z][a-z0-9+.-]*:/i.test(value);
      throw isUrl ? elsewhere() : malformed();
    }
    if (!isSameHost(authority, host, scheme.toLowerCase())) throw elsewhere();
    path = rest === "" ? "/" : rest;
  } else if (value.startsWith("//")) throw elsewhere();
  if (!path.startsWith("/") || path.includes("#")) throw malformed();
  if (/[\x00-\x20\x7f]/.test(path)) throw malformed();
  if (prefix === "") return path;
  if (!path.startsWith(`${prefix}/`)) throw elsewhere();
  return path.slice(prefix.length);
}

/**
 * Parses `Overwrite` (section 10.6).
 *
 * @param value The value of the field; `undefined` if it is absent.
 * @returns Whether to replace what is at the destination: true if absent.
 * @throws {RequestError} 400 if it is malformed.
 */
export function parseOverwrite(value: string | undefined): boolean {
  if (value === undefined || value === "T" || value === "t") return true;
  if (value === "F" || value === "f") return false;
  throw new RequestError(400, "Bad Overwrite");
}

/** The value of `Depth`. */
export type Depth = 0 | 1 | "infinity";

/**
 * Parses `Depth` (section 10.2).
 *
 * @param value The value of the field; `undefined` if it is absent.
 * @param allowed The values that the method allows.
 * @returns The depth; `infinity` if the field is absent.
 * @throws {RequestError} 400 if it is malformed, or not allowed.
 */
export function parseDepth(
  value: string | undefined,
  allowed: readonly Depth[],
): Depth {
  const depth = value === undefined ? "infinity" : DEPTHS[value.toLowerCase()];
  if (depth !== undefined && allowed.includes(depth)) return depth;
  throw new RequestError(400, "Bad Depth");
}

const DEPTHS: Readonly<Record<string, Depth | undefined>> = {
  "0": 0,
  "1": 1,
  "infinity": "infinity",
};

function isSameHost(
  authority: string,
  host: string | undefined,
  scheme: string,
): boolean {
  const a = parseHost(authority);
  const b = host === undefined ? undefined : parseHost(host);
  if (a === undefined || b === undefined || a.host !== b.host) return false;
  const port = DEFAULT_PORTS[scheme];
  return (a.port ?? port) === (b.port ?? port);
}

function malformed(): RequestError {
  return new RequestError(400, "Bad Destination");
}

function elsewhere(): RequestError {
  return new RequestError(502, "The destination is on another server");
}
