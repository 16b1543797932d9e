// Copyright 2026 the pystd authors. MIT license.

/**
 * Measures the delay of a normal request, and the memory of the server, while many
 * clients send expensive requests.
 *
 * ```sh
 * deno task soak:load [--seconds=10] [--only=NAME]
 * ```
 *
 * Each kind of request gets its own server. The clients run in a thread of their
 * own. A normal request is sent on a new connection every 20 ms. Needs Linux
 * (`/proc`).
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path/from-file-url";
import { TextLineStream } from "@std/streams/text-line-stream";
import { COSTLY, type Costly, makeCostlyTree, NORMAL } from "./costly.ts";
import type { Task } from "./soak_clients.ts";

const CLI = fromFileUrl(new URL("../cli.ts", import.meta.url));
const CLIENTS = 50;
const EVERY_MS = 20;
/** Number of requests to warm up the JIT. */
const WARM_UP = 100;

interface Started extends AsyncDisposable {
  port: number;
  pid: number;
}

async function start(directory: string, flags: string[]): Promise<Started> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", CLI, directory, "--quiet", "--port", "0", ...flags],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  for (;;) {
    const { value, done } = await lines.read();
    if (done) throw new Error(`Cannot start the command with ${flags}`);
    const port = Number(/ port (\d+)/.exec(value)?.[1] ?? 0);
    if (port === 0) continue;
    return {
      port,
      pid: child.pid,
      async [Symbol.asyncDispose]() {
        child.kill("SIGKILL");
        await lines.cancel();
        await child.status;
      },
    };
  }
}

/** Sends a normal request, and returns the time it took, in ms. */
async function ask(port: number, tls = false): Promise<number> {
  const since = performance.now();
  using conn = tls
    ? await Deno.connectTls({ hostname: "127.0.0.1", port })
    : await Deno.connect({ hostname: "127.0.0.1", port });
  await conn.write(new TextEncoder().encode(NORMAL));
  const buffer = new Uint8Array(4096);
  try {
    while (await conn.read(buffer) !== null);
  } catch {
    // TLS connections may end without a close_notify.
  }
  return performance.now() - since;
}

function memoryOf(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1]) / 1024;
}

async function measure(
  kind: Costly,
  directory: string,
  seconds: number,
): Promise<string> {
  const flags = kind.flags?.(directory) ?? [];
  await using server = await start(directory, flags);
  for (let i = 0; i < WARM_UP; i++) await ask(server.port, kind.tls);
  const idle = memoryOf(server.pid);
  const worker = new Worker(new URL("./soak_clients.ts", import.meta.url), {
    type: "module",
  });
  const { clients = CLIENTS } = kind;
  const task: Task = {
    kind: COSTLY.indexOf(kind),
    port: server.port,
    clients,
  };
  worker.postMessage(task);
  const times: number[] = [];
  let peak = idle;
  const end = performance.now() + seconds * 1000;
  while (performance.now() < end) {
    times.push(await ask(server.port, kind.tls));
    peak = Math.max(peak, memoryOf(server.pid));
    await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
  }
  const statuses = await new Promise<Record<string, number>>((resolve) => {
    worker.onmessage = ({ data }) => resolve(data);
    worker.postMessage("stop");
  });
  worker.terminate();
  times.sort((a, b) => a - b);
  const at = (share: number): string =>
    times[Math.floor((times.length - 1) * share)]!.toFixed(1);
  const answers = Object.entries(statuses)
    .map(([status, count]) => `${count} ${status}`).join(", ");
  return `| ${kind.name} | ${clients} | ${at(0.5)} | ${at(0.99)} | ${at(1)} | ${
    Math.round(peak - idle)
  } | ${answers} |`;
}

if (import.meta.main) {
  const { seconds, only } = parseArgs(Deno.args, {
    string: ["seconds", "only"],
    default: { seconds: "10" },
  });
  const kinds = COSTLY.filter(({ name }) => name.includes(only ?? ""));
  const temporary = Deno.makeTempDirSync();
  try {
    const directory = `${temporary}/served`;
    Deno.mkdirSync(directory);
    makeCostlyTree(directory);
    console.log(
      "# A normal request beside costly ones\n\n" +
        `Written by \`deno task soak:load\`, ${new Date().toISOString()}, ` +
        `${navigator.hardwareConcurrency} cores, load ${
          Deno.loadavg().map((load) => load.toFixed(1)).join(" ")
        }.\n` +
        "Times of a normal request on a new connection, in ms; memory in MiB.\n\n" +
        "| beside | clients | median | p99 | worst | above idle | answers |\n" +
        "| --- | --- | --- | --- | --- | --- | --- |",
    );
    for (const kind of kinds) {
      console.log(await measure(kind, directory, Number(seconds)));
    }
  } finally {
    Deno.removeSync(temporary, { recursive: true });
  }
  Deno.exit();
}
