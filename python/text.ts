// Copyright 2026 the pystd authors. MIT license.

/**
 * Python's `repr()`, `ascii()` and `str()`, and the escapes of the log.
 *
 * Most request lines and header fields need no escapes. Each function returns
 * its input unchanged if it finds nothing to escape.
 *
 * @module
 */

const BACKSLASH = 0x5c;
const SINGLE_QUOTE = 0x27;

/**
 * Quotes a text as Python's `repr()`: in single quotes, or in double quotes if
 * it has a `'` and no `"`. Unprintable characters are escaped.
 *
 * Differs from CPython: a surrogate pair is one character.
 *
 * @returns The text as a Python literal.
 *
 * @example
 * ```ts
 * import { repr } from "./text.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(repr("G\x1bT"), String.raw`'G\x1bT'`);
 * assertEquals(repr("don't"), `"don't"`);
 * ```
 */
export function repr(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  return quote + escapeLiteral(text, quote.charCodeAt(0), false) + quote;
}

/**
 * Quotes a text as Python's `ascii()`: as {@linkcode repr}, with every
 * character above 7e escaped.
 *
 * @returns The text as a Python literal of ASCII characters.
 *
 * @example
 * ```ts
 * import { ascii } from "./text.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(ascii("\u00e9\u20ac"), String.raw`'\xe9\u20ac'`);
 * ```
 */
export function ascii(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  return quote + escapeLiteral(text, quote.charCodeAt(0), true) + quote;
}

/** Escapes the content of a literal. */
function escapeLiteral(
  text: string,
  quote: number,
  asciiOnly: boolean,
): string {
  let escaped = "";
  let done = 0; // text before this index is in `escaped`
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    if (
      unit >= 0x20 && unit < 0x7f && unit !== BACKSLASH && unit !== quote
    ) continue;
    const code = text.codePointAt(i)!;
    const width = code > 0xffff ? 2 : 1;
    if (unit >= 0x7f && !asciiOnly && isPrintable(code)) {
      i += width - 1;
      continue;
    }
    escaped += text.slice(done, i) + escapeCode(code);
    i += width - 1;
    done = i + 1;
  }
  return done === 0 ? text : escaped + text.slice(done);
}

/**
 * Implements `str.isprintable()` for one character above 7e: false for
 * categories C (controls, formats, surrogates, private use, unassigned) and Z
 * (separators). V8 has a newer Unicode version than CPython: newly assigned
 * characters are printable here and escaped there.
 */
function isPrintable(code: number): boolean {
  // Not a constant: parsing this expression takes 0.5 ms at the start.
  return !/[\p{C}\p{Z}]/u.test(String.fromCodePoint(code));
}

/** Returns the escape sequence of `repr()` for a character. */
function escapeCode(code: number): string {
  switch (code) {
    case 0x09:
      return "\\t";
    case 0x0a:
      return "\\n";
    case 0x0d:
      return "\\r";
    case SINGLE_QUOTE:
    case BACKSLASH:
      return "\\" + String.fromCharCode(code);
  }
  const hex = code.toString(16);
  if (code <= 0xff) return "\\x" + hex.padStart(2, "0");
  if (code <= 0xffff) return "\\u" + hex.padStart(4, "0");
  return "\\U" + hex.padStart(8, "0");
}

/**
 * Converts a value as Python's `str()`: strings unchanged, `None` for `null`
 * and `undefined`, `True` and `False`, `nan` and `inf`. Other values become
 * `String(value)`.
 *
 * @example
 * ```ts
 * import { str } from "./text.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals([str("a"), str(200), str(null)], ["a", "200", "None"]);
 * ```
 */
export function str(value: unknown): string {
  switch (typeof value) {
    case "string":
      return value;
    case "boolean":
      return value ? "True" : "False";
    case "number":
      if (Number.isFinite(value)) return String(value);
      if (Number.isNaN(value)) return "nan";
      return value === Infinity ? "inf" : "-inf";
    case "undefined":
      return "None";
    default:
      return value === null ? "None" : String(value);
  }
}

/** Escapes of the log by character code: 00-1f, the backslash, 7f-9f. */
const LOG_ESCAPES: readonly (string | undefined)[] = Array.from(
  { length: 0xa0 },
  (_, code) => {
    if (code === BACKSLASH) return "\\\\";
    if (code >= 0x20 && code < 0x7f) return undefined;
    return "\\x" + code.toString(16).padStart(2, "0");
  },
);

/**
 * Escapes characters that could forge or garble a log line: control characters
 * (00-1f, 7f-9f) become `\xNN`, and a backslash is doubled, so that clients
 * cannot send escapes. (CPython: `_control_char_table`)
 *
 * @param text The text of a log line.
 * @returns The text without control characters.
 *
 * @example
 * ```ts
 * import { escapeControls } from "./text.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(escapeControls("a\x1bb\\"), String.raw`a\x1bb\\`);
 * ```
 */
export function escapeControls(text: string): string {
  let escaped = "";
  let done = 0; // text before this index is in `escaped`
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    // Checked first: an index beyond the table would be a slow lookup.
    if (code >= 0xa0) continue;
    const escape = LOG_ESCAPES[code];
    if (escape === undefined) continue;
    escaped += text.slice(done, i) + escape;
    done = i + 1;
  }
  return done === 0 ? text : escaped + text.slice(done);
}
