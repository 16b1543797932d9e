// Copyright 2026 the pystd authors. MIT license.

/**
 * The rows of the benchmark, and the targets of our server.
 *
 * @module
 */

import type { WrkLoad } from "./load.ts";
import { RANDOM_FILES, TREE } from "./tree.ts";

/** A target ratio of our server. */
export interface Target {
  /** The server to compare with. */
  peer: string;
  /** The lowest ratio; the highest if less is better. */
  ratio: number;
  /** Which of our modes have this target; all by default. */
  only?: readonly string[];
}

/** One row of the table. */
export interface Workload {
  /** Its name in `--only`. */
  id: string;
  /** Its heading. */
  title: string;
  /** The unit of its figures; requests per second by default. */
  unit?: string;
  /** Whether less is better. */
  less?: boolean;
  /** The arguments of wrk, for a row of requests per second. */
  load?: WrkLoad;
  /** Whether it needs no files, so that the constant servers take part. */
  constant?: boolean;
  /** Servers that do not support it. */
  without?: readonly string[];
  /** The target ratios of our server. */
  targets: readonly Target[];
  /** An absolute target, in the row's unit. */
  limit?: number;
}

/** The target ratios between our own modes. */
export const OWN_TARGETS: readonly (Target & { name: string })[] = [
  { name: "ours", peer: "ours --plain", ratio: 0.9 },
  { name: "ours +log", peer: "ours", ratio: 0.75 },
];

/** Files whose parts are requested at random, as by a player that seeks. */
const LARGE_FILES = [
  { id: "100m", name: "100 MiB", path: "/100m.bin", size: 100 * 2 ** 20 },
  { id: "4g", name: "4 GiB", path: "/growth/4g.bin", size: 4 * 2 ** 30 },
];

/** The rows that wrk measures. */
export function wrkWorkloads(): Workload[] {
  const modified = Deno.statSync(`${TREE}/small.txt`).mtime!.toUTCString();
  return [
    {
      id: "small",
      title: "1 KiB, keep-alive",
      load: { path: "/small.txt" },
      constant: true,
      targets: [
        { peer: "nginx", ratio: 1.2 },
        { peer: "sirv", ratio: 8 },
        { peer: "CPython", ratio: 20 },
        { peer: "bare loop", ratio: 0.75 },
      ],
    },
    {
      id: "random",
      title: `${RANDOM_FILES} files of 4 KiB at random`,
      load: {
        path: "/random/0.txt",
        script: ["random.lua", "/random/", `${RANDOM_FILES}`],
      },
      targets: [{ peer: "nginx", ratio: 0.9 }, {
        peer: "nginx cached",
        ratio: 1,
        only: ["ours --fresh"],
      }],
    },
    {
      id: "64k",
      title: "64 KiB",
      load: { path: "/64k.bin" },
      targets: [{ peer: "nginx", ratio: 1 }],
    },
    {
      id: "304",
      title: "304 on `If-Modified-Since`",
      load: {
        path: "/small.txt",
        headers: [`If-Modified-Since: ${modified}`],
      },
      targets: [{ peer: "nginx", ratio: 1.2 }],
    },
    {
      id: "range",
      title: "one range of 1 KiB, of 64 KiB",
      load: { path: "/64k.bin", script: ["ranges.lua", "65536", "1024"] },
      targets: [{ peer: "nginx", ratio: 1 }],
    },
    ...LARGE_FILES.flatMap(({ id, name, path, size }) =>
      [1, 64].map((kib) => ({
        id: `range-${id}-${kib}k`,
        title: `range of ${kib} KiB of ${name}, 8 clients`,
        load: {
          path,
          script: ["ranges.lua", `${size}`, `${kib * 1024}`],
          connections: 8,
        },
        targets: [{ peer: "nginx", ratio: 0.7 }],
      }))
    ),
    {
      id: "404",
      title: "404",
      load: { path: "/missing.txt" },
      targets: [{ peer: "nginx", ratio: 0.9 }],
    },
    {
      id: "list",
      title: "listing of 1,000 entries",
      load: { path: "/list/", connections: 8 },
      without: ["sirv"],
      targets: [
        { peer: "nginx", ratio: 1, only: ["ours --plain", "ours uncached"] },
        { peer: "nginx", ratio: 0.5, only: ["ours", "ours +log"] },
      ],
    },
    {
      id: "close",
      title: "one connection a request",
      load: { path: "/small.txt", headers: ["Connection: close"] },
      constant: true,
      targets: [{ peer: "nginx", ratio: 1 }],
    },
  ];
}

/** Numbers of clients that download a large file at once. */
export const DOWNLOADS: readonly number[] = [1, 8];

function clientsText(clients: number): string {
  return clients === 1 ? "one client" : `${clients} clients`;
}

/** The rows that our own loaders measure. */
export const OTHER_WORKLOADS: readonly Workload[] = [
  ...DOWNLOADS.flatMap((clients): Workload[] => [
    {
      id: `100m-${clients}`,
      title: `100 MiB, ${clientsText(clients)}`,
      unit: "GB/s",
      targets: [{ peer: "nginx", ratio: 1 }, { peer: "CPython", ratio: 1.2 }],
    },
    {
      id: `100m-${clients}-cpu`,
      title: `100 MiB, ${clientsText(clients)}, the server's processor`,
      unit: "s/GB",
      less: true,
      targets: [],
    },
  ]),
  {
    id: "idle",
    title: "idle connection",
    unit: "KiB",
    less: true,
    constant: true,
    targets: [],
    limit: 6,
  },
  {
    id: "slow",
    title: "500 slow readers of 1 GiB, each",
    unit: "KiB",
    less: true,
    targets: [],
    limit: 64,
  },
  {
    id: "start",
    title: "start to first answer",
    unit: "ms",
    less: true,
    constant: true,
    targets: [{ peer: "CPython", ratio: 1 }],
  },
];
