// Copyright 2026 the pystd authors. MIT license.

/** Where Deno, or an SDK, registers its implementation of version 1 of the API. */
export const REGISTERED: symbol = Symbol.for("opentelemetry.js.api.1");

/**
 * Tells whether OpenTelemetry's API is implemented: by Deno with
 * `OTEL_DENO=true`, or by an SDK. It needs no permission.
 *
 * @returns Whether it is.
 *
 * @example Usage
 * ```ts
 * import { isTelemetryOn } from "@pystd/http-server/telemetry";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(typeof isTelemetryOn(), "boolean");
 * ```
 */
export function isTelemetryOn(): boolean {
  return REGISTERED in globalThis;
}
