// Copyright 2026 the pystd authors. MIT license.

/**
 * Traces and metrics through `@opentelemetry/api`, by OpenTelemetry's stable HTTP
 * conventions. Deno implements this API with `OTEL_DENO=true`; on other
 * platforms an SDK does.
 *
 *     traceparent of the request -> SERVER span -> INTERNAL span for each part
 *
 * @module
 */

import type {
  Attributes,
  Context,
  Histogram,
  Span,
  TextMapGetter,
  Tracer,
  UpDownCounter,
} from "@opentelemetry/api";
import type {
  Field,
  ObservedRequest,
  PartAttributes,
  PartObservation,
  RequestObservation,
  RequestObserver,
  RequestOutcome,
} from "../handlers/base/observer.ts";
import type { Fields } from "../protocol/fields.ts";
import { VERSION } from "../version.ts";
import {
  DURATION_BOUNDS,
  KNOWN_METHODS,
  OTHER_METHOD,
  SIZE_BOUNDS,
} from "./conventions.ts";
import { REGISTERED } from "./is_telemetry_on.ts";
import {
  type AttributeValues,
  commonAttributes,
  protocolVersion,
  SECRET_PARAMETERS,
  spanAttributes,
} from "./request_attributes.ts";

type Api = typeof import("@opentelemetry/api");

/** Options of {@linkcode openTelemetry}. */
export interface OpenTelemetryOptions {
  /**
   * Methods to tell apart; others count as `_OTHER`.
   *
   * @default {KNOWN_METHODS}
   */
  methods?: Iterable<string>;
  /**
   * Parameters of the query whose values are replaced by `REDACTED`, in any
   * case.
   *
   * @default {SECRET_PARAMETERS}
   */
  redact?: Iterable<string>;
}

/** The name of the tracer and of the meter. */
const SCOPE = "@pystd/http-server";

/**
 * Loads `@opentelemetry/api`, and returns an observer that makes a span for each
 * request, and the metrics `http.server.request.duration`,
 * `http.server.active_requests`, `http.server.request.body.size` and
 * `http.server.response.body.size`.
 *
 * `Deno.serve` makes spans and metrics itself: leave the observer out there.
 *
 * @param options See {@linkcode OpenTelemetryOptions}.
 * @returns The observer, for `static observers` of a handler class.
 *
 * @example Usage
 * ```ts
 * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
 * import { openTelemetry } from "@pystd/http-server/telemetry";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const telemetry = await openTelemetry();
 * class Handler extends BaseHTTPRequestHandler {
 *   static override observers = [telemetry];
 * }
 * assertEquals(Handler.observers.length, 1);
 * ```
 */
export async function openTelemetry(
  options: OpenTelemetryOptions = {},
): Promise<RequestObserver> {
  const api = await import("@opentelemetry/api");
  return new OpenTelemetry(api, options);
}

/** The instruments, and what all requests share. */
class OpenTelemetry implements RequestObserver {
  readonly api: Api;
  readonly tracer: Tracer;
  readonly active: UpDownCounter;
  readonly duration: Histogram;
  readonly requestSize: Histogram;
  readonly responseSize: Histogram;
  #methods: ReadonlySet<string>;
  #secret: ReadonlySet<string>;
  /** Whether integers are passed as `bigint`. */
  #bigIntegers: boolean;

  constructor(api: Api, options: OpenTelemetryOptions) {
    this.api = api;
    const { methods = KNOWN_METHODS, redact = SECRET_PARAMETERS } = options;
    this.#methods = new Set(methods);
    this.#secret = new Set([...redact].map((name) => name.toLowerCase()));
    this.#bigIntegers = isDenos();
    this.tracer = api.trace.getTracer(SCOPE, VERSION);
    const meter = api.metrics.getMeter(SCOPE, VERSION);
    this.active = meter.createUpDownCounter("http.server.active_requests", {
      description: "Number of requests in progress",
      unit: "{request}",
    });
    const histogram = (
      name: string,
      unit: string,
      description: string,
      bounds: readonly number[],
    ): Histogram =>
      meter.createHistogram(`http.server.${name}`, {
        description,
        unit,
        advice: { explicitBucketBoundaries: [...bounds] },
      });
    this.duration = histogram(
      "request.duration",
      "s",
      "Duration of requests",
      DURATION_BOUNDS,
    );
    this.requestSize = histogram(
      "request.body.size",
      "By",
      "Size of request bodies",
      SIZE_BOUNDS,
    );
    this.responseSize = histogram(
      "response.body.size",
      "By",
      "Size of response bodies",
      SIZE_BOUNDS,
    );
  }

  begin(request: ObservedRequest): RequestObservation {
    const { api, tracer } = this;
    const common = commonAttributes(request, this.#methods);
    const known = common["http.request.method"] === request.method;
    const { fields } = request;
    const { propagation, ROOT_CONTEXT, SpanKind, trace } = api;
    const parent = propagation.extract(ROOT_CONTEXT, fields, FIELDS_GETTER);
    const span = tracer.startSpan(known ? request.method : "HTTP", {
      kind: SpanKind.SERVER,
      attributes: {
        ...common,
        ...this.attributes(spanAttributes(request, known, this.#secret)),
      },
    }, parent);
    this.active.add(1, common);
    const state = trace.getSpanContext(parent)?.traceState?.serialize();
    const context = trace.setSpan(parent, span);
    return new RequestSpan(this, request, common, span, context, state);
  }

  /** Returns attributes as the implementation of the API takes them. */
  attributes(values: PartAttributes): Attributes {
    if (!this.#bigIntegers) return values;
    const attributes: Record<string, unknown> = {};
    for (const [name, value] of Object.entries(values)) {
      attributes[name] = Number.isInteger(value) ? BigInt(value) : value;
    }
    return attributes as Attributes;
  }
}

const FIELDS_GETTER: TextMapGetter<Fields> = {
  keys: (fields) => [...fields].map(([name]) => name),
  get: (fields, name) => fields.get(name),
};

/** A span, and the context in which its code runs. */
class SpanScope {
  protected readonly shared: OpenTelemetry;
  protected readonly span: Span;
  readonly #context: Context;
  /** `tracestate` of the request, which Deno 2.9 does not pass on. */
  protected readonly traceState: string | undefined;

  constructor(
    shared: OpenTelemetry,
    span: Span,
    context: Context,
    traceState: string | undefined,
  ) {
    this.shared = shared;
    this.span = span;
    this.#context = context;
    this.traceState = traceState;
  }

  run<T>(code: () => T): T {
    return this.shared.api.context.with(this.#context, code);
  }

  traceFields(): readonly Field[] {
    const carrier: Record<string, string> = {};
    this.shared.api.propagation.inject(this.#context, carrier);
    if (carrier.traceparent !== undefined && this.traceState !== undefined) {
      carrier.tracestate ??= this.traceState;
    }
    return Object.entries(carrier);
  }

  /** Marks the span as failed. */
  protected fail(error?: unknown): void {
    const { span } = this;
    if (error !== undefined) span.recordException(error as Error);
    span.setStatus({ code: this.shared.api.SpanStatusCode.ERROR });
  }
}

/** The SERVER span of a request. */
class RequestSpan extends SpanScope implements RequestObservation {
  #common: AttributeValues;
  #version: string;

  constructor(
    shared: OpenTelemetry,
    request: ObservedRequest,
    common: AttributeValues,
    span: Span,
    context: Context,
    traceState: string | undefined,
  ) {
    super(shared, span, context, traceState);
    this.#common = common;
    this.#version = protocolVersion(request);
  }

  part(name: string, attributes: PartAttributes): PartObservation {
    const { shared } = this;
    const parent = shared.api.context.active();
    const options = { attributes: shared.attributes(attributes) };
    const span = shared.tracer.startSpan(name, options, parent);
    const context = shared.api.trace.setSpan(parent, span);
    return new PartSpan(shared, span, context, this.traceState);
  }

  end(outcome: RequestOutcome): void {
    const { shared, span } = this;
    const { status, route, errorType, exception } = outcome;
    const result: AttributeValues = {};
    if (status !== 0) result["http.response.status_code"] = status;
    if (route !== undefined) result["http.route"] = route;
    if (errorType !== undefined) result["error.type"] = errorType;
    span.setAttributes(shared.attributes({
      ...result,
      "http.request.body.size": outcome.requestBytes,
      "http.response.body.size": outcome.responseBytes,
    }));
    if (route !== undefined) {
      const method = this.#common["http.request.method"];
      span.updateName(`${method === OTHER_METHOD ? "HTTP" : method} ${route}`);
    }
    if (status >= 500 || exception !== undefined) this.fail(exception);
    span.end();
    this.#count(outcome, result);
  }

  #count(outcome: RequestOutcome, result: AttributeValues): void {
    const { shared } = this;
    shared.active.add(-1, this.#common);
    if (this.#version !== "") {
      result["network.protocol.version"] = this.#version;
    }
    const attributes = shared.attributes({ ...this.#common, ...result });
    shared.duration.record(outcome.duration / 1000, attributes);
    shared.requestSize.record(outcome.requestBytes, attributes);
    shared.responseSize.record(outcome.responseBytes, attributes);
  }
}

/** The span of a part of the work. */
class PartSpan extends SpanScope implements PartObservation {
  setAttributes(attributes: PartAttributes): void {
    this.span.setAttributes(this.shared.attributes(attributes));
  }

  end(error?: unknown): void {
    if (error !== undefined) this.fail(error);
    this.span.end();
  }
}

/** Whether Deno implements the API, which takes each number for a fraction. */
function isDenos(): boolean {
  const { trace } = (globalThis as Record<symbol, { trace?: unknown }>)[
    REGISTERED
  ] ?? {};
  return trace !== undefined &&
    trace === globalThis.Deno?.telemetry?.tracerProvider;
}
