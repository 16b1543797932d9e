// Copyright 2026 the pystd authors. MIT license.

/**
 * Basic authentication (RFC 7617), in UTF-8.
 *
 * @module
 */

import { decodeBase64 } from "@std/encoding/base64";

/** The user name and password of a request. */
export interface BasicCredentials {
  /** The user name, without a colon. */
  readonly user: string;
  /** The password. */
  readonly password: string;
}

/**
 * Parses an `Authorization` field.
 *
 * @returns The credentials; `undefined` if they are invalid, or not Basic.
 *
 * @example
 * ```ts
 * import { parseBasic } from "./basic_auth.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(parseBasic("Basic dGVzdDoxMjPCow=="), {
 *   user: "test",
 *   password: "123\u00a3",
 * });
 * assertEquals(parseBasic("Bearer x"), undefined);
 * ```
 */
export function parseBasic(value: string): BasicCredentials | undefined {
  const match = /^basic +([A-Za-z0-9+/]+={0,2}) *$/i.exec(value);
  if (match === null) return undefined;
  try {
    const text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true })
      .decode(decodeBase64(match[1]));
    const colon = text.indexOf(":");
    // RFC 7617 section 2: no control characters in either.
    if (colon === -1 || /[\x00-\x1f\x7f]/.test(text)) return undefined;
    return { user: text.slice(0, colon), password: text.slice(colon + 1) };
  } catch {
    return undefined;
  }
}

/**
 * Formats a `WWW-Authenticate` field that asks for credentials.
 *
 * @param realm The name of the protected area: plain text without quotes.
 *
 * @example
 * ```ts
 * import { basicChallenge } from "./basic_auth.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(basicChallenge("files"), 'Basic realm="files", charset="UTF-8"');
 * ```
 */
export function basicChallenge(realm: string): string {
  return `Basic realm="${realm}", charset="UTF-8"`;
}
