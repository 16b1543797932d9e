// Copyright 2026 the pystd authors. MIT license.

/**
 * Cross-origin requests (the Fetch standard's CORS protocol): which pages may
 * read what is served.
 *
 * @module
 */

import type { ShareHTTPRequestHandler } from "../share.ts";

/** What a page may read of a response beside what it always may. */
const EXPOSED = "Accept-Ranges, Content-Encoding, Content-Length, " +
  "Content-Range, ETag, Location, Retry-After, Upload-Offset";
/** For how long a browser need not ask again, in s. */
const MAX_AGE = 86400;
const NAMES = /^[A-Za-z0-9!#$%&'*+.^_`|~, -]{1,1024}$/;

/**
 * Adds what every response says to pages of other origins.
 *
 * @param handler The request's handler.
 * @param origin The origin that may read it, or `*`.
 */
export function sendCorsFields(
  handler: ShareHTTPRequestHandler,
  origin: string,
): void {
  handler.sendHeader("Access-Control-Allow-Origin", origin);
  handler.sendHeader("Access-Control-Expose-Headers", EXPOSED);
}

/**
 * Answers a browser that asks whether a page may send a request. It asks
 * without credentials, so that this comes before all who want some.
 *
 * @param handler The request's handler.
 * @param allowed The methods, as in `Allow`.
 * @returns Whether that was what the request asked.
 */
export function answerPreflight(
  handler: ShareHTTPRequestHandler,
  allowed: string,
): boolean {
  if (
    handler.command !== "OPTIONS" || handler.field("origin") === undefined ||
    handler.field("access-control-request-method") === undefined
  ) return false;
  const names = handler.field("access-control-request-headers");
  handler.sendResponse(204);
  handler.sendHeader("Access-Control-Allow-Methods", allowed);
  if (names !== undefined && NAMES.test(names)) {
    handler.sendHeader("Access-Control-Allow-Headers", names);
  }
  handler.sendHeader("Access-Control-Max-Age", MAX_AGE);
  handler.endHeaders();
  return true;
}
