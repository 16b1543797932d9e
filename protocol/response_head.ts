// Copyright 2026 the pystd authors. MIT license.

/**
 * The head of a response: from text to a status and header fields.
 *
 * What is read here was written by a handler of ours, not by a stranger: so
 * the parser is short, and malformed is whatever it does not expect.
 *
 * @module
 */

import { endsWithHead } from "./status.ts";

/** A status line and its header fields. */
export interface ResponseHead {
  /** The status code. */
  status: number;
  /** The reason phrase; may be empty. */
  reason: string;
  /** The fields in order, names as they are spelt. */
  fields: [name: string, value: string][];
}

/** How the end of a response's body is told (RFC 9112 section 6.3). */
export type ResponseFraming = number | "chunked" | "close";

/** RFC 9112 section 4: `HTTP-version SP status-code SP [ reason-phrase ]`. */
const STATUS_LINE = /^HTTP\/\d\.\d ([1-9]\d\d)(?: (.*))?$/;

/**
 * Parses the head of a response.
 *
 * @param text The head as latin-1 text, without the empty line at its end.
 * @returns The head, `undefined` if it is not one.
 *
 * @example Usage
 * ```ts
 * import { parseResponseHead } from "./response_head.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(parseResponseHead("HTTP/1.1 200 OK\r\nServer: a/1"), {
 *   status: 200,
 *   reason: "OK",
 *   fields: [["Server", "a/1"]],
 * });
 * ```
 */
export function parseResponseHead(text: string): ResponseHead | undefined {
  const [first, ...lines] = text.split("\r\n");
  const match = STATUS_LINE.exec(first!);
  if (match === null) return undefined;
  const fields: [string, string][] = [];
  for (const line of lines) {
    const colon = line.indexOf(":");
    if (colon < 1) return undefined;
    fields.push([line.slice(0, colon), line.slice(colon + 1).trim()]);
  }
  return { status: Number(match[1]), reason: match[2] ?? "", fields };
}

/**
 * Tells how the body of a final response ends.
 *
 * @param head The response's head.
 * @param method The method that the response is to.
 * @returns Its length in bytes, or what else ends it.
 *
 * @example Usage
 * ```ts
 * import { responseFraming } from "./response_head.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const fields: [string, string][] = [["Content-Length", "5"]];
 * const head = { status: 200, reason: "OK", fields };
 * assertEquals(responseFraming(head, "GET"), 5);
 * assertEquals(responseFraming(head, "HEAD"), 0);
 * ```
 */
export function responseFraming(
  head: ResponseHead,
  method: string,
): ResponseFraming {
  if (method === "HEAD" || endsWithHead(head.status)) return 0;
  let framing: ResponseFraming = "close";
  for (const [name, value] of head.fields) {
    switch (name.toLowerCase()) {
      case "transfer-encoding":
        return "chunked";
      case "content-length":
        if (/^\d{1,15}$/.test(value)) framing = Number(value);
    }
  }
  return framing;
}
