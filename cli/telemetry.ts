// Copyright 2026 the pystd authors. MIT license.

/**
 * Telemetry of the command: OpenTelemetry with `OTEL_DENO=true`, `--metrics`,
 * `--server-timing`. The modules are loaded only then.
 *
 * @module
 */

import type { RequestObserver } from "../handlers/base.ts";
import type { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import { isTelemetryOn } from "../telemetry/is_telemetry_on.ts";
import type { MetricsPage } from "../telemetry/metrics_page.ts";
import type { Settings } from "./settings/settings.ts";

/** The telemetry of a handler class. */
export interface Telemetry {
  /** The observers of its requests; `null` for none. */
  observers: RequestObserver[] | null;
  /** Answers the path of `--metrics`. */
  metrics?: MetricsPage;
}

/** Loads what the settings and Deno ask for. */
export async function loadTelemetry(settings: Settings): Promise<Telemetry> {
  const { metrics: path, metricTables: tables, serverTiming } = settings;
  const observes = path !== undefined || serverTiming || isTelemetryOn();
  if (!observes) return { observers: null };
  const loaded = await import("../telemetry/mod.ts");
  const { DAV_METHODS, KNOWN_METHODS } = loaded;
  const methods = settings.dav
    ? [...KNOWN_METHODS, ...DAV_METHODS]
    : KNOWN_METHODS;
  const observers: RequestObserver[] = [];
  if (isTelemetryOn()) observers.push(await loaded.openTelemetry({ methods }));
  if (serverTiming) observers.push(new loaded.ServerTiming());
  if (path === undefined) return { observers };
  const metrics = new loaded.RequestMetrics({ methods, tables });
  observers.push(metrics);
  return { observers, metrics: new loaded.MetricsPage(path, metrics) };
}

/**
 * Lets a handler class answer the path of `--metrics`.
 *
 * @param Handler A class without features.
 * @param page Answers the path.
 * @returns A subclass; the same class without the flag.
 */
export function withMetrics(
  Handler: typeof SimpleHTTPRequestHandler,
  page: MetricsPage | undefined,
): typeof SimpleHTTPRequestHandler {
  if (page === undefined) return Handler;
  return class extends Handler {
    protected override dispatchRequest(): unknown {
      return page.handle(this) ? undefined : super.dispatchRequest();
    }
  };
}
