// Copyright 2026 the pystd authors. MIT license.

/**
 * Fields that are between the two ends of one connection, and are not passed
 * on: RFC 9110 section 7.6.1, in lower case.
 */
export const HOP_BY_HOP: ReadonlySet<string> = new Set([
  "connection",
  "keep-alive",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);
