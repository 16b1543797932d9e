// Copyright 2026 the pystd authors. MIT license.

/**
 * A receiver of OTLP, OpenTelemetry's protocol, in both its forms over HTTP: JSON
 * and protobuf. Keeps the spans and metrics that Deno exports.
 *
 * Source: opentelemetry-proto 1.5, `trace.proto`, `metrics.proto`.
 *
 * @module
 */

import { startCommand } from "./command.ts";
import type { ProcessOptions, RunningCommand } from "./command.ts";

/** Values of attributes, by name; integers are `bigint`. */
export type Attributes = Record<string, unknown>;

/** A span, as far as the tests look at it. */
export interface ReceivedSpan {
  /** The name of the tracer. */
  scope: string;
  name: string;
  /** 1 for internal, 2 for server. */
  kind: number;
  traceId: string;
  spanId: string;
  /** Empty for the root of a trace. */
  parentSpanId: string;
  /** Start and end, in ns. */
  start: bigint;
  end: bigint;
  attributes: Attributes;
  /** 0 unset, 1 ok, 2 error. */
  status: number;
  /** The names of its events. */
  events: string[];
}

/** A point of a metric. */
export interface ReceivedPoint {
  name: string;
  unit: string;
  attributes: Attributes;
  /** Number of measurements of a histogram. */
  count: bigint | undefined;
  /** Sum of a histogram; value of another metric. */
  value: number;
  /** Boundaries of a histogram. */
  bounds: number[];
}

/** A running receiver; disposing of it stops it. */
export class OtlpReceiver implements AsyncDisposable {
  /** All spans received so far. */
  readonly spans: ReceivedSpan[] = [];
  /** The points of the last export. */
  points: ReceivedPoint[] = [];
  /** The content types of the exports. */
  readonly types: Set<string> = new Set();
  readonly #server: Deno.HttpServer<Deno.NetAddr>;

  constructor() {
    this.#server = Deno.serve(
      { hostname: "127.0.0.1", port: 0, onListen: () => {} },
      (request) => this.#receive(request),
    );
  }

  /**
   * Returns the variables that make Deno export to this receiver.
   *
   * @param protocol The form.
   * @returns The environment.
   */
  env(
    protocol: "http/json" | "http/protobuf" = "http/json",
  ): Record<string, string> {
    return {
      OTEL_DENO: "true",
      OTEL_DENO_CONSOLE: "ignore",
      OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${this.#server.addr.port}`,
      OTEL_EXPORTER_OTLP_PROTOCOL: protocol,
    };
  }

  /**
   * Returns the spans of this package with a name.
   *
   * @param name The name.
   * @returns The spans.
   */
  named(name: string): ReceivedSpan[] {
    return this.spans.filter((span) => span.name === name);
  }

  async #receive(request: Request): Promise<Response> {
    const type = request.headers.get("content-type") ?? "";
    this.types.add(type);
    const body = new Uint8Array(await request.arrayBuffer());
    const isJson = type.includes("json");
    const { pathname } = new URL(request.url);
    if (pathname === "/v1/traces") {
      const data = isJson ? JSON.parse(text(body)) : readTraces(body);
      this.spans.push(...spansOf(data));
    } else if (pathname === "/v1/metrics") {
      const data = isJson ? JSON.parse(text(body)) : readMetrics(body);
      this.points = pointsOf(data);
    }
    return new Response(isJson ? "{}" : null, {
      headers: { "content-type": type },
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#server.shutdown();
  }
}

/**
 * Runs the command with telemetry while a client uses it. The command exports
 * all that is left when it ends.
 *
 * @param args The arguments.
 * @param use Uses the command.
 * @param options Options of the process.
 * @param protocol The form.
 * @returns What was received.
 */
export async function observe(
  args: readonly string[],
  use: (command: RunningCommand) => Promise<void>,
  options: ProcessOptions = {},
  protocol?: "http/json" | "http/protobuf",
): Promise<OtlpReceiver> {
  await using receiver = new OtlpReceiver();
  {
    const env = { ...options.env, ...receiver.env(protocol) };
    await using command = await startCommand(args, { ...options, env });
    await use(command);
    await command.stop();
  }
  return receiver;
}

// The JSON form (protobuf's JSON mapping: 64-bit integers are strings).

interface JsonValue {
  stringValue?: string;
  intValue?: string | bigint;
  doubleValue?: number;
  boolValue?: boolean;
}
interface JsonAttribute {
  key: string;
  value: JsonValue;
}
interface JsonSpan {
  name: string;
  kind: number;
  traceId: string;
  spanId: string;
  parentSpanId: string;
  startTimeUnixNano: string | bigint;
  endTimeUnixNano: string | bigint;
  attributes: JsonAttribute[];
  status?: { code?: number };
  events: { name: string }[];
}
interface JsonPoint {
  attributes: JsonAttribute[];
  count?: string | bigint;
  sum?: number;
  asDouble?: number;
  asInt?: string | bigint;
  explicitBounds?: number[];
}
interface JsonMetric {
  name: string;
  unit: string;
  histogram?: { dataPoints: JsonPoint[] };
  sum?: { dataPoints: JsonPoint[] };
  gauge?: { dataPoints: JsonPoint[] };
}
interface JsonTraces {
  resourceSpans: {
    scopeSpans: { scope: { name: string }; spans: JsonSpan[] }[];
  }[];
}
interface JsonMetrics {
  resourceMetrics: { scopeMetrics: { metrics: JsonMetric[] }[] }[];
}

function attributesOf(list: JsonAttribute[]): Attributes {
  return Object.fromEntries(list.map(({ key, value }) => [
    key,
    value.intValue === undefined
      ? value.stringValue ?? value.doubleValue ?? value.boolValue
      : BigInt(value.intValue),
  ]));
}

function spansOf({ resourceSpans }: JsonTraces): ReceivedSpan[] {
  return resourceSpans.flatMap(({ scopeSpans }) =>
    scopeSpans.flatMap(({ scope, spans }) =>
      spans.map((span) => ({
        scope: scope.name,
        name: span.name,
        kind: span.kind,
        traceId: span.traceId,
        spanId: span.spanId,
        parentSpanId: span.parentSpanId,
        start: BigInt(span.startTimeUnixNano),
        end: BigInt(span.endTimeUnixNano),
        attributes: attributesOf(span.attributes),
        status: span.status?.code ?? 0,
        events: span.events.map(({ name }) => name),
      }))
    )
  );
}

function pointsOf({ resourceMetrics }: JsonMetrics): ReceivedPoint[] {
  return resourceMetrics.flatMap(({ scopeMetrics }) =>
    scopeMetrics.flatMap(({ metrics }) =>
      metrics.flatMap(({ name, unit, histogram, sum, gauge }) =>
        (histogram ?? sum ?? gauge)?.dataPoints.map((point) => ({
          name,
          unit,
          attributes: attributesOf(point.attributes),
          count: point.count === undefined ? undefined : BigInt(point.count),
          value: point.sum ?? point.asDouble ?? Number(point.asInt ?? 0),
          bounds: point.explicitBounds ?? [],
        })) ?? []
      )
    )
  );
}

// The protobuf form, read into the same objects as JSON.

/** A field of a message: its number, and a varint, eight bytes, or bytes. */
type WireField = [number: number, value: bigint | Uint8Array];

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

function* fieldsOf(bytes: Uint8Array): Generator<WireField> {
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n;; shift += 7n) {
      const byte = bytes[at++]!;
      value |= BigInt(byte & 127) << shift;
      if (byte < 128) return value;
    }
  };
  const take = (count: number): Uint8Array => {
    if (at + count > bytes.length) throw new SyntaxError("a field is cut off");
    return bytes.subarray(at, at += count);
  };
  while (at < bytes.length) {
    const key = Number(varint());
    switch (key & 7) {
      case 0:
        yield [key >> 3, varint()];
        break;
      case 1:
        yield [key >> 3, take(8)];
        break;
      case 2:
        yield [key >> 3, take(Number(varint()))];
        break;
      case 5:
        yield [key >> 3, take(4)];
        break;
      default:
        throw new SyntaxError(`unknown wire type ${key & 7}`);
    }
  }
}

/** A message: its fields by number. */
class Message {
  readonly #fields: WireField[];
  constructor(bytes: Uint8Array) {
    this.#fields = [...fieldsOf(bytes)];
  }
  all(number: number): Uint8Array[] {
    return this.#fields.filter(([is]) => is === number)
      .map(([, value]) => value as Uint8Array);
  }
  bytes(number: number): Uint8Array | undefined {
    return this.all(number).at(-1);
  }
  messages(number: number): Message[] {
    return this.all(number).map((bytes) => new Message(bytes));
  }
  message(number: number): Message {
    return new Message(this.bytes(number) ?? new Uint8Array());
  }
  string(number: number): string {
    return text(this.bytes(number) ?? new Uint8Array());
  }
  hex(number: number): string {
    return (this.bytes(number) ?? new Uint8Array()).toHex();
  }
  varint(number: number): number {
    return Number(this.bytes(number) ?? 0);
  }
  fixed64(number: number): bigint {
    return view(this.bytes(number))?.getBigUint64(0, true) ?? 0n;
  }
  double(number: number): number | undefined {
    return view(this.bytes(number))?.getFloat64(0, true);
  }
}

function view(bytes: Uint8Array | undefined): DataView | undefined {
  return bytes && new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
}

function readAttributes(messages: Message[]): JsonAttribute[] {
  return messages.map((message) => {
    const value = message.message(2);
    const string = value.bytes(1);
    const int = value.bytes(3) as unknown as bigint | undefined;
    return {
      key: message.string(1),
      value: {
        stringValue: string && text(string),
        intValue: int,
        doubleValue: value.double(4),
      },
    };
  });
}

function readTraces(bytes: Uint8Array): JsonTraces {
  return {
    resourceSpans: new Message(bytes).messages(1).map((resource) => ({
      scopeSpans: resource.messages(2).map((scope) => ({
        scope: { name: scope.message(1).string(1) },
        spans: scope.messages(2).map((span) => ({
          traceId: span.hex(1),
          spanId: span.hex(2),
          parentSpanId: span.hex(4),
          name: span.string(5),
          kind: span.varint(6),
          startTimeUnixNano: span.fixed64(7),
          endTimeUnixNano: span.fixed64(8),
          attributes: readAttributes(span.messages(9)),
          events: span.messages(11).map((event) => ({ name: event.string(2) })),
          status: { code: span.message(15).varint(3) },
        })),
      })),
    })),
  };
}

function readMetrics(bytes: Uint8Array): JsonMetrics {
  const points = (metric: Message, field: number, attributes: number) => {
    const [data] = metric.messages(field);
    if (data === undefined) return undefined;
    return {
      dataPoints: data.messages(1).map((point): JsonPoint => ({
        attributes: readAttributes(point.messages(attributes)),
        count: field === 9 ? point.fixed64(4) : undefined,
        sum: field === 9 ? point.double(5) : undefined,
        asDouble: field === 9 ? undefined : point.double(4),
        explicitBounds: [],
      })),
    };
  };
  return {
    resourceMetrics: new Message(bytes).messages(1).map((resource) => ({
      scopeMetrics: resource.messages(2).map((scope) => ({
        metrics: scope.messages(2).map((metric) => ({
          name: metric.string(1),
          unit: metric.string(3),
          gauge: points(metric, 5, 7),
          sum: points(metric, 7, 7),
          histogram: points(metric, 9, 9),
        })),
      })),
    })),
  };
}
