// Copyright 2026 the pystd authors. MIT license.

/**
 * Hop-by-hop fields, in lower case: they belong to one connection and are not
 * forwarded (RFC 9110 section 7.6.1).
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
