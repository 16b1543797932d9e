// Copyright 2026 the pystd authors. MIT license.

/**
 * Cross-origin requests (the Fetch standard's CORS protocol): which pages may
 * read what is served.
 *
 * @module
 */

import type { ShareRequest } from "./request.ts";

/** What a page may read of a response beside what it always may. */
const EXPOSED = "Accept-Ranges, Content-Encoding, Content-Length, " +
  "Content-Range, ETag, Location, Retry-After, Upload-Offset";
/** For how long a browser need not ask again, in s. */
const MAX_AGE = 86400;
const NAMES = /^[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,1024}$/;

/**
 * Adds what every response says to pages of other origins.
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
 * Answers a browser that asks whether a page may send a request. It asks
 * without credentials, so that this comes before all who want some.
 *
 * @param request The request.
 * @param allowed The methods, as in `Allow`.
 * @returns Whether that was what the request asked.
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
