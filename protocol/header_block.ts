// Copyright 2026 the pystd authors. MIT license.

/**
 * Header fields that are checked and spelt once, and sent with many responses.
 *
 * @module
 */

import { CR, LF } from "./octets.ts";

/**
 * Header fields as they are sent, one after the other.
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
  /** Their lines, each with its end. */
  readonly text: string;
  /** What `Content-Length` says, `undefined` if there is none. */
  readonly contentLength: number | undefined;

  /**
   * Checks the fields and spells them.
   *
   * @param fields The fields. One that is about the connection is not for many
   * responses: neither `Connection` nor `Transfer-Encoding` may be among them.
   * @throws {TypeError} If one of them may not, or has a CR, LF, NUL or a
   * character beyond latin-1, or a `Content-Length` is no number.
   */
  constructor(fields: readonly (readonly [name: string, value: string])[]) {
    const lines: string[] = [];
    let contentLength: number | undefined;
    for (const [name, value] of fields) {
      checkField(name, value);
      const lower = name.toLowerCase();
      if (lower === "connection" || lower === "transfer-encoding") {
        throw new TypeError(
          `Cannot put the header "${name}" in a block: it is about one response`,
        );
      }
      if (lower === "content-length") {
        contentLength = parseContentLength(name, value);
      }
      lines.push(name, ": ", value, "\r\n");
    }
    this.fields = fields.map(([name, value]) => [name, value] as const);
    // One string of its own: a sum would be a tree of all those it was made of.
    this.text = lines.join("");
    this.contentLength = contentLength;
  }
}

/**
 * Makes sure that a field can be sent.
 *
 * @param name The field's name.
 * @param value Its value.
 * @throws {TypeError} If either has a CR, LF, NUL or is no latin-1 text.
 */
export function checkField(name: string, value: string): void {
  if (!isSendable(name)) throw unsendable("the header name");
  if (!isSendable(value)) throw unsendable(`the header "${name}"`);
}

/**
 * Makes sure that a reason phrase can be sent.
 *
 * @param reason The reason phrase.
 * @throws {TypeError} If it has a CR, LF, NUL or is no latin-1 text.
 */
export function checkReason(reason: string): void {
  if (!isSendable(reason)) throw unsendable("the reason phrase");
}

/**
 * Reads the length that a field announces.
 *
 * @param name The field's name, `Content-Length` in any case.
 * @param value Its value.
 * @returns The length in bytes.
 * @throws {TypeError} If it is none: a client could not tell where the body
 * ends, and another one might stand in for it.
 */
export function parseContentLength(name: string, value: string): number {
  if (!/^[0-9]+$/.test(value)) {
    throw new TypeError(
      `Cannot send the header "${name}": "${value}" is no number of bytes`,
    );
  }
  return Number(value);
}

function unsendable(what: string): TypeError {
  return new TypeError(
    `Cannot send ${what}: it has a CR, LF, NUL or a character beyond latin-1`,
  );
}

/**
 * Whether a text may stand in a head: what must not would end it, or is no
 * latin-1 text. Texts are short: a loop takes half the time of an expression.
 */
function isSendable(text: string): boolean {
  for (let i = 0; i < text.length; i++) {
    const code = text.charCodeAt(i);
    if (code > 0xff || code === CR || code === LF || code === 0) return false;
  }
  return true;
}
