// Copyright 2026 the pystd authors. MIT license.

/**
 * Parses the head of a response. A handler of this package wrote it, so the
 * parser is short and accepts only the forms that handlers write.
 *
 * @module
 */

import { endsWithHead } from "./status.ts";

/** A status line and its header fields. */
export interface ResponseHead {
  /** Status code. */
  status: number;
  /** Reason phrase; may be empty. */
  reason: string;
  /** Fields, in order; names as written. */
  fields: [name: string, value: string][];
}

/** The framing of a response body (RFC 9112 section 6.3). */
export type ResponseFraming = number | "chunked" | "close";

/** RFC 9112 section 4: `HTTP-version SP status-code SP [ reason-phrase ]`. */
const STATUS_LINE = /^HTTP\/\d\.\d ([1-9]\d\d)(?: (.*))?$/;

/**
 * Parses the head of a response.
 *
 * @param text The head without its empty line; latin-1 text.
 * @returns The head, `undefined` if it is malformed.
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
 * Determines the framing of the body of a final response.
 *
 * @param head The head of the response.
 * @param method The method of the request.
 * @returns The length in bytes, `"chunked"`, or `"close"`.
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
