// Copyright 2026 the pystd authors. MIT license.

/**
 * Measures how cost grows with the number of connections, entries of a listing,
 * bytes of a file, and header fields of a request.
 *
 * @module
 */

import { download, listingTimes, runWrk } from "./load.ts";
import type { Peer } from "./peers.ts";
import { residentBytes, type Running } from "./processes.ts";
import { shown, table } from "./report.ts";
import { LIST_SIZES } from "./tree.ts";

/** A running server. */
export interface Served {
  /** The server. */
  peer: Peer;
  /** Its port. */
  port: number;
  /** Its process. */
  running: Running;
}

/**
 * Resumes a stopped server during a measurement.
 *
 * @param server The server.
 * @param measure The measurement.
 * @returns Its result.
 */
export async function alone<T>(
  { running }: Served,
  measure: () => Promise<T>,
): Promise<T> {
  running.resume();
  try {
    return await measure();
  } finally {
    running.pause();
  }
}

const COMPARED = ["ours", "ours --plain", "nginx"];
const CONNECTIONS = [10, 100, 1000, 10_000];
const FIELD_COUNTS = [1, 10, 30, 60, 97];
const SMALL_FILES = ["1k", "16k", "64k", "65k", "256k", "1m"];
const LARGE_FILES = ["16m", "256m", "1g", "10g"];

/**
 * Measures how cost grows.
 *
 * @param all The running servers.
 * @param seconds Length of a measurement.
 * @returns The tables.
 */
export async function growthTables(
  all: readonly Served[],
  seconds: number,
): Promise<string> {
  const served = all.filter(({ peer }) => COMPARED.includes(peer.name));
  const names = served.map(({ peer }) => peer.name);
  const rows = async (
    keys: readonly (string | number)[],
    measure: (key: string | number, server: Served) => Promise<string>,
  ): Promise<string[][]> => {
    const lines: string[][] = [];
    for (const key of keys) {
      // Warm up: the first server would read from the disk, the others from the
      // page cache. That takes 2.6 s of processor time for 1 GiB.
      const last = served[served.length - 1];
      await alone(last, () => measure(key, last));
      const cells = [`${key}`];
      for (const server of served) {
        cells.push(await alone(server, () => measure(key, server)));
      }
      lines.push(cells);
    }
    return lines;
  };

  const fields = await rows(FIELD_COUNTS, async (count, { port }) => {
    const headers = Array.from(
      { length: Number(count) },
      (_, i) => `X-Field-${i}: some value of a usual length`,
    );
    const load = { path: "/small.txt", headers };
    return shown((await runWrk(port, load, seconds)).rate);
  });
  const small = await rows(SMALL_FILES, async (size, { port }) => {
    const { rate } = await runWrk(
      port,
      { path: `/growth/${size}.bin` },
      seconds,
    );
    return shown(rate);
  });
  const large = await rows(LARGE_FILES, async (size, { port, running }) => {
    const path = `/growth/${size}.bin`;
    const { rate, cpu } = await download(running.pid, port, path, 4, seconds);
    return `${shown(rate)}, ${shown(cpu)}`;
  });
  const lists = await rows(LIST_SIZES, async (size, { port, running }) => {
    const before = residentBytes(running.pid);
    const { first, last, bytes } = await listingTimes(port, `/lists/${size}/`);
    const grown = (residentBytes(running.pid) - before) / 1048576;
    return `${shown(first)}, ${shown(last)}, ${shown(bytes / 1024)}, ` +
      shown(Math.max(0, grown));
  });
  const connections = await rows(CONNECTIONS, async (count, { port }) => {
    const load = { path: "/small.txt", connections: Number(count) };
    const longer = Math.max(seconds, 4);
    return shown((await runWrk(port, load, longer)).rate);
  });
  return `
## How cost grows

Connections at once, 1 KiB, requests a second:

${table(["connections", ...names], connections)}
Header fields of a request, 1 KiB, requests a second:

${table(["fields", ...names], fields)}
The size of a file, requests a second (up to 256 KiB it is kept in memory):

${table(["size", ...names], small)}
The size of a file, GB/s and processor seconds for one GB:

${table(["size", ...names], large)}
Entries of a directory: ms to the first byte of the page, ms to the last one,
KiB of the page, MiB by which the server has grown:

${table(["entries", ...names], lists)}`;
}
