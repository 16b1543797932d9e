// Copyright 2026 the pystd authors. MIT license.

/**
 * Telemetry of the command: OpenTelemetry with `OTEL_DENO=true`, `--metrics`,
 * `--server-timing`. Loaded only then.
 *
 * @module
 */

import type { RequestObserver } from "../handlers/base.ts";
import {
  DAV_METHODS,
  isTelemetryOn,
  KNOWN_METHODS,
  MetricsPage,
  openTelemetry,
  RequestMetrics,
  ServerTiming,
} from "../telemetry/mod.ts";
import type { Settings } from "./settings/settings.ts";

/** The telemetry of a handler class. */
export interface Telemetry {
  /** The observers of its requests. */
  observers: RequestObserver[];
  /** Answers the path of `--metrics`. */
  metrics?: MetricsPage;
}

/** Makes what the settings and Deno ask for. */
export async function prepareTelemetry(
  settings: Settings,
): Promise<Telemetry> {
  const { metrics: path, metricTables: tables, serverTiming } = settings;
  const methods = settings.dav
    ? [...KNOWN_METHODS, ...DAV_METHODS]
    : KNOWN_METHODS;
  const observers: RequestObserver[] = [];
  if (isTelemetryOn()) observers.push(await openTelemetry({ methods }));
  if (serverTiming) observers.push(new ServerTiming());
  if (path === undefined) return { observers };
  const metrics = new RequestMetrics({ methods, tables });
  observers.push(metrics);
  return { observers, metrics: new MetricsPage(path, metrics) };
}
