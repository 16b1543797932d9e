// Copyright 2026 the pystd authors. MIT license.

/**
 * Parts of io/ over a connection in memory, fed in different ways.
 *
 * @module
 */

import { HeadReader } from "../../io/head_reader.ts";
import { Reader } from "../../io/reader.ts";
import type { Head, HeadLimits } from "../../protocol/request_head.ts";
import { MemoryConnection } from "../../testing.ts";

/** Limits far above usual heads. */
export const WIDE: HeadLimits = {
  lineBytes: 65536,
  lines: 100,
  headBytes: 1e6,
};

/**
 * Parses all of a client's data as heads, bodies included.
 *
 * @param sent The client's data, as latin-1.
 * @param strict Whether to follow RFC 9112 rather than CPython.
 * @param limits Size limits.
 * @param readSize Bytes per read.
 * @param most Most heads to parse.
 * @returns The heads, and the bytes after the last one.
 */
export async function readHeads(
  sent: string,
  strict: boolean,
  limits: HeadLimits = WIDE,
  readSize = Infinity,
  most = Infinity,
): Promise<{ heads: Head[]; rest: string }> {
  const connection = new MemoryConnection(sent, { readSize });
  connection.end();
  const reader = new Reader(connection);
  const source = new HeadReader(limits, strict);
  const heads: Head[] = [];
  while (heads.length < most) {
    const head = source.next(reader) ??
      (await reader.fill() ? undefined : source.last(reader) ?? null);
    if (head === undefined) continue;
    if (head === null) break;
    heads.push(head);
    // After an error, the start of the next head is unknown.
    if (head.kind === "bad") break;
  }
  while (await reader.fill()) { /* All that there is. */ }
  const { bytes, start, end } = reader;
  return { heads, rest: bytes.toString("latin1", start, end) };
}

/**
 * Creates a generator that returns the same numbers for the same seed.
 *
 * @param seed Any integer.
 * @returns A function that returns an integer from 0 up to `below`.
 */
export function seeded(seed: number): (below: number) => number {
  let state = seed >>> 0 || 1;
  return (below) => {
    // Marsaglia's xorshift32.
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    return state % below;
  };
}
