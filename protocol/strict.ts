// Copyright 2026 the pystd authors. MIT license.

/**
 * What RFC 9112 asks of a request on top of its grammar, and CPython does not:
 * one valid `Host`, and a target in one of the four forms.
 *
 * @module
 */

import type { Fields } from "./fields.ts";
import { RequestError } from "./request_error.ts";

// RFC 3986 3.2: a registered name, an IPv4 address or an IP literal, a port.
const HOST =
  /^(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*(?::[0-9]*)?$|^\[[0-9A-Fa-f:.vV]+\](?::[0-9]*)?$/;

/**
 * Checks the target and the `Host` of a request.
 *
 * @param command The method.
 * @param target The request target as it was sent.
 * @param fields The header fields.
 * @param atLeast11 Whether the request is HTTP/1.1 or higher.
 * @returns The target in origin-form, or as it was where it has none (`*`, the
 * authority of a CONNECT); or the error to answer with.
 */
export function checkStrictly(
  command: string,
  target: string,
  fields: Fields,
  atLeast11: boolean,
): string | RequestError {
  // RFC 9112 3.2: MUST respond 400 to none, to more than one, to an invalid.
  const hosts = fields.count("host");
  if (hosts > 1 || (hosts === 0 && atLeast11)) {
    return new RequestError(400, hosts > 1 ? "Repeated Host" : "Missing Host");
  }
  if (hosts === 1 && !HOST.test(fields.get("host")!)) {
    return new RequestError(400, "Bad Host");
  }
  if (target.charCodeAt(0) === 0x2f) return target;
  if (command === "OPTIONS" && target === "*") return target;
  if (command === "CONNECT" && HOST.test(target)) return target;
  return originForm(target) ?? new RequestError(400, "Bad request target");
}

/** RFC 9112 3.2.2: a server MUST accept the absolute-form. */
function originForm(target: string): string | undefined {
  const match = /^https?:\/\/([^/?#]*)(.*)$/is.exec(target);
  if (match === null || match[1] === "" || !HOST.test(match[1])) {
    return undefined;
  }
  return match[2].startsWith("/") ? match[2] : `/${match[2]}`;
}
