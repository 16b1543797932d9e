// Copyright 2026 the pystd authors. MIT license.

/**
 * What OpenTelemetry's HTTP conventions fix, and both kinds of metrics share.
 *
 * @module
 */

/**
 * The methods of RFC 9110, and PATCH of RFC 5789. All others count as
 * {@linkcode OTHER_METHOD}: a client can send any name.
 */
export const KNOWN_METHODS: readonly string[] = [
  "CONNECT",
  "DELETE",
  "GET",
  "HEAD",
  "OPTIONS",
  "PATCH",
  "POST",
  "PUT",
  "TRACE",
];

/** The methods of WebDAV (RFC 4918). */
export const DAV_METHODS: readonly string[] = [
  "COPY",
  "LOCK",
  "MKCOL",
  "MOVE",
  "PROPFIND",
  "PROPPATCH",
  "UNLOCK",
];

/** The name of all other methods. */
export const OTHER_METHOD = "_OTHER";

/**
 * Boundaries of `http.server.request.duration` in seconds, as in OpenTelemetry's
 * conventions.
 */
export const DURATION_BOUNDS: readonly number[] = [
  0.005,
  0.01,
  0.025,
  0.05,
  0.075,
  0.1,
  0.25,
  0.5,
  0.75,
  1,
  2.5,
  5,
  7.5,
  10,
];

/**
 * Boundaries of the sizes of bodies, in bytes: from none to 1 GiB. The
 * conventions leave them open.
 */
export const SIZE_BOUNDS: readonly number[] = [
  0,
  2 ** 10,
  2 ** 13,
  2 ** 16,
  2 ** 20,
  2 ** 23,
  2 ** 26,
  2 ** 30,
];
