// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { Fields } from "../../protocol/fields.ts";
import { RequestMetrics } from "../../telemetry/request_metrics.ts";

/** Counts a request that took 20 ms. */
function count(
  metrics: RequestMetrics,
  {
    method = "GET",
    version = "HTTP/1.1",
    status = 200,
    scheme = "http" as const,
  }: { method?: string; version?: string; status?: number; scheme?: "http" },
): void {
  metrics.begin({
    method,
    target: "/",
    version,
    scheme,
    fields: Fields.from([]),
    client: "127.0.0.1",
    peer: ["127.0.0.1", 1],
  }).end({
    status,
    duration: 20,
    requestBytes: 0,
    responseBytes: 7,
    route: undefined,
    errorType: undefined,
    exception: undefined,
  });
}

/** Returns the numbers of requests by their labels. */
function counts(metrics: RequestMetrics): string[] {
  return metrics.text().split("\n")
    .filter((line) =>
      line.startsWith("http_server_request_duration_seconds_count")
    )
    .map((line) => line.replace(/^[^{]*/, ""));
}

Deno.test("RequestMetrics bounds its series, however many labels there are", () => {
  class Small extends RequestMetrics {
    static override maxSeries = 3;
  }
  const metrics = new Small();
  for (let status = 200; status < 300; status++) count(metrics, { status });
  count(metrics, { status: 200 });
  const rest = 'network_protocol_version="1.1",url_scheme="http"';
  const other = '{http_request_method="_OTHER",url_scheme="http"} 98';
  assertEquals(counts(metrics), [
    other,
    `{http_request_method="GET",http_response_status_code="200",${rest}} 2`,
    `{http_request_method="GET",http_response_status_code="201",${rest}} 1`,
  ]);
});

Deno.test("RequestMetrics knows few methods and versions", () => {
  const metrics = new RequestMetrics({ methods: ["GET", "MKCOL"] });
  count(metrics, { method: "MKCOL", version: "HTTP/1.0" });
  count(metrics, { method: "get", version: "HTTP/9.7", status: 0 });
  count(metrics, { method: 'x"} 1\n' });
  assertEquals(counts(metrics), [
    '{http_request_method="_OTHER",url_scheme="http"} 1',
    '{http_request_method="_OTHER",http_response_status_code="200",' +
    'network_protocol_version="1.1",url_scheme="http"} 1',
    '{http_request_method="MKCOL",http_response_status_code="200",' +
    'network_protocol_version="1.0",url_scheme="http"} 1',
  ]);
});

Deno.test("RequestMetrics refuses more methods than a table has room for", () => {
  const methods = Array.from({ length: 32 }, (_, i) => `M${i}`);
  assertThrows(() => new RequestMetrics({ methods }), RangeError, "31 methods");
  const metrics = new RequestMetrics({ methods: methods.slice(1) });
  count(metrics, { method: "M31" });
  assertEquals(counts(metrics)[0]!.includes('"M31"'), true);
  // Its request in progress has ended, and no series is damaged.
  assertEquals(metrics.text().includes("NaN"), false);
});

Deno.test("buckets contain what is below their boundary, and all above", () => {
  const metrics = new RequestMetrics();
  count(metrics, {});
  const buckets = metrics.text().split("\n")
    .filter((line) => line.startsWith("http_server_request_duration_seconds_b"))
    .map((line) => /le="(.*)"\} (.*)$/.exec(line)!.slice(1).join(" "));
  assertEquals(buckets.slice(0, 4), ["0.005 0", "0.01 0", "0.025 1", "0.05 1"]);
  assertEquals(buckets.at(-1), "+Inf 1");
});

Deno.test("threads read all tables; a new thread takes over a table's counts", () => {
  const [first, second] = RequestMetrics.tables(2);
  const one = new RequestMetrics({ tables: first });
  const two = new RequestMetrics({ tables: second });
  count(one, {});
  count(two, {});
  count(two, { status: 404 });
  const number = (metrics: RequestMetrics): string[] =>
    counts(metrics).map((line) => line.slice(line.lastIndexOf(" ") + 1));
  assertEquals([number(one), number(two)], [["2", "1"], ["2", "1"]]);
  // A request that ends with its thread is not in progress for ever.
  two.begin({
    method: "GET",
    target: "/",
    version: "HTTP/1.1",
    scheme: "http",
    fields: Fields.from([]),
    client: "",
    peer: ["", 0],
  });
  const replacement = new RequestMetrics({ tables: second });
  count(replacement, {});
  assertEquals(number(one), ["3", "1"]);
  const active = 'http_server_active_requests{http_request_method="GET",' +
    'url_scheme="http"} 0\n';
  assertEquals(one.text().includes(active), true);
});
