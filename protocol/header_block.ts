// Copyright 2026 the pystd authors. MIT license.

/**
 * Header fields that are checked and formatted once, for many responses.
 *
 * @module
 */

import { CR, LF } from "./octets.ts";

/**
 * Header fields, checked and formatted once for many responses.
 *
 * @example Usage
 * ```ts
 * import {
 *   BaseHTTPRequestHandler,
 *   HeaderBlock,
 * } from "@pystd/http-server/handlers/base";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const FIELDS = new HeaderBlock([
 *   ["Content-Type", "text/plain"],
 *   ["Content-Length", "6"],
 * ]);
 *
 * class Greeter extends BaseHTTPRequestHandler {
 *   do_GET(): void {
 *     this.sendResponse(200);
 *     this.sendHeaderBlock(FIELDS);
 *     this.endHeaders();
 *     this.wfile.write("hello\n");
 *   }
 * }
 *
 * const { headers } = await respond(Greeter, "GET / HTTP/1.0\r\n\r\n");
 * assertEquals(headers.get("Content-Type"), "text/plain");
 * ```
 */
export class HeaderBlock {
  /** The fields, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[];
  /** The lines, each with CRLF. */
  readonly text: string;
  /** The value of `Content-Length`; `undefined` if it is absent. */
  readonly contentLength: number | undefined;

  /**
   * Checks and formats the fields.
   *
   * @param fields The fields. `Connection` and `Transfer-Encoding` are not
   * allowed: they belong to one response.
   * @throws {TypeError} If a field is not allowed, has a CR, LF, NUL or a
   * character beyond latin-1, or if `Content-Length` is not a number.
   */
  constructor(fields: readonly (readonly [name: string, value: string])[]) {
    const lines: string[] = [];
    let contentLength: number | undefined;
    for (const [name, value] of fields) {
      checkField(name, value);
      const lower = name.toLowerCase();
      if (lower === "connection" || lower === "transfer-encoding") {
        throw new TypeError(
          `Cannot put the header "${name}" in a block: it belongs to one response`,
        );
      }
      if (lower === "content-length") {
        contentLength = parseContentLength(name, value);
      }
      lines.push(name, ": ", value, "\r\n");
    }
    this.fields = fields.map(([name, value]) => [name, value] as const);
    // `join()` makes a flat string; `+=` would keep a tree of its parts.
    this.text = lines.join("");
    this.contentLength = contentLength;
  }
}

/**
 * Checks that a field can be sent.
 *
 * @param name The name of the field.
 * @param value The value of the field.
 * @throws {TypeError} If either has a CR, LF, NUL or a character beyond
 * latin-1.
 */
export function checkField(name: string, value: string): void {
  if (!isSendable(name)) throw unsendable("the header name");
  if (!isSendable(value)) throw unsendable(`the header "${name}"`);
}

/**
 * Checks that a reason phrase can be sent.
 *
 * @param reason The reason phrase.
 * @throws {TypeError} If it has a CR, LF, NUL or a character beyond latin-1.
 */
export function checkReason(reason: string): void {
  if (!isSendable(reason)) throw unsendable("the reason phrase");
}

/**
 * Parses the `Content-Length` of a response.
 *
 * @param name The name of the field, as the handler wrote it.
 * @param value The value of the field.
 * @returns The length, in bytes.
 * @throws {TypeError} If the value is not a number: clients would disagree on
 * the end of the body.
 */
export function parseContentLength(name: string, value: string): number {
  if (!/^[0-9]+$/.test(value)) {
    throw new TypeError(
      `Cannot send the header "${name}": "${value}" is not a number of bytes`,
    );
  }
  return Number(value);
}

function unsendable(what: string): TypeError {
  return new TypeError(
    `Cannot send ${what}: it has a CR, LF, NUL or a character beyond latin-1`,
  );
}

/** A loop: for short texts it takes half the time of a regular expression. */
function isSendable(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff || code === CR || code === LF || code === 0) return false;
  }
  return true;
}
