// Copyright 2026 the pystd authors. MIT license.

/**
 * The CORS protocol of the Fetch standard: pages of other origins that may
 * read responses.
 *
 * @module
 */

import type { ShareRequest } from "./request.ts";

/** Response fields that pages may read besides those that are safelisted. */
const EXPOSED = "Accept-Ranges, Content-Encoding, Content-Length, " +
  "Content-Range, ETag, Location, Retry-After, Upload-Offset";
/** How long browsers cache a preflight, in seconds. */
const MAX_AGE = 86400;
const NAMES = /^[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,1024}$/;

/**
 * Adds the CORS fields of every response.
 *
 * @param request The request.
 * @param origin The origin that may read it, or `*`.
 */
export function sendCorsFields(
  request: ShareRequest,
  origin: string,
): void {
  request.sendHeader("Access-Control-Allow-Origin", origin);
  request.sendHeader("Access-Control-Expose-Headers", EXPOSED);
}

/**
 * Answers a CORS preflight. It has no credentials, so this comes before
 * authentication.
 *
 * @param request The request.
 * @param allowed The methods, as in `Allow`.
 * @returns Whether the request was a preflight.
 */
export function answerPreflight(
  request: ShareRequest,
  allowed: string,
): boolean {
  if (
    request.command !== "OPTIONS" || request.field("origin") === undefined ||
    request.field("access-control-request-method") === undefined
  ) return false;
  const names = request.field("access-control-request-headers");
  request.sendResponse(204);
  request.sendHeader("Access-Control-Allow-Methods", allowed);
  if (names !== undefined && NAMES.test(names)) {
    request.sendHeader("Access-Control-Allow-Headers", names);
  }
  request.sendHeader("Access-Control-Max-Age", MAX_AGE);
  request.endHeaders();
  return true;
}
