// Copyright 2026 the pystd authors. MIT license.

/**
 * `Content-Digest` and `Repr-Digest` (RFC 9530): checksums of a body.
 *
 * @module
 */

import { decodeBase64 } from "@std/encoding/base64";

/** A checksum to verify. */
export interface Digest {
  /** The algorithm, by its name in Node and OpenSSL. */
  readonly algorithm: "sha256" | "sha512";
  /** The checksum. */
  readonly value: Uint8Array;
}

/** Algorithms of RFC 9530 section 5 that are not broken, strongest first. */
const ALGORITHMS = [
  ["sha-512", "sha512", 64],
  ["sha-256", "sha256", 32],
] as const;

/**
 * Parses one of the fields, a dictionary of structured fields (RFC 9651).
 *
 * @returns The strongest supported checksum; `undefined` if there is none;
 * `"malformed"` if the field is malformed or a checksum has the wrong length.
 *
 * @example
 * ```ts
 * import { parseDigest } from "./digest_field.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(parseDigest("md5=:AAAA:"), undefined);
 * assertEquals(parseDigest("sha-256=:AAAA:"), "malformed");
 * ```
 */
export function parseDigest(value: string): Digest | "malformed" | undefined {
  const members = new Map<string, string>();
  for (const item of value.split(",")) {
    const match = /^[ \t]*([a-z*][a-z0-9_.*-]*)=:([A-Za-z0-9+/=]*):[ \t]*$/
      .exec(item);
    if (match === null) return "malformed";
    members.set(match[1], match[2]);
  }
  for (const [name, algorithm, length] of ALGORITHMS) {
    const text = members.get(name);
    if (text === undefined) continue;
    try {
      const bytes = decodeBase64(text);
      return bytes.length === length
        ? { algorithm, value: bytes }
        : "malformed";
    } catch {
      return "malformed";
    }
  }
  return undefined;
}
