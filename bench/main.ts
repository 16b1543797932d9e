// Copyright 2026 the pystd authors. MIT license.

/**
 * Measures this server and its peers in one run: `deno task bench`.
 *
 *     deno task bench -- --quick                 short measurements, few rounds
 *     deno task bench -- --only=small,404        these rows only
 *     deno task bench -- --peers=ours,nginx      these servers only
 *     deno task bench -- --before=../base        compare with another checkout
 *     deno task bench -- --growth                also measure how cost grows
 *     deno task bench -- --rounds=5 --seconds=3
 *
 * All servers run on one core; the load comes from another core. Each row is
 * measured in rounds, in which all servers take turns, each time starting with
 * another one, so that other activity on the machine affects all of them. The
 * other servers are stopped (SIGSTOP) in the meantime, since a slow one continues
 * for seconds with requests of clients that have disconnected. The tables have
 * the medians of the figures and of the ratios of each round. A run of all rows
 * writes RESULTS.md.
 *
 * @module
 */

import { deadline } from "@std/async/deadline";
import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path/from-file-url";
import { alone, growthTables, type Served } from "./growth.ts";
import {
  download,
  firstAnswer,
  idleBytes,
  runWrk,
  slowReaderBytes,
} from "./load.ts";
import {
  before,
  findPython,
  installPackages,
  type Peer,
  PEERS,
} from "./peers.ts";
import {
  CLIENT_CORE,
  cpuSeconds,
  firstLine,
  pinSelf,
  SERVER_CORE,
  start,
} from "./processes.ts";
import {
  beforeTable,
  mediansTable,
  ownTable,
  ratiosTable,
  type Row,
} from "./report.ts";
import { makeTree } from "./tree.ts";
import {
  DOWNLOADS,
  OTHER_WORKLOADS,
  type Workload,
  wrkWorkloads,
} from "./workloads.ts";

const FIRST_PORT = 18100;
const IDLE_CONNECTIONS = 2000;
const SLOW_READERS = 500;
const STARTS = 5;
/** Longest time to measure memory or a start, in ms. */
const PATIENCE = 20_000;

const args = parseArgs(Deno.args.filter((arg) => arg !== "--"), {
  string: ["before", "only", "peers", "rounds", "seconds"],
  boolean: ["quick", "growth"],
});
const rounds = Number(args.rounds ?? (args.quick ? 3 : 5));
const seconds = Number(args.seconds ?? (args.quick ? 1 : 2));

const results = new Map<string, Row>();

/** The row with the processor time of the requests of another row. */
function cpuRow(id: string): string {
  return `${id}, processor`;
}

function note(id: string, name: string, figure: number): void {
  const row: Row = results.get(id) ?? new Map();
  results.set(id, row.set(name, [...(row.get(name) ?? []), figure]));
}

async function startAll(peers: readonly Peer[]): Promise<Served[]> {
  const served = peers.map((peer, i) => {
    const port = FIRST_PORT + i;
    const { stderr } = peer;
    return { peer, port, running: start(peer.command(port), { stderr }) };
  });
  for (const { peer, port } of served) {
    if (await firstAnswer(port, "/small.txt") === undefined) {
      throw new Error(`Cannot measure ${peer.name}: it does not answer`);
    }
  }
  for (const { running } of served) running.pause();
  return served;
}

async function measureRates(
  workloads: readonly Workload[],
  served: readonly Served[],
): Promise<void> {
  for (const { id, load, constant = false, without = [] } of workloads) {
    const taking = served.filter(({ peer }) =>
      (peer.servesFiles || constant) && !without.includes(peer.name)
    );
    for (const server of taking) {
      await alone(server, () => runWrk(server.port, load!, 1));
    }
    for (let round = 0; round < rounds; round++) {
      for (const server of rotated(taking, round)) {
        const { peer, port, running } = server;
        const spentBefore = cpuSeconds(running.pid);
        const { rate, count, errors } = await alone(
          server,
          () => runWrk(port, load!, seconds),
        );
        note(id, peer.name, rate);
        const spent = cpuSeconds(running.pid) - spentBefore;
        note(cpuRow(id), peer.name, spent / count * 1e6);
        if (errors > 0) console.log(`  ${peer.name}, ${id}: ${errors} errors`);
      }
    }
    showRow(workloads.find((workload) => workload.id === id)!);
  }
}

/** The order of the servers in a round: each round starts with another one. */
function rotated(served: readonly Served[], round: number): Served[] {
  const first = round % served.length;
  return [...served.slice(first), ...served.slice(0, first)];
}

async function measureDownloads(
  clients: number,
  served: readonly Served[],
): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    for (const server of rotated(served, round)) {
      const { peer, port, running } = server;
      if (!peer.servesFiles) continue;
      const { rate, cpu } = await alone(
        server,
        () => download(running.pid, port, "/100m.bin", clients, seconds),
      );
      note(`100m-${clients}`, peer.name, rate);
      note(`100m-${clients}-cpu`, peer.name, cpu);
    }
  }
}

/** Measures memory and start with a new server process. */
async function measureFresh(
  id: string,
  times: number,
  peers: readonly Peer[],
  measure: (served: Served, began: number) => Promise<number | undefined>,
): Promise<void> {
  const { constant = false } = OTHER_WORKLOADS.find((row) => row.id === id)!;
  for (let round = 0; round < times; round++) {
    for (const [i, peer] of peers.entries()) {
      if (!peer.servesFiles && !constant) continue;
      const port = FIRST_PORT + 100 + i;
      const command = peer.command(port);
      const began = performance.now();
      const running = start(command, { stderr: peer.stderr });
      try {
        const measured = measure({ peer, port, running }, began);
        const figure = await deadline(measured, PATIENCE);
        if (figure !== undefined) note(id, peer.name, figure);
      } catch (error) {
        console.log(`  ${peer.name}, ${id}: ${(error as Error).message}`);
      }
      await running.stop();
    }
  }
}

/** Warms up the server, so that the JIT has compiled its code. */
async function warmUp(port: number): Promise<void> {
  await firstAnswer(port, "/small.txt");
  await runWrk(port, { path: "/small.txt" }, 1);
}

function showRow(workload: Workload): void {
  const names = [...results.get(workload.id)?.keys() ?? []];
  console.log(mediansTable([workload], names, results));
}

async function installed(): Promise<[present: Peer[], missing: Peer[]]> {
  const wanted = args.peers?.split(",");
  const present: Peer[] = [];
  const missing: Peer[] = [];
  for (const peer of PEERS) {
    if (wanted !== undefined && !wanted.includes(peer.name)) continue;
    const there = await peer.version() !== undefined;
    (there ? present : missing).push(peer);
  }
  if (args.before !== undefined) present.push(before(args.before));
  return [present, missing];
}

async function describeRun(
  present: readonly Peer[],
  missing: readonly Peer[],
): Promise<string> {
  const processor = /model name\s*: (.*)/.exec(
    Deno.readTextFileSync("/proc/cpuinfo"),
  )?.[1];
  const lines = await Promise.all(
    present.map(async ({ name, about, version }) =>
      `- ${name}: ${about} (${await version()})`
    ),
  );
  for (const { name } of missing) {
    lines.push(`- ${name}: **not installed here, not measured**`);
  }
  const wrk = (await firstLine(["wrk", "-v"]))?.split(" ").slice(0, 2).join(
    " ",
  );
  return `${new Date().toISOString().slice(0, 16).replace("T", " ")} UTC, ` +
    `${navigator.hardwareConcurrency} cores (${processor}), Linux ` +
    `${Deno.osRelease()}, load ${Deno.loadavg().map(shortLoad).join(" ")}. ` +
    `The servers on core ${SERVER_CORE}, the load (${wrk}, one thread, 32 connections) on ` +
    `core ${CLIENT_CORE}; medians of ${rounds} rounds of ${seconds} s.` +
    `\n\n${lines.join("\n")}\n`;
}

function shortLoad(load: number): string {
  return load.toFixed(1);
}

async function main(): Promise<void> {
  await pinSelf();
  await makeTree();
  await findPython();
  const failure = await installPackages();
  if (failure !== undefined) console.log(`npm: ${failure}`);
  const [present, missing] = await installed();
  for (const { name } of missing) console.log(`Not installed: ${name}`);
  const only = args.only?.split(",");
  const wanted = (workload: Workload): boolean =>
    only === undefined || only.includes(workload.id);
  const rates = wrkWorkloads().filter(wanted);
  const others = OTHER_WORKLOADS.filter(wanted);
  const measures = (id: string): boolean => others.some((row) => row.id === id);

  if (measures("start")) {
    await measureFresh("start", STARTS, present, async ({ port }, began) => {
      const answered = await firstAnswer(port, "/small.txt");
      return answered && performance.now() - began;
    });
  }
  if (measures("idle")) {
    await measureFresh("idle", rounds, present, async ({ port, running }) => {
      await warmUp(port);
      const count = IDLE_CONNECTIONS;
      return await idleBytes(running.pid, port, "/small.txt", count) / 1024;
    });
  }
  if (measures("slow")) {
    await measureFresh("slow", 1, present, async ({ port, running }) => {
      await warmUp(port);
      const [path, count] = ["/growth/1g.bin", SLOW_READERS];
      return await slowReaderBytes(running.pid, port, path, count) / 1024;
    });
  }
  for (const row of others) if (results.has(row.id)) showRow(row);

  const rows = [...rates, ...others];
  const names = present.map(({ name }) => name);
  const columns = names.filter((name) => name.startsWith("ours"));
  const compared = (): string =>
    args.before === undefined ? "" : `
The command before and after a change:

${beforeTable(rows, results, cpuRow)}`;
  const report = async (growth: string): Promise<string> =>
    `# Results

Written by \`deno task bench\`. ${await describeRun(present, missing)}
Requests per second, unless stated otherwise.

${mediansTable(rows, names, results)}
Processor time of the server per request, in microseconds. On a busy machine it is
more reliable than the rate:

${
      mediansTable(
        rates.map((row) => ({ ...row, id: cpuRow(row.id) })),
        names,
        results,
      )
    }
Targets, and the medians of the rounds' ratios; in parentheses the ratios of
processor times:

${ratiosTable(rows, columns, results, cpuRow)}
The command compared with the plain handler, and with its access log:

${ownTable(rates, results)}${compared()}${growth}`;

  const served = await startAll(present);
  let text: string;
  try {
    await measureRates(rates, served);
    for (const clients of DOWNLOADS) {
      if (measures(`100m-${clients}`)) await measureDownloads(clients, served);
    }
    text = await report("");
    if (only === undefined) await writeReport(text);
    if (args.growth) text = await report(await growthTables(served, seconds));
  } finally {
    for (const { running } of served) await running.stop();
  }
  console.log(text);
  if (only === undefined) await writeReport(text);
}

/** Writes a report of all servers to a file; prints that of a short run. */
async function writeReport(text: string): Promise<void> {
  if (args.peers ?? args.before ?? args.quick) return;
  const path = fromFileUrl(new URL("./RESULTS.md", import.meta.url));
  await Deno.writeTextFile(path, text);
}

await main();
