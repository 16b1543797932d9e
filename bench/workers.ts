// Copyright 2026 the pystd authors. MIT license.

/**
 * Measures the gain from workers: `deno run -A bench/workers.ts [SECONDS]`.
 *
 * Runs ours (`--plain`) with one and two workers and nginx with one and two
 * processes, on all cores; the load uses the same cores. The last column is the
 * distribution of the work: the share of each thread above a twentieth.
 *
 * @module
 */

import { fromFileUrl } from "@std/path/from-file-url";
import { firstAnswer, runWrk } from "./load.ts";
import { nginx } from "./nginx.ts";
import { cpuSeconds, start, threadSeconds } from "./processes.ts";
import { median, shown, table } from "./report.ts";
import { makeTree, TREE } from "./tree.ts";

const ROUNDS = 3;
const FIRST_PORT = 18300;
const CORES = `0-${navigator.hardwareConcurrency - 1}`;
const CLI = fromFileUrl(new URL("../cli.ts", import.meta.url));
const seconds = Number(Deno.args[0] ?? 2);

/**
 * A page that costs the server a hundred times as much as the load, so that the
 * cores left over by the load are the limit. And files, for which the load costs
 * as much as the server: two cores are too few to show a gain.
 */
const PATHS = ["/list/", "/small.txt", "/64k.bin"];

function ours(port: number, workers: number): string[] {
  return [
    ...[Deno.execPath(), "run", "--no-prompt", "--unstable-net"],
    ...[`--allow-net=127.0.0.1:${port}`, "--allow-read", CLI, "-q", "--plain"],
    ...["--workers", `${workers}`, TREE, `${port}`],
  ];
}

function nginxWorkers(port: number, workers: number): string[] {
  return nginx(
    `nginx-workers-${workers}`,
    `server { listen 127.0.0.1:${port} reuseport; root ${TREE}; autoindex on; }`,
    workers,
  );
}

const SERVERS = [
  { name: "ours, 1", command: ours(FIRST_PORT, 1) },
  { name: "ours, 2", command: ours(FIRST_PORT + 1, 2) },
  { name: "nginx, 1", command: nginxWorkers(FIRST_PORT + 2, 1) },
  { name: "nginx, 2", command: nginxWorkers(FIRST_PORT + 3, 2) },
];

/** Returns the shares of the busy threads, the largest first. */
function spread(
  before: ReadonlyMap<number, number>,
  after: ReadonlyMap<number, number>,
): string {
  const spent = [...after].map(([id, at]) => at - (before.get(id) ?? 0));
  const all = spent.reduce((sum, share) => sum + share, 0);
  return spent.map((share) => share / all).filter((share) => share > 0.05)
    .sort((a, b) => b - a).map((share) => `${Math.round(share * 100)} %`)
    .join(" + ");
}

async function main(): Promise<void> {
  await makeTree();
  for (const path of PATHS) {
    const rows: string[][] = [];
    for (const [i, { name, command }] of SERVERS.entries()) {
      const port = FIRST_PORT + i;
      const running = start(command, { cores: CORES });
      try {
        if (await firstAnswer(port, path) === undefined) {
          throw new Error(`Cannot measure ${name}: it does not answer`);
        }
        await runWrk(port, { path }, 1);
        const rates: number[] = [];
        const costs: number[] = [];
        const threads = threadSeconds(running.pid);
        for (let round = 0; round < ROUNDS; round++) {
          const began = cpuSeconds(running.pid);
          const { rate, count } = await runWrk(port, { path }, seconds);
          rates.push(rate);
          costs.push((cpuSeconds(running.pid) - began) / count * 1e6);
        }
        rows.push([
          name,
          shown(median(rates)),
          shown(median(costs)),
          spread(threads, threadSeconds(running.pid)),
        ]);
      } finally {
        await running.stop();
      }
    }
    console.log(`${path}, on ${navigator.hardwareConcurrency} cores:\n`);
    const head = ["workers", "requests a second", "µs of processor", "threads"];
    console.log(table(head, rows));
  }
}

await main();
