// Copyright 2026 the pystd authors. MIT license.

/**
 * The header fields of a message, stored as one string and offsets in it.
 *
 * A server reads only a few fields of a request. Names and values are therefore
 * not copied until they are requested.
 *
 * @module
 */

import { HTAB, SP } from "./octets.ts";

/** Offsets per field: name start, name end, value start, value end. */
const MARKS = 4;

/**
 * The header fields of a request, in order.
 *
 * Values are latin-1 text, one character per byte, without white space around
 * them. Names are case-insensitive (RFC 9110 section 5.1).
 *
 * @example Usage
 * ```ts
 * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Reader extends BaseHTTPRequestHandler {
 *   do_GET(): void {
 *     this.logMessage("%s", this.fields.get("user-agent"));
 *   }
 * }
 *
 * const request = "GET / HTTP/1.0\r\nUser-Agent: curl\r\n\r\n";
 * const { log: [line] } = await respond(Reader, request);
 * assertEquals(line?.split("] ")[1], "curl");
 * ```
 */
export class Fields {
  #text: string;
  #marks: number[];
  /** One bit per name, as a fast check: most requested names are absent. */
  #present = 0;

  /**
   * Wraps a parsed header block.
   *
   * @param text The header block.
   * @param marks Four offsets per field: start and end of the name, start and
   * end of the value.
   */
  constructor(text: string, marks: number[]) {
    this.#text = text;
    this.#marks = marks;
    for (let i = 0; i < marks.length; i += MARKS) {
      this.#present |= bitOf(text, marks[i], marks[i + 1]);
    }
  }

  /**
   * Creates fields from names and values.
   *
   * @param pairs The fields, in order.
   * @returns The fields.
   */
  static from(pairs: Iterable<readonly [string, string]>): Fields {
    let text = "";
    const marks: number[] = [];
    for (const [name, value] of pairs) {
      const start = text.length;
      text += name + value;
      const colon = start + name.length;
      marks.push(start, colon, colon, text.length);
    }
    return new Fields(text, marks);
  }

  /**
   * Returns the value of a field. Values of a repeated field are joined by
   * `", "`.
   *
   * @param name The field's name in lower case.
   * @returns The value, or `undefined` if the field is absent.
   */
  get(name: string): string | undefined {
    if ((this.#present & bitOf(name, 0, name.length)) === 0) return undefined;
    const marks = this.#marks;
    let value: string | undefined;
    for (let i = 0; i < marks.length; i += MARKS) {
      if (!this.#isNamed(i, name)) continue;
      const next = this.#text.slice(marks[i + 2], marks[i + 3]);
      value = value === undefined ? next : `${value}, ${next}`;
    }
    return value;
  }

  /**
   * Counts the occurrences of a field.
   *
   * @param name The field's name in lower case.
   * @returns The number of field lines with that name.
   */
  count(name: string): number {
    let count = 0;
    for (let i = 0; i < this.#marks.length; i += MARKS) {
      if (this.#isNamed(i, name)) count++;
    }
    return count;
  }

  /**
   * Returns a copy in which one field is replaced.
   *
   * @param name The name of the field to remove, in lower case.
   * @param newName The name of the field to add.
   * @param value The value of that field.
   * @returns The new fields; the added one is first.
   */
  with(name: string, newName: string, value: string): Fields {
    const others = [...this].filter(([other]) => other.toLowerCase() !== name);
    return Fields.from([[newName, value], ...others]);
  }

  /** Iterates over names, as sent, and values, in order. */
  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    const marks = this.#marks;
    for (let i = 0; i < marks.length; i += MARKS) {
      yield [
        this.#text.slice(marks[i], marks[i + 1]),
        this.#text.slice(marks[i + 2], marks[i + 3]),
      ];
    }
  }

  /** Compares the name of the field at `i` without a copy. */
  #isNamed(i: number, name: string): boolean {
    const start = this.#marks[i];
    if (this.#marks[i + 1] - start !== name.length) return false;
    for (let at = 0; at < name.length; at++) {
      if (lowerAt(this.#text, start + at) !== name.charCodeAt(at)) return false;
    }
    return true;
  }
}

/** Returns one bit of 32 for a name, in any case. */
function bitOf(text: string, start: number, end: number): number {
  return start === end ? 1 : 1 << (lowerAt(text, start) + 5 * (end - start));
}

/** Returns a character in lower case; names are ASCII (RFC 9110 5.6.2). */
function lowerAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}

/** The empty header block of an HTTP/0.9 request. */
export const NO_FIELDS: Fields = new Fields("", []);

/**
 * Returns whether a list of tokens (RFC 9110 section 5.6.1) contains a token.
 *
 * @param value The value of the field, `undefined` if it is absent.
 * @param token The token, in lower case.
 * @returns Whether the list contains it.
 */
export function hasToken(value: string | undefined, token: string): boolean {
  if (value === undefined) return false;
  if (value.length === token.length) return value.toLowerCase() === token;
  return value.toLowerCase().split(",").some((item) => trimOws(item) === token);
}

/**
 * Removes spaces and tabs at both ends (RFC 9110 section 5.6.3). `trim()` would
 * also remove 0xa0, which other parsers treat as part of the value.
 *
 * @param text The text.
 * @returns The text without white space around it.
 */
export function trimOws(text: string): string {
  // Not a regular expression: `[ \t]+$` takes quadratic time on long runs of
  // spaces. Beyond the text, `charCodeAt()` is NaN, which is not white space.
  let start = 0;
  while (isOws(text.charCodeAt(start))) start++;
  let end = text.length;
  while (isOws(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isOws(code: number): boolean {
  return code === SP || code === HTAB;
}
