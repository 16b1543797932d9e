// Copyright 2026 the pystd authors. MIT license.

/**
 * Observers of requests for `static observers` of a handler class: traces and
 * metrics by OpenTelemetry.
 *
 * @example Traces and metrics
 * ```ts
 * import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
 * import { openTelemetry } from "@pystd/http-server/telemetry";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const telemetry = await openTelemetry();
 * class Handler extends SimpleHTTPRequestHandler {
 *   static override observers = [telemetry];
 * }
 * assertEquals(Handler.observers.length, 1);
 * ```
 *
 * @module
 */

export { DAV_METHODS, KNOWN_METHODS } from "./conventions.ts";
export { SECRET_PARAMETERS } from "./request_attributes.ts";
export type { MetricTables } from "./metric_tables.ts";
export { MetricsPage, type MetricsPageRequest } from "./metrics_page.ts";
export {
  type MetricsRequest,
  RequestMetrics,
  type RequestMetricsOptions,
} from "./request_metrics.ts";
export { ServerTiming } from "./server_timing.ts";
export { isTelemetryOn } from "./is_telemetry_on.ts";
export { openTelemetry, type OpenTelemetryOptions } from "./open_telemetry.ts";
export type {
  ObservedRequest,
  ObservedScope,
  PartAttributes,
  PartObservation,
  RequestObservation,
  RequestObserver,
  RequestOutcome,
} from "../handlers/base/observer.ts";
