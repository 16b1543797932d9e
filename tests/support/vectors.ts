// Copyright 2026 the pystd authors. MIT license.

/**
 * Runs recorded requests against this package's servers and compares the
 * answers.
 *
 * All vectors of a group run at once, on one connection each, so that the wait
 * for silence happens only once.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import type { BaseHTTPRequestHandler } from "../../handlers/base.ts";
import { parseAnswers } from "./answers.ts";
import { flatten, methodsOf, type Part, RawClient } from "./client.ts";
import { differences, type Origin, type Recording } from "./compare.ts";
import { TestServer } from "./server.ts";
import type { TreeEntry } from "./tree.ts";

/** A handler class. */
export type Handler = typeof BaseHTTPRequestHandler;

/** A recorded exchange; see `tests/testdata/cpython/README.md`. */
export interface Vector extends Recording {
  /** Its name. */
  id: string;
  /** The handler class. */
  handler: string;
  /** Its `protocolVersion`. */
  protocol: string;
  /** The client's data. */
  request: string | Part[];
  /** Whether the client closes its side afterwards. */
  half_close?: boolean;
  /** A deliberate difference from CPython. */
  differs?: string;
  /** A possible improvement over CPython. */
  doubt?: string;
  /** Other accepted bodies. */
  accept_body?: string[];
  /** Other accepted statuses. */
  accept_status?: number[];
  /** The exception of CPython's handler, if it wrote nothing. */
  crash?: string;
}

/** Required silence after an answer on a connection that stays open, in ms. */
const SILENCE = 250;

/** Longest wait for the expected answer, in ms. */
const PATIENCE = 4000;

/**
 * Vectors with differences that the recording does not mention. A handler that
 * speaks HTTP/1.1 skips one empty line before a request (RFC 9112 section 2.2),
 * answers an invalid request line with a status line, and never ends a request
 * with an interim response. A file handler confirms that an HTTP/1.0 connection
 * persists (appendix C.2.2).
 */
const DEPARTURES: Record<string, Partial<Vector>> = {
  "static/http10-keep-alive@1.1": {
    ignore_headers: ["ETag", "Accept-Ranges", "Connection"],
  },
  "requestline/empty-line@1.1": {
    compare: "expect",
    expect: {
      statuses: [200],
      closed: false,
      body: "command=GET\npath=/\nversion=HTTP/1.1\nline=GET / HTTP/1.1\n",
    },
  },
  "requestline/empty-line-between@1.1": {
    compare: "expect",
    expect: { statuses: [204, 204], closed: false, body: "" },
  },
  "requestline/version-2.0@1.1": refusal(505),
  "requestline/version-bogus@1.1": refusal(400),
  "send_error/100@1.1": refusal(100, 500),
  "send_error/102@1.1": refusal(102, 500),
  "send_error/103@1.1": refusal(103, 500),
};

function refusal(...statuses: number[]): Partial<Vector> {
  return { compare: "expect", expect: { statuses, closed: true } };
}

const DATA = new URL("../testdata/cpython/", import.meta.url);

/**
 * Reads a group of vectors.
 *
 * @param group The name of the file without its extension.
 * @returns The vectors, with the differences of this package.
 */
export function readVectors(group: string): Vector[] {
  const text = Deno.readTextFileSync(new URL(`${group}.json`, DATA));
  const { vectors } = JSON.parse(text) as { vectors: Vector[] };
  return vectors.map((vector) => ({ ...vector, ...DEPARTURES[vector.id] }));
}

/**
 * Reads the tree of files of a group's recording.
 *
 * @param name `static` or `cgi`.
 * @returns Its entries.
 */
export function readTree(name: string): TreeEntry[] {
  return JSON.parse(Deno.readTextFileSync(new URL(`${name}.tree.json`, DATA)));
}

/**
 * Runs a group, one step per vector.
 *
 * @param t The test.
 * @param group The name of the group.
 * @param handlers The classes by their names in the vectors.
 * @param root The directory to serve.
 * @returns A promise that resolves when all vectors are compared.
 */
export async function checkGroup(
  t: Deno.TestContext,
  group: string,
  handlers: Record<string, Handler>,
  root?: string,
): Promise<void> {
  const vectors = readVectors(group);
  const found = await runVectors(vectors, handlers, root);
  for (const { id } of vectors) {
    await t.step(id, () => assertEquals(found.get(id), []));
  }
}

/**
 * Runs vectors.
 *
 * @param vectors The vectors.
 * @param handlers The classes by their names in the vectors.
 * @param root The directory to serve.
 * @returns The differences by vector id.
 */
export async function runVectors(
  vectors: readonly Vector[],
  handlers: Record<string, Handler>,
  root?: string,
): Promise<Map<string, string[]>> {
  await using stack = new AsyncDisposableStack();
  const servers = new Map<string, TestServer>();
  const runs = vectors.map(async (vector) => {
    const Handler = handlers[vector.handler]!;
    const key = `${vector.handler} ${vector.protocol}`;
    const server = servers.get(key) ??
      stack.use(new TestServer(speaking(Handler, vector.protocol)));
    servers.set(key, server);
    const origin: Origin = {
      methods: methodsOf(flatten([vector.request].flat())),
      serverVersion: Handler.serverVersion,
      branded: vector.handler === "Branded",
      now: Date.now(),
      ...root === undefined ? {} : { root },
    };
    const accepted = alternatives(vector, vectors);
    return [vector.id, await runVector(vector, accepted, server, origin)];
  });
  return new Map(await Promise.all(runs) as [string, string[]][]);
}

/**
 * Returns all accepted answers, including the recorded one.
 *
 * @param vector A vector.
 * @param group All vectors of its group.
 * @returns The recordings; one of them must match.
 */
export function alternatives(
  vector: Vector,
  group: readonly Vector[],
): Vector[] {
  const bodies = (vector.accept_body ?? []).map((body) => ({
    ...vector,
    response: withBody(vector.response, body),
  }));
  // Another vector has the full response for the same file.
  const full = group.filter((other) =>
    vector.accept_status?.some((status) =>
      other.response.startsWith(`${vector.protocol} ${status} `)
    ) && other.handler === vector.handler &&
    other.protocol === vector.protocol && other.closed === vector.closed &&
    requestLine(other) === requestLine(vector)
  ).slice(0, 1);
  return [vector, ...bodies, ...full];
}

async function runVector(
  vector: Vector,
  accepted: readonly Vector[],
  server: TestServer,
  origin: Origin,
): Promise<string[]> {
  await using client = await RawClient.connect(server.port);
  const compare = () => {
    const outcome = {
      response: client.received,
      closed: client.closed,
      log: server.log(client.localPort),
    };
    const thrown = server.errors(client.localPort);
    const all = accepted.map((one) => [
      ...differences(one, outcome, origin),
      ...thrown,
    ]);
    return all.find((found) => found.length === 0) ?? all[0]!;
  };
  const sending = client.send(...[vector.request].flat())
    .then(() => vector.half_close ? client.closeWrite() : undefined);
  const settled = () => client.closed || compare().length === 0;
  const answered = await client.waitFor(settled, PATIENCE);
  // A line may be logged after the last byte, when a script has ended.
  await client.waitFor(() => compare().length === 0, answered ? 500 : 0);
  if (!client.closed) await client.silence(SILENCE);
  await sending;
  return compare();
}

function speaking(Handler: Handler, protocol: string): Handler {
  return class extends Handler {
    static override protocolVersion = protocol;
  };
}

function requestLine(vector: Vector): string {
  return flatten([vector.request].flat()).split("\n")[0]!;
}

function withBody(response: string, body: string): string {
  const answers = parseAnswers(response);
  const last = answers.pop()!;
  const length = /^(Content-Length: )\d+/m;
  const head = last.head.replace(length, `$1${body.length}`);
  return answers.map(({ head, raw }) => head + raw).join("") + head + body;
}
