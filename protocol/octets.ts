// Copyright 2026 the pystd authors. MIT license.

/**
 * The octet classes of HTTP's grammar (RFC 9110 sections 5.5 and 5.6.2), as one
 * table of bits: a parser needs one lookup per byte.
 *
 * @module
 */

/** Line feed. */
export const LF = 10;
/** Carriage return. */
export const CR = 13;
/** Space. */
export const SP = 32;
/** Horizontal tab. */
export const HTAB = 9;
/** `:`. */
export const COLON = 58;

/** Octets of a token: a method, a field name (RFC 9110 5.6.2). */
export const TOKEN = 1;
/** Octets of a field value: VCHAR, obs-text, space, tab (RFC 9110 5.5). */
export const FIELD_VALUE = 2;
/** Octets of a request target: VCHAR and obs-text. */
export const TARGET = 4;

/** The classes of each octet. */
export const OCTET_CLASS: Uint8Array = makeOctetClasses();

function makeOctetClasses(): Uint8Array {
  const table = new Uint8Array(256);
  for (let octet = 0; octet < table.length; octet++) {
    const visible = octet > SP && octet !== 0x7f;
    if (visible) table[octet] |= FIELD_VALUE | TARGET;
    if (octet === SP || octet === HTAB) table[octet] |= FIELD_VALUE;
  }
  const tokens =
    "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  for (const token of tokens) table[token.charCodeAt(0)] |= TOKEN;
  return table;
}

/**
 * Returns the value of a hexadecimal digit.
 *
 * @returns The value; -1 if the octet is not a digit.
 */
export function hexDigit(octet: number): number {
  if (octet >= 0x30 && octet <= 0x39) return octet - 0x30;
  const letter = octet | 0x20;
  return letter >= 0x61 && letter <= 0x66 ? letter - 0x57 : -1;
}

/**
 * Returns whether a text is a token, such as a method or a field name (RFC 9110
 * section 5.6.2).
 *
 * @param text The text, one character per octet.
 */
export function isToken(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    // Beyond the table, the class is `undefined`: not a token.
    if ((OCTET_CLASS[text.charCodeAt(i)] & TOKEN) === 0) return false;
  }
  return text.length > 0;
}
