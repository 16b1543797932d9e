// Copyright 2026 the pystd authors. MIT license.

/**
 * The length of a request body (RFC 9112 section 6.3).
 *
 * @module
 */

import { type Fields, hasToken, trimOws } from "./fields.ts";
import { RequestError } from "./request_error.ts";

/** The framing of a request body: a length in bytes, or chunks. */
export type Framing = number | "chunked";

/**
 * Determines the framing of a request body.
 *
 * @param atLeast11 Whether the request is HTTP/1.1 or higher.
 * @returns The length, `"chunked"`, or the error to answer with.
 */
export function bodyFraming(
  fields: Fields,
  atLeast11: boolean,
): Framing | RequestError {
  const coding = fields.get("transfer-encoding");
  const length = fields.get("content-length");
  // Rule 8: neither field, no body.
  if (coding === undefined && length === undefined) return 0;
  if (coding !== undefined) {
    // Rule 3: both fields together allow request smuggling. RFC 9112 6.1: an
    // HTTP/1.0 message with a Transfer-Encoding has faulty framing.
    if (length !== undefined || !atLeast11) {
      return new RequestError(400, "Bad message framing");
    }
    return transferCoding(coding);
  }
  return contentLength(length!);
}

/** Rule 4: chunked is the last coding, once; other codings are unsupported. */
function transferCoding(value: string): "chunked" | RequestError {
  if (value.toLowerCase() === "chunked") return "chunked";
  const codings = value.split(",").map((coding) =>
    trimOws(coding).toLowerCase()
  );
  const last = codings.pop();
  if (last !== "chunked" || codings.includes("chunked")) {
    return new RequestError(400, "Bad transfer coding");
  }
  return new RequestError(501, "Unsupported transfer coding");
}

/** Rules 5 and 6: one number, or the same number repeated. */
function contentLength(value: string): number | RequestError {
  let length: number | undefined;
  for (const item of value.split(",")) {
    const digits = trimOws(item);
    if (!/^[0-9]+$/.test(digits)) {
      return new RequestError(400, "Bad Content-Length");
    }
    const next = Number(digits);
    if (length !== undefined && next !== length) {
      return new RequestError(400, "Conflicting Content-Length");
    }
    length = next;
  }
  // A number too large for a double exceeds any limit on a body.
  return Number.isSafeInteger(length)
    ? length!
    : new RequestError(413, "Content Too Large");
}

/**
 * Reads from `Connection` whether to keep or close the connection.
 *
 * @returns The option; `close` wins over `keep-alive` (RFC 9112 section 9.3).
 */
export function connectionOption(
  fields: Fields,
): "close" | "keep-alive" | undefined {
  const value = fields.get("connection");
  if (value === undefined) return undefined;
  if (hasToken(value, "close")) return "close";
  return hasToken(value, "keep-alive") ? "keep-alive" : undefined;
}
