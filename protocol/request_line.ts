// Copyright 2026 the pystd authors. MIT license.

/**
 * The request line, parsed as in CPython's `http.server`: words separated by
 * white space. Two words are an HTTP/0.9 request; three words have a version.
 *
 * CPython's leniency cannot move a message boundary here. Strict handlers
 * therefore use the same rules, and also refuse lines that RFC 9112 section 3
 * does not allow.
 *
 * @module
 */

import { CR, isToken, OCTET_CLASS, SP, TARGET } from "./octets.ts";
import { repr } from "../python/text.ts";

/** A parsed request line, or the reason why it cannot be served. */
export type RequestLine =
  | { kind: "empty" }
  | {
    kind: "request";
    command: string;
    target: string;
    /** Version, as sent; `undefined` for HTTP/0.9. */
    version: string | undefined;
    /** Whether the version is 1.1 or higher. */
    atLeast11: boolean;
  }
  | {
    kind: "bad";
    status: 400 | 505;
    message: string;
    /** Version, as sent, if it was valid. */
    version?: string;
  };

// White space to Python's `str.split()`, in latin-1 text.
const WHITE_SPACE = /[\t-\r\x1c-\x20\x85\xa0]+/;

/**
 * Parses a request line.
 *
 * @param line The line without its end, one character per octet.
 * @param strict Whether to apply RFC 9112 section 3: no white space other than
 * spaces, no control characters, and a method that is a token.
 * @returns The request, or an error in CPython's words.
 */
export function parseRequestLine(line: string, strict: boolean): RequestLine {
  const words = line.split(WHITE_SPACE).filter((word) => word !== "");
  if (words.length === 0) return { kind: "empty" };
  const badSyntax = `Bad request syntax (${repr(line)})`;
  let version: string | undefined;
  let atLeast11 = false;
  if (words.length >= 3) {
    version = words[words.length - 1];
    const numbers = parseVersion(version);
    if (numbers === undefined) {
      const message = `Bad request version (${repr(version)})`;
      return { kind: "bad", status: 400, message };
    }
    if (numbers[0] >= 2) {
      const message = `Invalid HTTP version (${version.slice(5)})`;
      return { kind: "bad", status: 505, message };
    }
    atLeast11 = areAtLeast11(numbers);
  }
  if (words.length < 2 || words.length > 3) {
    return { kind: "bad", status: 400, message: badSyntax, version };
  }
  const [command, target] = words;
  if (words.length === 2 && command !== "GET") {
    const message = `Bad HTTP/0.9 request type (${repr(command)})`;
    return { kind: "bad", status: 400, message };
  }
  if (strict && !isStrictLine(line, command)) {
    return { kind: "bad", status: 400, message: badSyntax, version };
  }
  return { kind: "request", command, target, version, atLeast11 };
}

/**
 * Returns whether an HTTP version is 1.1 or higher.
 *
 * @param version The version, such as `HTTP/1.1`.
 * @returns Whether it is; `false` for an invalid version.
 */
export function isAtLeast11(version: string): boolean {
  if (version === "HTTP/1.1") return true; // nearly always
  const numbers = parseVersion(version);
  return numbers !== undefined && areAtLeast11(numbers);
}

function areAtLeast11([major, minor]: [number, number]): boolean {
  return major > 1 || (major === 1 && minor >= 1);
}

/** `HTTP/` and two numbers of at most ten digits each, as in CPython. */
function parseVersion(version: string): [number, number] | undefined {
  const match = /^HTTP\/([0-9]{1,10})\.([0-9]{1,10})$/.exec(version);
  return match === null ? undefined : [Number(match[1]), Number(match[2])];
}

/**
 * Returns whether a line has only visible octets and spaces, and a valid
 * method.
 */
function isStrictLine(line: string, command: string): boolean {
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    // A CR may end the line; its LF is already removed.
    if (code === CR && i === line.length - 1) continue;
    if (code !== SP && (OCTET_CLASS[code] & TARGET) === 0) return false;
    // White space to CPython, octets of a target to other parsers.
    if (code === 0x85 || code === 0xa0) return false;
  }
  return isToken(command);
}
