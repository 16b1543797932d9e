// Copyright 2026 the pystd authors. MIT license.

/**
 * Apache's `$apr1$`: the default hash of `htpasswd`, 1000 rounds of MD5. It is
 * weak by today's standards, but supported because such files exist.
 *
 * Source: Poul-Henning Kamp's `crypt_md5`, with another prefix.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { createHash } from "node:crypto";
import { TimeSlices } from "../../../files/time_slices.ts";

const PREFIX = "$apr1$";
const ROUNDS = 1000;
/** Rounds between two checks of the clock: less than a millisecond. */
const STEP = 20;
const ALPHABET =
  "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/** The bytes of the digest that are encoded together, as four characters. */
const ORDER = [[0, 6, 12], [1, 7, 13], [2, 8, 14], [3, 9, 15], [4, 10, 5]];

/**
 * Hashes a password in slices, since a long one takes some 20 ms.
 *
 * @param password The password.
 * @param salt Up to eight characters.
 * @returns The hash, in the format of a password file.
 *
 * @example
 * ```ts
 * import { apr1 } from "./apr1.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(await apr1("myPassword", "r31....."), "$apr1$r31.....$HqJZimcKQFAMYayBlzkrA/");
 * ```
 */
export async function apr1(password: string, salt: string): Promise<string> {
  const pass = Buffer.from(password, "utf8");
  const salted = Buffer.from(salt.slice(0, 8), "latin1");
  const inner = md5(pass, salted, pass);
  const parts: Buffer[] = [pass, Buffer.from(PREFIX), salted];
  for (let left = pass.length; left > 0; left -= 16) {
    parts.push(inner.subarray(0, Math.min(16, left)));
  }
  for (let bits = pass.length; bits > 0; bits >>= 1) {
    parts.push(bits & 1 ? Buffer.alloc(1) : pass.subarray(0, 1));
  }
  let digest = md5(...parts);
  using slices = new TimeSlices();
  for (let round = 0; round < ROUNDS; round++) {
    digest = md5(
      round & 1 ? pass : digest,
      round % 3 ? salted : Buffer.alloc(0),
      round % 7 ? pass : Buffer.alloc(0),
      round & 1 ? digest : pass,
    );
    if (round % STEP === 0 && slices.over) await slices.pause();
  }
  const characters = ORDER.map(([a, b, c]) =>
    encode(digest[a] << 16 | digest[b] << 8 | digest[c], 4)
  );
  return `${PREFIX}${salt.slice(0, 8)}$${characters.join("")}${
    encode(digest[11], 2)
  }`;
}

function md5(...parts: Uint8Array[]): Buffer {
  const hash = createHash("md5");
  for (const part of parts) hash.update(part);
  return hash.digest();
}

/** Encodes six bits as a character, the lowest first. */
function encode(value: number, count: number): string {
  let text = "";
  for (; count > 0; count--, value >>= 6) text += ALPHABET[value & 0x3f];
  return text;
}
