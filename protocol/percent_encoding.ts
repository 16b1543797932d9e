// Copyright 2026 the pystd authors. MIT license.

/**
 * Percent-encoding as in Python's `urllib.parse`: `quote()`, and `unquote()`
 * with the two ways in which `http.server` handles escapes that are not UTF-8.
 *
 * A target is latin-1 text. Only escapes are decoded as UTF-8; raw bytes stay
 * single characters.
 *
 * @module
 */

import { hexDigit } from "./octets.ts";

const PERCENT = 0x25;

/** The character for bytes that are not UTF-8. */
const REPLACEMENT = "\ufffd";

// In a path, a byte order mark is an ordinary character.
const LENIENT = new TextDecoder("utf-8", { ignoreBOM: true });
const STRICT = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });

/** The escape sequence of each byte. */
const ESCAPES: readonly string[] = Array.from(
  { length: 0x100 },
  (_, byte) => "%" + byte.toString(16).toUpperCase().padStart(2, "0"),
);

/** 1 for each character that `quote()` does not escape: unreserved, and `/`. */
const UNESCAPED: Uint8Array = buildUnescaped();

/**
 * Decodes escapes as UTF-8, and bytes that are not UTF-8 as U+FFFD. A `%` that
 * does not start an escape stays. (`urllib.parse.unquote(text)`)
 *
 * @param text The escaped text.
 *
 * @example
 * ```ts
 * import { unquote } from "./percent_encoding.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(unquote("/caf%C3%A9%20100%"), "/caf\u00e9 100%");
 * assertEquals(unquote("/caf%E9"), "/caf\ufffd");
 * ```
 */
export function unquote(text: string): string {
  // Fast path: few targets have escapes.
  if (!text.includes("%")) return text;
  try {
    // Fast path: every `%` starts an escape, and the escapes are UTF-8.
    return decodeURIComponent(text);
  } catch {
    return unquoteRuns(text, decodeLeniently) ?? text;
  }
}

/**
 * Decodes escapes in a path, as `SimpleHTTPRequestHandler` does. Unlike
 * {@linkcode unquote}, escaped surrogates (`%ED%A0%80`) become lone surrogates
 * if all other escapes are UTF-8. No file has such a name, and `isWellFormed()`
 * detects it. (CPython: `unquote(path, errors="surrogatepass")`, and
 * `unquote(path)` if that raises.)
 *
 * Differs from CPython: an escaped surrogate pair becomes U+FFFD. In a
 * JavaScript string the pair would be one character, and could name a file.
 *
 * @param text The escaped path.
 *
 * @example
 * ```ts
 * import { unquotePath } from "./percent_encoding.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(unquotePath("/a%2Fb"), "/a/b");
 * assertEquals(unquotePath("/%ED%A0%80").isWellFormed(), false);
 * ```
 */
export function unquotePath(text: string): string {
  const replaced = unquote(text);
  // Without a replacement character, all escapes were UTF-8.
  if (!replaced.includes(REPLACEMENT)) return replaced;
  return unquoteRuns(text, decodeSurrogates) ?? replaced;
}

/**
 * Escapes the UTF-8 bytes of a text for a path, except `A-Z`, `a-z`, `0-9` and
 * `_.-~/`. Lone surrogates are encoded like characters.
 * (`urllib.parse.quote(text, errors="surrogatepass")`)
 *
 * @example
 * ```ts
 * import { quote } from "./percent_encoding.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(quote("sub/caf\u00e9 (1).txt"), "sub/caf%C3%A9%20%281%29.txt");
 * ```
 */
export function quote(text: string): string {
  let escaped = "";
  let done = 0; // text before this index is in `escaped`
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (unit < 0x80 && UNESCAPED[unit] === 1) continue;
    escaped += text.slice(done, i);
    const code = text.codePointAt(i)!;
    if (code > 0xffff) i++;
    escaped += escapeCode(code);
    done = i + 1;
  }
  return done === 0 ? text : escaped + text.slice(done);
}

/** Escapes the UTF-8 bytes of one character. */
function escapeCode(code: number): string {
  if (code < 0x80) return ESCAPES[code];
  const last = ESCAPES[0x80 | (code & 0x3f)];
  if (code < 0x800) return ESCAPES[0xc0 | (code >> 6)] + last;
  const middle = ESCAPES[0x80 | ((code >> 6) & 0x3f)];
  if (code < 0x10000) return ESCAPES[0xe0 | (code >> 12)] + middle + last;
  return ESCAPES[0xf0 | (code >> 18)] +
    ESCAPES[0x80 | ((code >> 12) & 0x3f)] + middle + last;
}

/**
 * Replaces each run of escapes by its decoded text. Returns `undefined` if
 * `decode` does.
 */
function unquoteRuns(
  text: string,
  decode: (bytes: Uint8Array) => string | undefined,
): string | undefined {
  let unquoted = "";
  let done = 0; // text before this index is in `unquoted`
  let start = text.indexOf("%");
  while (start !== -1) {
    let end = start;
    while (readEscape(text, end) !== -1) end += 3;
    if (end === start) { // a `%` without an escape
      start = text.indexOf("%", start + 1);
      continue;
    }
    const decoded = decode(readEscapes(text, start, end));
    if (decoded === undefined) return undefined;
    unquoted += text.slice(done, start) + decoded;
    done = end;
    start = text.indexOf("%", end);
  }
  return done === 0 ? text : unquoted + text.slice(done);
}

/** Returns the bytes of the escapes from `start` to `end`. */
function readEscapes(text: string, start: number, end: number): Uint8Array {
  const bytes = new Uint8Array((end - start) / 3);
  for (let i = 0; i < bytes.length; i++) {
    bytes[i] = readEscape(text, start + 3 * i);
  }
  return bytes;
}

/** Returns the byte of the escape at `index`; -1 if there is none. */
function readEscape(text: string, index: number): number {
  if (text.charCodeAt(index) !== PERCENT) return -1;
  // Beyond the end, `charCodeAt()` is NaN: not a digit.
  const high = hexDigit(text.charCodeAt(index + 1));
  const low = hexDigit(text.charCodeAt(index + 2));
  return high < 0 || low < 0 ? -1 : high << 4 | low;
}

function decodeLeniently(bytes: Uint8Array): string {
  return LENIENT.decode(bytes);
}

/**
 * Decodes UTF-8 with lone surrogates. Returns `undefined` for anything else
 * that is not UTF-8, and for a surrogate pair.
 */
function decodeSurrogates(bytes: Uint8Array): string | undefined {
  let text = "";
  let done = 0; // bytes before this index are in `text`
  let previous = 0; // the surrogate that ends at `done`, or 0
  try {
    // ED is always a first byte, so this cannot match within a character.
    for (let i = 0; i < bytes.length; i++) {
      if (bytes[i] !== 0xed || (bytes[i + 1] & 0xe0) !== 0xa0) continue;
      if ((bytes[i + 2] & 0xc0) !== 0x80) return undefined;
      const surrogate = 0xd000 | (bytes[i + 1] & 0x3f) << 6 |
        (bytes[i + 2] & 0x3f);
      const follows = done === i && previous !== 0;
      if (follows && previous < 0xdc00 && surrogate >= 0xdc00) return undefined;
      text += STRICT.decode(bytes.subarray(done, i)) +
        String.fromCharCode(surrogate);
      previous = surrogate;
      done = i + 3;
      i += 2;
    }
    return text + STRICT.decode(bytes.subarray(done));
  } catch {
    return undefined; // not UTF-8
  }
}

function buildUnescaped(): Uint8Array {
  const unescaped = new Uint8Array(0x80);
  const characters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" +
    "0123456789_.-~/";
  for (const character of characters) unescaped[character.charCodeAt(0)] = 1;
  return unescaped;
}
