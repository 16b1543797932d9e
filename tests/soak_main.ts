// Copyright 2026 the pystd authors. MIT license.

/**
 * `deno task soak [--minutes N] [--slow]`: a mixed load on the command. Prints
 * its memory and descriptors at the start, during the load and at the end.
 * `--slow` runs the full slow attack instead: 1,000 heads at a byte a second,
 * 500 readers of a KiB a second. Needs Linux (`/proc`).
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { parseArgs } from "@std/cli/parse-args";
import { ask, encodeLatin1, RawClient } from "./support/client.ts";
import { seeded } from "./support/memory.ts";
import { req } from "./support/rfc.ts";
import { slowAttack } from "./support/slow_attack.ts";
import { makeFiles } from "./support/tree.ts";

const CLIENTS = 24;
const REPORT_MS = 15_000;

async function runSlowAttack(): Promise<void> {
  const report = await slowAttack({
    heads: 1000,
    readers: 500,
    limits: { sendBufferBytes: 0 },
    seconds: 180,
  });
  const { latencies, rss, most, left, lasted } = report;
  const at = (share: number): string =>
    latencies[Math.floor((latencies.length - 1) * share)]!.toFixed(1);
  const mib = (bytes: number): string => (bytes / 2 ** 20).toFixed(0);
  console.log(`${most} slow connections, the last gone after ${lasted | 0} ms`);
  console.log(`${left} left`);
  console.log(
    `${latencies.length} normal requests: median ${at(0.5)} ms, 99% ${
      at(0.99)
    } ms, longest ${at(1)} ms`,
  );
  console.log(
    `memory: ${mib(rss.before)} MiB before, ${mib(rss.peak)} MiB at most, ${
      mib(rss.after)
    } MiB after`,
  );
  if (left > 0) Deno.exit(1);
}

async function runMixedLoad(minutes: number): Promise<void> {
  await using tree = await makeFiles({
    "a.txt": "alpha\n",
    "sub/b.txt": "beta\n",
    "middle.bin": "0123456789".repeat(30_000),
  });
  Deno.writeFileSync(`${tree.root}/large.bin`, new Uint8Array(20 * 2 ** 20));
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      ..."run --quiet --no-prompt --allow-net --allow-read".split(" "),
      new URL("../cli.ts", import.meta.url).href,
      "--quiet",
      "--port",
      "0",
      tree.root,
    ],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const lines = child.stdout
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream())
    .getReader();
  let port = 0;
  while (port === 0) {
    const { value, done } = await lines.read();
    if (done) throw new Error("Cannot soak: the server did not start");
    port = Number(/:(\d+)\//.exec(value)?.[1] ?? 0);
  }
  try {
    await load(port, child.pid, minutes * 60_000);
  } finally {
    child.kill("SIGTERM");
    await lines.cancel();
    await child.status;
  }
}

async function load(port: number, pid: number, time: number): Promise<void> {
  for (let i = 0; i < 200; i++) await ask(port, req("GET /a.txt"));
  const started = performance.now();
  const until = started + time;
  let requests = 0;
  const tell = (when: string): void => {
    const { rss, descriptors } = usageOf(pid);
    const seconds = ((performance.now() - started) / 1000).toFixed(0);
    console.log(
      `${when}: ${seconds} s, ${requests} exchanges, ${rss} MiB, ${descriptors} descriptors`,
    );
  };
  tell("start");
  const timer = setInterval(tell, REPORT_MS, "under way");
  await Promise.all(Array.from({ length: CLIENTS }, async (_, i) => {
    const random = seeded(i + 1);
    while (performance.now() < until) {
      await LOADS[random(LOADS.length)]!(port);
      requests++;
    }
  }));
  clearInterval(timer);
  // Lingering connections end within their limit.
  await new Promise((resolve) => setTimeout(resolve, 6000));
  tell("end");
}

/** The actions of good and bad clients. */
const LOADS: ((port: number) => Promise<unknown>)[] = [
  (port) => ask(port, req("GET /a.txt")),
  (port) => ask(port, req("GET /a.txt").repeat(20)),
  (port) => ask(port, req("GET /")),
  (port) => ask(port, req("GET /middle.bin", "Range: bytes=5-99,200-300")),
  (port) => ask(port, req("GET /a.txt", "If-None-Match: *")),
  (port) => ask(port, req("GET /none")),
  (port) => ask(port, req("PUT /a.txt", "Content-Length: 5") + "hello"),
  (port) => ask(port, "GET / HTTP/1.1\r\nHost : h\r\n\r\n"),
  // Disconnects in the middle of a head, a body or a response.
  (port) => leave(port, "GET / HT"),
  (port) => leave(port, req("PUT /a.txt", "Content-Length: 500") + "hello"),
  (port) => leave(port, req("GET /large.bin")),
  async (port) => {
    // Close its connections: they would look like leaks.
    using client = Deno.createHttpClient({ poolMaxIdlePerHost: 0 });
    const url = `http://127.0.0.1:${port}/large.bin`;
    const response = await fetch(url, { client });
    await response.body?.pipeTo(new WritableStream());
  },
];

async function leave(port: number, sent: string): Promise<void> {
  const conn = await Deno.connect({ hostname: "127.0.0.1", port });
  await using client = new RawClient(conn);
  await conn.write(encodeLatin1(sent));
  await client.waitFor(() => client.received !== "", 50);
}

function usageOf(pid: number): { rss: number; descriptors: number } {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  const rss = Number(/^VmRSS:\s*(\d+) kB/m.exec(status)?.[1]) / 1024;
  const descriptors = [...Deno.readDirSync(`/proc/${pid}/fd`)].length;
  return { rss: Math.round(rss), descriptors };
}

const flags = parseArgs(Deno.args.filter((arg) => arg !== "--"), {
  string: ["minutes"],
  boolean: ["slow"],
  default: { minutes: "2" },
});

if (flags.slow) await runSlowAttack();
else await runMixedLoad(Number(flags.minutes));
