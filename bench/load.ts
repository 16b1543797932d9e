// Copyright 2026 the pystd authors. MIT license.

/**
 * Generates load: with wrk where possible, otherwise with loaders of ours.
 *
 * @module
 */

import { fromFileUrl } from "@std/path/from-file-url";
import { cpuSeconds, residentBytes, runClient } from "./processes.ts";

const HERE = fromFileUrl(new URL("./", import.meta.url));

/** The arguments of wrk. */
export interface WrkLoad {
  /** The request's path. */
  path: string;
  /** Header fields of the request. */
  headers?: readonly string[];
  /** A script in `wrk/`, and its arguments. */
  script?: readonly string[];
  /** Connections at once; 32 by default. */
  connections?: number;
}

/** The results of wrk. */
export interface WrkResult {
  /** Responses per second. */
  rate: number;
  /** Number of responses. */
  count: number;
  /** Number of failed connections and invalid responses. */
  errors: number;
}

/**
 * Runs wrk with one thread.
 *
 * @param port The server's port on 127.0.0.1.
 * @param load The requests.
 * @param seconds Length of the run.
 * @param scheme `https` for TLS; certificates are not checked.
 * @returns The results.
 */
export async function runWrk(
  port: number,
  load: WrkLoad,
  seconds: number,
  scheme = "http",
): Promise<WrkResult> {
  const { path, headers = [], script, connections = 32 } = load;
  const output = await runClient([
    ...["wrk", "-t1", `-c${connections}`, `-d${seconds}s`, "--timeout", "5s"],
    ...headers.flatMap((header) => ["-H", header]),
    ...(script === undefined ? [] : ["-s", `${HERE}wrk/${script[0]}`]),
    `${scheme}://127.0.0.1:${port}${path}`,
    ...(script === undefined ? [] : ["--", ...script.slice(1)]),
  ]);
  const rate = Number(/Requests\/sec:\s+([0-9.]+)/.exec(output)?.[1] ?? 0);
  const failed = /connect ([0-9]+), read ([0-9]+), write ([0-9]+)/
    .exec(output)?.slice(1).reduce((sum, count) => sum + Number(count), 0);
  const count = Number(/([0-9]+) requests in/.exec(output)?.[1] ?? 0);
  return { rate, count, errors: failed ?? 0 };
}

/**
 * Reads the head of a response and its body of a known length.
 *
 * @param connection The connection.
 * @param buffer The buffer; the head has to fit in it.
 * @param until When to stop, even in the middle of the body.
 * @returns The status, and the number of bytes.
 */
async function readAnswer(
  connection: Deno.Conn,
  buffer: Uint8Array,
  until = Infinity,
): Promise<{ status: number; bytes: number }> {
  let text = "";
  let head = -1;
  let bytes = 0;
  while (head === -1) {
    const count = await connection.read(buffer);
    if (count === null) return { status: 0, bytes };
    bytes += count;
    text += new TextDecoder("latin1").decode(buffer.subarray(0, count));
    head = text.indexOf("\r\n\r\n");
  }
  const status = Number(text.slice(9, 12));
  const length = /\r\ncontent-length: *([0-9]+)/i.exec(text.slice(0, head));
  if (length === null) return { status, bytes };
  const total = head + 4 + Number(length[1]);
  while (bytes < total && performance.now() < until) {
    const count = await connection.read(buffer);
    if (count === null) break;
    bytes += count;
  }
  return { status, bytes };
}

function request(port: number, path: string): Uint8Array {
  return new TextEncoder().encode(
    `GET ${path} HTTP/1.1\r\nHost: 127.0.0.1:${port}\r\n\r\n`,
  );
}

/** The results of large downloads. */
export interface Throughput {
  /** GB (10^9 bytes) per second. */
  rate: number;
  /** Processor time of the server for one GB, in seconds. */
  cpu: number;
}

/**
 * Downloads a file repeatedly, over one or more connections.
 *
 * @param pid The server.
 * @param port Its port.
 * @param path The file.
 * @param clients Number of connections.
 * @param seconds Length of the run.
 * @returns The results.
 */
export async function download(
  pid: number,
  port: number,
  path: string,
  clients: number,
  seconds: number,
): Promise<Throughput> {
  const cpu = cpuSeconds(pid);
  const began = performance.now();
  const until = began + seconds * 1000;
  const counts = await Promise.all(Array.from({ length: clients }, async () => {
    using connection = await Deno.connect({ hostname: "127.0.0.1", port });
    const buffer = new Uint8Array(256 * 1024);
    let bytes = 0;
    while (performance.now() < until) {
      await writeAll(connection, request(port, path));
      bytes += (await readAnswer(connection, buffer, until)).bytes;
    }
    return bytes;
  }));
  const elapsed = (performance.now() - began) / 1000;
  const gigabytes = counts.reduce((sum, count) => sum + count, 0) / 1e9;
  return {
    rate: gigabytes / elapsed,
    cpu: (cpuSeconds(pid) - cpu) / gigabytes,
  };
}

/**
 * Waits until a server responds.
 *
 * @param port Its port.
 * @param path The path to request.
 * @returns The time in ms; `undefined` if the server does not respond.
 */
export async function firstAnswer(
  port: number,
  path: string,
): Promise<number | undefined> {
  const began = performance.now();
  const buffer = new Uint8Array(64 * 1024);
  while (performance.now() - began < 15_000) {
    try {
      using connection = await Deno.connect({ hostname: "127.0.0.1", port });
      await writeAll(connection, request(port, path));
      const { status } = await readAnswer(connection, buffer);
      if (status > 0) return performance.now() - began;
    } catch {
      // The server does not listen yet.
    }
    await new Promise((resolve) => setTimeout(resolve, 0));
  }
  return undefined;
}

/**
 * Measures the memory of an idle connection.
 *
 * @param pid The server.
 * @param port Its port.
 * @param path The path of the one request on each connection.
 * @param count Number of connections.
 * @returns Bytes per connection.
 */
export async function idleBytes(
  pid: number,
  port: number,
  path: string,
  count: number,
): Promise<number> {
  const buffer = new Uint8Array(64 * 1024);
  return await bytesForEach(pid, port, count, async (connection) => {
    await writeAll(connection, request(port, path));
    await readAnswer(connection, buffer);
  });
}

/**
 * Measures the memory of a client that hardly reads a large file.
 *
 * @param pid The server.
 * @param port Its port.
 * @param path The file.
 * @param count Number of clients.
 * @returns Bytes per client.
 */
export async function slowReaderBytes(
  pid: number,
  port: number,
  path: string,
  count: number,
): Promise<number> {
  const buffer = new Uint8Array(16 * 1024);
  const ask = (connection: Deno.Conn): Promise<void> =>
    writeAll(connection, request(port, path));
  return await bytesForEach(pid, port, count, ask, async (connections) => {
    await settle();
    // Each reads a little from time to time: the worst case for pieces.
    for (let turn = 0; turn < 4; turn++) {
      for (const connection of connections) await connection.read(buffer);
    }
  });
}

/** Measures the memory of each connection after a request. */
async function bytesForEach(
  pid: number,
  port: number,
  count: number,
  ask: (connection: Deno.Conn) => Promise<void>,
  goOn?: (connections: readonly Deno.Conn[]) => Promise<void>,
): Promise<number> {
  const before = residentBytes(pid);
  const connections: Deno.Conn[] = [];
  try {
    for (let i = 0; i < count; i++) {
      const connection = await Deno.connect({ hostname: "127.0.0.1", port });
      connections.push(connection);
      await ask(connection);
    }
    await goOn?.(connections);
    await settle();
    return (residentBytes(pid) - before) / count;
  } finally {
    for (const connection of connections) connection.close();
  }
}

/** Waits until a server is idle. */
function settle(): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, 500));
}

async function writeAll(
  connection: Deno.Conn,
  bytes: Uint8Array,
): Promise<void> {
  let at = 0;
  while (at < bytes.length) at += await connection.write(bytes.subarray(at));
}

/** The timing of a directory page. */
export interface ListingTimes {
  /** Time of the first byte, in ms. */
  first: number;
  /** Time of the last byte, in ms. */
  last: number;
  /** Its size with its head, in bytes. */
  bytes: number;
}

/**
 * Requests a directory once, with `Connection: close`.
 *
 * @param port The server's port.
 * @param path The directory.
 * @returns The timing of its page.
 */
export async function listingTimes(
  port: number,
  path: string,
): Promise<ListingTimes> {
  using connection = await Deno.connect({ hostname: "127.0.0.1", port });
  const began = performance.now();
  await writeAll(
    connection,
    new TextEncoder().encode(
      `GET ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n`,
    ),
  );
  const buffer = new Uint8Array(64 * 1024);
  let first: number | undefined;
  let bytes = 0;
  for (;;) {
    const count = await connection.read(buffer);
    first ??= performance.now() - began;
    if (count === null) break;
    bytes += count;
  }
  return { first, last: performance.now() - began, bytes };
}
