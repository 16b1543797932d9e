// Copyright 2026 the pystd authors. MIT license.

/**
 * The parts of io/ over a connection in memory, fed in different ways.
 *
 * @module
 */

import { HeadReader } from "../../io/head_reader.ts";
import { Reader } from "../../io/reader.ts";
import type { Head, HeadLimits } from "../../protocol/request_head.ts";
import { MemoryConnection } from "../../testing.ts";

/** Limits that no usual head comes near. */
export const WIDE: HeadLimits = {
  lineBytes: 65536,
  lines: 100,
  headBytes: 1e6,
};

/**
 * Takes all heads out of what a client sends; a body is taken for heads too.
 *
 * @param sent What the client sends, latin-1.
 * @param strict Whether RFC 9112 holds, or CPython.
 * @param limits What is too large.
 * @param readSize How many bytes come in at once.
 * @param most How many heads to take at most.
 * @returns The heads, and the bytes behind the last of them.
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
    // Where the next one would start is not known then.
    if (head.kind === "bad") break;
  }
  while (await reader.fill()) { /* All that there is. */ }
  const { bytes, start, end } = reader;
  return { heads, rest: bytes.toString("latin1", start, end) };
}

/**
 * A generator of numbers that gives the same ones for the same seed.
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
