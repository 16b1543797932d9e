// Copyright 2026 the pystd authors. MIT license.

/**
 * Measures the command over a bucket, with several processes behind nginx:
 * `deno run -A bench/store.ts [SECONDS]`.
 *
 * The store is that of the tests. All share the machine's cores: with two of them,
 * the load, nginx and the store leave little for a third process.
 *
 * @module
 */

import { fromFileUrl } from "@std/path/from-file-url";
import { firstAnswer, runWrk } from "./load.ts";
import { nginx } from "./nginx.ts";
import { cpuSeconds, type Running, start } from "./processes.ts";
import { median, shown, table } from "./report.ts";
import { makeTree, TREE } from "./tree.ts";

const ROUNDS = 3;
const FIRST_PORT = 18400;
const CORES = `0-${navigator.hardwareConcurrency - 1}`;
const path = (name: string): string =>
  fromFileUrl(new URL(name, import.meta.url));
const seconds = Number(Deno.args[0] ?? 2);

function deno(
  permissions: readonly string[],
  args: readonly string[],
): string[] {
  return [
    ...[Deno.execPath(), "run", "--no-prompt", "--allow-net", ...permissions],
    ...[path("../cli.ts"), "-q", ...args],
  ];
}

function overStore(port: number, store: string, fresh: number): string[] {
  return [
    "env",
    "AWS_ACCESS_KEY_ID=key",
    "AWS_SECRET_ACCESS_KEY=secret",
    `AWS_ENDPOINT_URL=${store}`,
    ...deno(["--allow-env=AWS_*"], [
      ...["--fresh", `${fresh}`, "s3://share", `${port}`],
    ]),
  ];
}

function balancer(port: number, ports: readonly number[]): string[] {
  const servers = ports.map((port) => `server 127.0.0.1:${port};`).join(" ");
  return nginx(
    "store-balancer",
    `upstream share { ${servers} keepalive 64; }
server { listen 127.0.0.1:${port}; location / { proxy_pass http://share;
proxy_http_version 1.1; proxy_set_header Connection "";
proxy_set_header Host $http_host; } }`,
  );
}

/** Measures requests a second, and the processor time of some programs. */
async function measure(
  port: number,
  programs: readonly Running[],
): Promise<[rate: number, micros: number]> {
  const load = { path: "/small.txt" };
  await runWrk(port, load, 1);
  const rates: number[] = [];
  const costs: number[] = [];
  const spent = (): number =>
    programs.reduce((sum, { pid }) => sum + cpuSeconds(pid), 0);
  for (let round = 0; round < ROUNDS; round++) {
    const began = spent();
    const { rate, count, errors } = await runWrk(port, load, seconds);
    if (errors > 0) throw new Error(`Cannot measure: ${errors} errors`);
    rates.push(rate);
    costs.push((spent() - began) / count * 1e6);
  }
  return [median(rates)!, median(costs)!];
}

async function ready(port: number): Promise<void> {
  if (await firstAnswer(port, "/small.txt") === undefined) {
    throw new Error("Cannot measure: a program does not answer");
  }
  const response = await fetch(`http://127.0.0.1:${port}/small.txt`);
  await response.body?.cancel();
  if (response.status !== 200) {
    throw new Error(`Cannot measure: ${response.status}`);
  }
}

async function main(): Promise<void> {
  await makeTree();
  const program = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-prompt",
      "--allow-net",
      "--allow-read",
      path("programs/store.ts"),
    ],
    stdout: "piped",
  }).spawn();
  const reader = program.stdout.pipeThrough(new TextDecoderStream())
    .getReader();
  const store = (await reader.read()).value!.trim();
  const rows: string[][] = [];
  const port = FIRST_PORT;
  const run = async (
    name: string,
    commands: readonly string[][],
    balanced: boolean,
  ): Promise<void> => {
    const running = commands.map((command) => start(command, { cores: CORES }));
    const ports = commands.map((_, i) => port + 1 + i);
    const front = balanced
      ? start(balancer(port, ports), { cores: CORES })
      : undefined;
    try {
      for (const one of ports) await ready(one);
      const at = balanced ? port : ports[0]!;
      await ready(at);
      const [rate, micros] = await measure(at, running);
      rows.push([name, shown(rate), shown(micros)]);
    } finally {
      await front?.stop();
      for (const each of running) await each.stop();
    }
  };
  try {
    const local = deno(["--allow-read"], [TREE, `${port + 1}`]);
    await run("a directory, 1 process", [local], false);
    for (const fresh of [0, 1000]) {
      await run(`store, --fresh ${fresh}`, [
        overStore(port + 1, store, fresh),
      ], false);
      for (const count of [1, 2, 3]) {
        const commands = Array.from(
          { length: count },
          (_, i) => overStore(port + 1 + i, store, fresh),
        );
        await run(`store, --fresh ${fresh}, nginx, ${count}`, commands, true);
      }
    }
  } finally {
    program.kill("SIGTERM");
    await program.status;
    await reader.cancel();
  }
  console.log(`1 KiB, on ${navigator.hardwareConcurrency} cores:\n`);
  console.log(table(["over", "requests a second", "µs of processor"], rows));
}

await main();
