// Copyright 2026 the pystd authors. MIT license.

/**
 * The header fields of one message, kept as one string and the places in it.
 *
 * A server looks up a handful of fields in a request and ignores the rest, so
 * that no name is lowered and no value cut out before somebody asks for it.
 *
 * @module
 */

import { HTAB, SP } from "./octets.ts";

/** How many numbers describe a field: name start, name end, value start, end. */
const MARKS = 4;

/**
 * The header fields of a request, in the order in which they came.
 *
 * Values are latin-1 text, one character a byte, without the white space
 * around them. Names are compared without regard to case (RFC 9110 5.1).
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
  /** The bits of the names that are there: most names asked for are not. */
  #present = 0;

  /**
   * Wraps a header block that has been parsed already.
   *
   * @param text The header block, or any text that the marks point into.
   * @param marks Four offsets a field: its name's start and end, its value's
   * start and end.
   */
  constructor(text: string, marks: number[]) {
    this.#text = text;
    this.#marks = marks;
    for (let i = 0; i < marks.length; i += MARKS) {
      this.#present |= bitOf(text, marks[i], marks[i + 1]);
    }
  }

  /**
   * Makes the fields of a list of names and values.
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
   * The value of a field; the values of a repeated one joined by `", "`.
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
   * How often a field occurs.
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
   * The same fields with one replaced.
   *
   * @param name The field's name in lower case; each such field is left out.
   * @param keyword The name of the one in their place.
   * @param value Its value.
   * @returns The new fields, that one first.
   */
  with(name: string, keyword: string, value: string): Fields {
    const others = [...this].filter(([other]) => other.toLowerCase() !== name);
    return Fields.from([[keyword, value], ...others]);
  }

  /** Each field in order: its name as it was sent, and its value. */
  *[Symbol.iterator](): IterableIterator<[name: string, value: string]> {
    const marks = this.#marks;
    for (let i = 0; i < marks.length; i += MARKS) {
      yield [
        this.#text.slice(marks[i], marks[i + 1]),
        this.#text.slice(marks[i + 2], marks[i + 3]),
      ];
    }
  }

  /** Whether the field at a mark has a name: compared without a copy of it. */
  #isNamed(i: number, name: string): boolean {
    const start = this.#marks[i];
    if (this.#marks[i + 1] - start !== name.length) return false;
    for (let at = 0; at < name.length; at++) {
      if (lowerAt(this.#text, start + at) !== name.charCodeAt(at)) return false;
    }
    return true;
  }
}

/** One bit of 32 for a name, the same in any case. */
function bitOf(text: string, start: number, end: number): number {
  return start === end ? 1 : 1 << (lowerAt(text, start) + 5 * (end - start));
}

/** A character in lower case: names are ASCII (RFC 9110 5.6.2). */
function lowerAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  return code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
}

/** No fields at all: the header block of an HTTP/0.9 request. */
export const NO_FIELDS: Fields = new Fields("", []);

/**
 * Whether a field that is a list of tokens names `token`.
 *
 * @param value The field's value, or `undefined` if it is absent.
 * @param token The token to look for, in lower case.
 * @returns Whether one element of the list is that token (RFC 9110 5.6.1).
 */
export function hasToken(value: string | undefined, token: string): boolean {
  if (value === undefined) return false;
  if (value.length === token.length) return value.toLowerCase() === token;
  return value.toLowerCase().split(",").some((item) => trimOws(item) === token);
}

/**
 * Removes optional white space: spaces and tabs. `trim()` would also remove
 * octets that other parsers take for a part of the value (0xa0).
 *
 * @param text The text.
 * @returns It without white space around it (RFC 9110 5.6.3).
 */
export function trimOws(text: string): string {
  // No regular expression: `[ \t]+$` takes time that is the square of the
  // longest run of spaces. Beyond the text is NaN, which is no white space.
  let start = 0;
  while (isOws(text.charCodeAt(start))) start++;
  let end = text.length;
  while (isOws(text.charCodeAt(end - 1))) end--;
  return text.slice(start, end);
}

function isOws(code: number): boolean {
  return code === SP || code === HTAB;
}
