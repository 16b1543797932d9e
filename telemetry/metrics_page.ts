// Copyright 2026 the pystd authors. MIT license.

import { namesPath } from "../protocol/request_target.ts";
import type { MetricsRequest, RequestMetrics } from "./request_metrics.ts";

/** A request that may be one for the metrics. */
export interface MetricsPageRequest extends MetricsRequest {
  /** The target. */
  readonly path: string;
  /** The signed link that the request has, which opens only files. */
  readonly link?: unknown;
  /** Tells observers the pattern of the path. */
  setRoute(route: string): void;
}

/**
 * Answers a path with the metrics: a feature for the option `metrics` of
 * `ShareHTTPRequestHandler`.
 *
 * @example Usage
 * ```ts
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import { MetricsPage, RequestMetrics } from "@pystd/http-server/telemetry";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const metrics = new RequestMetrics();
 * class Observed extends ShareHTTPRequestHandler {
 *   static override observers = [metrics];
 * }
 * const Handler = Observed.with({
 *   metrics: new MetricsPage("/metrics", metrics),
 * });
 * assertEquals(Handler.protocolVersion, "HTTP/1.1");
 * ```
 */
export class MetricsPage {
  #path: string;
  #metrics: RequestMetrics;

  /**
   * Stores its arguments.
   *
   * @param path The path of the requests to answer, such as `/metrics`.
   * @param metrics The metrics.
   */
  constructor(path: string, metrics: RequestMetrics) {
    this.#path = path;
    this.#metrics = metrics;
  }

  /**
   * Answers a GET or HEAD of the path.
   *
   * @param request The request.
   * @returns Whether the request has been answered.
   */
  handle(request: MetricsPageRequest): boolean {
    const { command, path } = request;
    if (command !== "GET" && command !== "HEAD") return false;
    if (!namesPath(path, this.#path)) return false;
    if (request.link !== undefined) return false;
    request.setRoute(this.#path);
    this.#metrics.send(request);
    return true;
  }
}
