// Copyright 2026 the pystd authors. MIT license.

/**
 * Metrics of requests in Prometheus' text format: the same as OpenTelemetry's, by
 * the names that a collector would give them.
 *
 * @module
 */

import type {
  ObservedRequest,
  RequestObservation,
  RequestObserver,
} from "../handlers/base/observer.ts";
import { KNOWN_METHODS, OTHER_METHOD } from "./conventions.ts";
import {
  createTables,
  HISTOGRAM_BOUNDS,
  MAX_METHODS,
  type MetricTables,
  RequestCounts,
  type SeriesLabels,
} from "./metric_tables.ts";
import { protocolVersion } from "./request_attributes.ts";

/** Options of {@linkcode RequestMetrics}. */
export interface RequestMetricsOptions {
  /**
   * Methods to tell apart, at most 31; others count as `_OTHER`.
   *
   * @default {KNOWN_METHODS}
   */
  methods?: readonly string[];
  /**
   * Tables that threads share: {@linkcode RequestMetrics.tables}.
   *
   * @default tables of this thread alone
   */
  tables?: MetricTables;
}

/** The members of a handler that send the metrics. */
export interface MetricsRequest {
  /** The method. */
  readonly command: string;
  /** Where the response goes. */
  readonly wfile: { write(chunk: Uint8Array): Promise<void> };
  /** Starts a response. */
  sendResponse(code: number): void;
  /** Adds a header field. */
  sendHeader(keyword: string, value: string | number): void;
  /** Ends the header block. */
  endHeaders(): void;
}

const VERSIONS = ["", "0.9", "1.0", "1.1"];
/** Prometheus' text format. */
const TYPE = "text/plain; version=0.0.4; charset=utf-8";

const HISTOGRAMS: readonly (readonly [name: string, help: string])[] = [
  ["http_server_request_duration_seconds", "Duration of requests."],
  ["http_server_request_body_size_bytes", "Size of request bodies."],
  ["http_server_response_body_size_bytes", "Size of response bodies."],
];

/**
 * Counts requests, and sends the counts to Prometheus. The labels have few
 * values: no paths, no addresses, no names that a client makes up.
 *
 * @example Metrics at /metrics
 * ```ts
 * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
 * import { RequestMetrics } from "@pystd/http-server/telemetry";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertMatch } from "@std/assert/match";
 *
 * const metrics = new RequestMetrics();
 * class Handler extends BaseHTTPRequestHandler {
 *   static override observers = [metrics];
 *   do_GET(): void {
 *     if (this.path === "/metrics") return metrics.send(this);
 *     this.sendError(404);
 *   }
 * }
 *
 * await respond(Handler, "GET / HTTP/1.0\r\n\r\n");
 * const { body } = await respond(Handler, "GET /metrics HTTP/1.0\r\n\r\n");
 * assertMatch(body, /_count\{http_request_method="GET",.*"404",.*\} 1\n/);
 * ```
 */
export class RequestMetrics implements RequestObserver {
  /** Most combinations of labels; more count for the last one: 150 KiB. */
  static maxSeries = 512;

  #methods: readonly string[];
  #started: number;
  #counts: RequestCounts;

  /**
   * Stores its options.
   *
   * @param options See {@linkcode RequestMetricsOptions}.
   * @throws {RangeError} If there are too many methods.
   */
  constructor(options: RequestMetricsOptions = {}) {
    this.#methods = [OTHER_METHOD, ...options.methods ?? KNOWN_METHODS];
    if (this.#methods.length > MAX_METHODS) {
      throw new RangeError(
        `Cannot tell more than ${MAX_METHODS - 1} methods apart`,
      );
    }
    const cls = this.constructor as typeof RequestMetrics;
    const tables = options.tables ?? cls.tables(1)[0];
    this.#started = tables.started;
    this.#counts = new RequestCounts(tables);
  }

  /**
   * Creates tables for several threads.
   *
   * @param threads The number of threads.
   * @returns For each thread all the tables, and which one is its own.
   */
  static tables(threads: number): MetricTables[] {
    const tables = createTables(threads, this.maxSeries);
    const started = performance.timeOrigin;
    return tables.map((_, own) => ({ tables, own, started }));
  }

  /**
   * Counts a request as one in progress.
   *
   * @param request The request.
   * @returns What counts its end.
   */
  begin(request: ObservedRequest): RequestObservation {
    const counts = this.#counts;
    const method = Math.max(this.#methods.indexOf(request.method), 0);
    const secure = request.scheme === "https";
    counts.addActive(method, secure, 1);
    return {
      end({ status, duration, requestBytes, responseBytes }) {
        counts.addActive(method, secure, -1);
        const version = Math.max(VERSIONS.indexOf(protocolVersion(request)), 0);
        const labels = { method, status, version, secure };
        counts.count(labels, duration / 1000, requestBytes, responseBytes);
      },
    };
  }

  /**
   * Sends the metrics as a response to a GET or HEAD.
   *
   * @param request The request.
   */
  send(request: MetricsRequest): void {
    const body = new TextEncoder().encode(this.text());
    request.sendResponse(200);
    request.sendHeader("Content-Type", TYPE);
    request.sendHeader("Content-Length", body.length);
    request.sendHeader("Cache-Control", "no-store");
    request.endHeaders();
    if (request.command !== "HEAD") request.wfile.write(body);
  }

  /**
   * Returns the metrics.
   *
   * @returns The text, in Prometheus' format 0.0.4.
   */
  text(): string {
    return [
      ...this.#activeLines(),
      ...HISTOGRAMS.flatMap((_, i) => this.#histogramLines(i)),
      ...processLines(this.#started),
    ].map((line) => `${line}\n`).join("");
  }

  #activeLines(): string[] {
    const name = "http_server_active_requests";
    const lines = headLines(name, "gauge", "Requests in progress.");
    for (const [method, secure, count] of this.#counts.active()) {
      const labels = this.#labelsOf({ method, secure, status: 0, version: 0 });
      lines.push(`${name}{${labels}} ${count}`);
    }
    return lines;
  }

  #histogramLines(index: number): string[] {
    const [name, help] = HISTOGRAMS[index];
    const bounds = [...HISTOGRAM_BOUNDS[index], "+Inf"];
    const lines = headLines(name, "histogram", help);
    for (const [labels, histograms] of this.#counts.totals()) {
      const text = this.#labelsOf(labels);
      const numbers = histograms[index];
      let count = 0;
      bounds.forEach((bound, i) => {
        count += numbers[i];
        lines.push(`${name}_bucket{${text},le="${bound}"} ${count}`);
      });
      lines.push(`${name}_sum{${text}} ${numbers[bounds.length]}`);
      lines.push(`${name}_count{${text}} ${count}`);
    }
    return lines;
  }

  #labelsOf({ method, status, version, secure }: SeriesLabels): string {
    const pairs: [name: string, value: string][] = [
      ["http_request_method", this.#methods[method]],
      ["http_response_status_code", status === 0 ? "" : `${status}`],
      ["network_protocol_version", VERSIONS[version]],
      ["url_scheme", secure ? "https" : "http"],
    ];
    return pairs.filter(([, value]) => value !== "")
      .map(([name, value]) => `${name}="${value}"`).join(",");
  }
}

/** The part of `node:process` that measures the process, with all its threads. */
interface ProcessUsage {
  /** Processor time since the start, in µs. */
  cpuUsage(): { user: number; system: number };
  /** Memory, in bytes. */
  memoryUsage(): { rss: number };
}

/** Metrics of the process, by the names that all Prometheus clients use. */
function processLines(started: number): string[] {
  const lines: string[] = [];
  const add = (
    name: string,
    help: string,
    value: number,
    type = "gauge",
  ): void => {
    lines.push(...headLines(name, type, help), `${name} ${value}`);
  };
  add(
    "process_start_time_seconds",
    "Start of the process, in seconds since 1970.",
    started / 1000,
  );
  const usage = processUsage();
  if (usage === undefined) return lines;
  const { memory, seconds } = usage;
  add("process_resident_memory_bytes", "Memory of the process.", memory);
  const help = "Processor time of the process.";
  add("process_cpu_seconds_total", help, seconds, "counter");
  return lines;
}

/** Measures the process; `undefined` in workers, where these methods throw. */
function processUsage(): { memory: number; seconds: number } | undefined {
  const { process } = globalThis as { process?: ProcessUsage };
  try {
    const { rss } = process!.memoryUsage();
    const { user, system } = process!.cpuUsage();
    return { memory: rss, seconds: (user + system) / 1e6 };
  } catch {
    return undefined;
  }
}

function headLines(name: string, type: string, help: string): string[] {
  return [`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`];
}
