// Copyright 2026 the pystd authors. MIT license.

/**
 * The request line, read as CPython's `http.server` reads it: words between
 * white space, two of them an HTTP/0.9 request, three one with a version.
 *
 * What CPython tolerates here cannot move a message boundary, so that strict
 * handlers use the same rules and refuse on top what RFC 9112 section 3 does
 * not allow.
 *
 * @module
 */

import { CR, isToken, OCTET_CLASS, TARGET } from "./octets.ts";
import { repr } from "../python/text.ts";

/** What a request line says, or why it cannot be served. */
export type RequestLine =
  | { kind: "empty" }
  | {
    kind: "request";
    command: string;
    target: string;
    /** The version as sent; `undefined` for an HTTP/0.9 request's none. */
    version: string | undefined;
    /** Whether the version is 1.1 or higher. */
    atLeast11: boolean;
  }
  | {
    kind: "bad";
    status: 400 | 505;
    message: string;
    /** The version as sent, where a valid one was seen before the fault. */
    version?: string;
  };

// Python's `str.split()` on latin-1 text: these count as white space.
const WHITE_SPACE = /[\t-\r\x1c-\x20\x85\xa0]+/;

/**
 * Reads a request line.
 *
 * @param line The line without its end, one character an octet.
 * @param strict Whether to refuse what RFC 9112 section 3 does not allow: white
 * space other than spaces, control characters, methods that are no tokens.
 * @returns The request, or what is wrong with it in CPython's words.
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
 * Whether a version of HTTP is 1.1 or higher.
 *
 * @param version The version, as `HTTP/1.1`.
 * @returns Whether it is; `false` for what is no version.
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

/** No octet but the visible ones and spaces, and a method that is a token. */
function isStrictLine(line: string, command: string): boolean {
  for (let i = 0; i < line.length; i++) {
    const code = line.charCodeAt(i);
    // A CR may end the line: its LF has been cut off.
    if (code === CR && i === line.length - 1) continue;
    if (code !== 0x20 && (OCTET_CLASS[code] & TARGET) === 0) return false;
    // Spaces to CPython, octets of a target to everybody else.
    if (code === 0x85 || code === 0xa0) return false;
  }
  return isToken(command);
}
