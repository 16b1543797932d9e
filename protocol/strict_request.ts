// Copyright 2026 the pystd authors. MIT license.

/**
 * Checks that RFC 9112 requires and CPython does not make: one valid `Host`,
 * and a target in one of the four forms.
 *
 * @module
 */

import type { Fields } from "./fields.ts";
import { RequestError } from "./request_error.ts";

// RFC 3986 3.2: a registered name, an IPv4 address or an IP literal, a port.
const HOST =
  /^(?:[A-Za-z0-9._~!$&'()*+,;=-]|%[0-9A-Fa-f]{2})*(?::[0-9]*)?$|^\[[0-9A-Fa-f:.vV]+\](?::[0-9]*)?$/;

/** A valid target. */
export interface CheckedTarget {
  /**
   * The target in origin-form; `*` and the authority of a CONNECT stay as they
   * are.
   */
  readonly path: string;
  /** Host of an absolute-form, which replaces the `Host` field. */
  readonly host?: string;
  /** Whether the target is an absolute-form with the scheme `https`. */
  readonly secure?: boolean;
}

/**
 * Checks the target and the `Host` of a request.
 *
 * @param command The method.
 * @param target The request target, as sent.
 * @param atLeast11 Whether the request is HTTP/1.1 or higher.
 * @returns The target, or the error to answer with.
 */
export function checkTargetAndHost(
  command: string,
  target: string,
  fields: Fields,
  atLeast11: boolean,
): CheckedTarget | RequestError {
  // RFC 9112 3.2: 400 if Host is missing, repeated or invalid.
  const hosts = fields.count("host");
  if (hosts > 1 || (hosts === 0 && atLeast11)) {
    return new RequestError(
      400,
      hosts === 0 ? "Missing Host" : "Repeated Host",
    );
  }
  if (hosts === 1 && !HOST.test(fields.get("host")!)) {
    return new RequestError(400, "Bad Host");
  }
  // RFC 9112 3.2.3: the authority-form is for CONNECT only.
  const usable = command === "CONNECT"
    ? isAuthority(target)
    : target.startsWith("/") ||
      (command === "OPTIONS" && target === "*");
  if (usable) return { path: target };
  const absolute = command === "CONNECT" ? undefined : absoluteForm(target);
  return absolute ?? new RequestError(400, "Bad request target");
}

/** RFC 9110 9.3.6: a host and a valid port. */
function isAuthority(target: string): boolean {
  const port = /[^:]:0*([0-9]{1,5})$/.exec(target)?.[1];
  return port !== undefined && Number(port) > 0 && Number(port) <= 65535 &&
    HOST.test(target);
}

/** RFC 9112 3.2.2: a server must accept the absolute-form. */
function absoluteForm(target: string): CheckedTarget | undefined {
  const match = /^http(s?):\/\/([^/?#]*)(.*)$/is.exec(target);
  if (match === null) return undefined;
  const [, s, host, rest] = match;
  // RFC 9110 4.2.1: an empty host must be rejected, and a user name too.
  if (host === "" || host.startsWith(":") || !HOST.test(host)) return undefined;
  // RFC 9112 3.2.4: OPTIONS without a path would mean `*`; here, as for other
  // methods, it means the root.
  const path = rest.startsWith("/") ? rest : `/${rest}`;
  return { path, host, secure: s !== "" };
}
