// Copyright 2026 the pystd authors. MIT license.

/**
 * Measures a small request beside requests about a folder with many entries, and
 * the memory and time that these take:
 * `deno run -A bench/large_folders.ts [OPTIONS]`.
 *
 * `--entries=100000`: the number of entries. `--latency=0`: the time of each response
 * of the store, in ms. `--over=NAME`, `--only=NAME`: only these rows.
 *
 * Each row gets its own server. A client asks for `/small.txt` every 10 ms,
 * whether or not the last one was answered, while other clients (curl) send the
 * request of the row. A time counts from when the request was due. Over a bucket,
 * `--fresh` spares the small requests the store, whose time would count as ours.
 * Needs Linux (`/proc`).
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path/from-file-url";
import { TextLineStream } from "@std/streams/text-line-stream";
import { cpuSeconds } from "./processes.ts";
import { table } from "./report.ts";

const EVERY_MS = 10;
/** Requests before the measurement, for the JIT. */
const WARM_UP = 200;
/** Longest time of a costly request, in seconds; archives take longer. */
const MOST_SECONDS = 20;

const SMALL = new TextEncoder().encode(
  "GET /small.txt HTTP/1.1\r\nHost: localhost\r\n\r\n",
);

const path = (name: string): string =>
  fromFileUrl(new URL(name, import.meta.url));
const args = parseArgs(Deno.args, {
  string: ["entries", "over", "only", "latency"],
  default: { entries: "100000", over: "", only: "", latency: "0" },
});
const entries = Number(args.entries);

interface Started extends AsyncDisposable {
  readonly pid: number;
  /** The first line that matches. */
  readonly line: string;
}

async function start(
  program: readonly string[],
  wanted: RegExp,
  env: Record<string, string> = {},
): Promise<Started> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", ...program],
    env,
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout.pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream()).getReader();
  for (;;) {
    const { value, done } = await lines.read();
    if (done) throw new Error(`Cannot start ${program[0]}`);
    const line = wanted.exec(value)?.[1];
    if (line === undefined) continue;
    return {
      pid: child.pid,
      line,
      async [Symbol.asyncDispose]() {
        child.kill("SIGKILL");
        await lines.cancel();
        await child.status;
      },
    };
  }
}

const PORT = /port (\d+)/;
const cli = (directory: string): string[] => [
  ...[path("../cli.ts"), directory, "--quiet", "--archive", "--port", "0"],
];

/** The servers, by what they serve. */
const OVER: Readonly<Record<string, () => Promise<Started>>> = {
  "a directory": async () => {
    const directory = await Deno.makeTempDir();
    await Deno.mkdir(`${directory}/big`);
    await Deno.writeTextFile(`${directory}/small.txt`, "x".repeat(1024));
    for (let i = 0; i < entries; i++) {
      const number = `${i}`.padStart(8, "0");
      Deno.writeTextFileSync(`${directory}/big/entry-${number}.pdf`, "");
    }
    const started = await start(cli(directory), PORT);
    return {
      ...started,
      async [Symbol.asyncDispose]() {
        await started[Symbol.asyncDispose]();
        await Deno.remove(directory, { recursive: true });
      },
    };
  },
  "a source in memory": () =>
    start([path("programs/memory.ts"), `${entries}`], PORT),
  "a bucket": async () => {
    const store = await start(
      [path("programs/folder_store.ts"), `${entries}`, args.latency],
      /(http:\S+)/,
    );
    const command = [...cli("s3://share"), "--fresh", "100000"];
    const started = await start(command, PORT, {
      AWS_ACCESS_KEY_ID: "key",
      AWS_SECRET_ACCESS_KEY: "secret",
      AWS_ENDPOINT_URL: store.line,
    });
    return {
      ...started,
      async [Symbol.asyncDispose]() {
        await started[Symbol.asyncDispose]();
        await store[Symbol.asyncDispose]();
      },
    };
  },
};

/** The requests: their names, targets, and how many clients send them. */
const REQUESTS: readonly [name: string, target: string, clients: number][] = [
  ["page", "/big/", 1],
  ["page", "/big/", 3],
  ["JSON", "/big/?format=json", 1],
  ["JSON", "/big/?format=json", 3],
  ["page, br", "/big/", 1],
  ["page, br", "/big/", 3],
  ["search", "/big/?search=9999", 1],
  ["zip", "/big/?archive=zip", 1],
  ["tar.gz", "/big/?archive=tar.gz", 1],
  ["hash", "/big/entry-00000001.pdf?sha256", 1],
];

/** Asks for a small file at fixed times, until it is stopped. */
async function probe(
  port: number,
  stop: { now: boolean },
): Promise<number[]> {
  const times: number[] = [];
  const idle: Deno.Conn[] = [];
  const ask = async (due: number): Promise<void> => {
    const conn = idle.pop() ??
      await Deno.connect({ hostname: "127.0.0.1", port });
    await conn.write(SMALL);
    const buffer = new Uint8Array(4096);
    // The last bytes of the file.
    for (let at = 0; at < 4 || buffer[at - 1] !== 0x78;) {
      const count = await conn.read(buffer.subarray(at));
      if (count === null) throw new Error("Cannot measure: disconnected");
      at += count;
    }
    times.push(performance.now() - due);
    idle.push(conn);
  };
  const asked: Promise<void>[] = [];
  let due = performance.now();
  while (!stop.now) {
    asked.push(ask(due));
    due += EVERY_MS;
    await new Promise((done) => setTimeout(done, due - performance.now()));
  }
  await Promise.all(asked);
  for (const conn of idle) conn.close();
  return times;
}

interface Answer {
  readonly status: number;
  readonly bytes: number;
  readonly seconds: number;
}

async function ask(
  port: number,
  target: string,
  coding: boolean,
): Promise<Answer> {
  const { stdout } = await new Deno.Command("curl", {
    args: [
      ...["-s", "-o", "/dev/null", "--max-time", `${MOST_SECONDS}`],
      ...(coding ? ["-H", "Accept-Encoding: br"] : []),
      ...["-w", "%{http_code} %{size_download} %{time_total}"],
      `http://127.0.0.1:${port}${target}`,
    ],
  }).output();
  const [status, bytes, seconds] = new TextDecoder().decode(stdout).split(" ")
    .map(Number);
  return { status, bytes, seconds };
}

function peakMemory(pid: number): number {
  const status = Deno.readTextFileSync(`/proc/${pid}/status`);
  return Number(/^VmHWM:\s*(\d+) kB/m.exec(status)?.[1]) / 1024;
}

const at = (times: readonly number[], share: number): string =>
  times[Math.floor((times.length - 1) * share)]!.toFixed(1);

async function measure(
  over: string,
  [name, target, clients]: typeof REQUESTS[number],
): Promise<string[]> {
  await using server = await OVER[over]();
  const port = Number(server.line);
  for (let i = 0; i < WARM_UP; i++) {
    await (await fetch(`http://127.0.0.1:${port}/small.txt`)).body?.cancel();
  }
  const idle = peakMemory(server.pid);
  const spent = cpuSeconds(server.pid);
  const stop = { now: false };
  const probing = probe(port, stop);
  const answers = await Promise.all(
    Array.from(
      { length: clients },
      () => ask(port, target, name.endsWith("br")),
    ),
  );
  stop.now = true;
  const times = (await probing).sort((a, b) => a - b);
  const { status, bytes } = answers[0]!;
  const seconds = Math.max(...answers.map(({ seconds }) => seconds));
  return [
    over,
    name,
    `${clients}`,
    `${status}`,
    (bytes / 1e6).toFixed(1),
    seconds.toFixed(1),
    (cpuSeconds(server.pid) - spent).toFixed(1),
    at(times, 0.99),
    at(times, 1),
    `${Math.round(idle)}`,
    `${Math.round(peakMemory(server.pid))}`,
  ];
}

const rows: string[][] = [];
for (const over of Object.keys(OVER)) {
  if (!over.includes(args.over)) continue;
  for (const request of REQUESTS) {
    if (!request[0].startsWith(args.only)) continue;
    rows.push(await measure(over, request));
  }
}
console.log(`${entries} entries; times of a small request in ms:\n`);
console.log(table(
  [
    "over",
    "asked",
    "clients",
    "status",
    "MB",
    "seconds",
    "CPU",
    "p99",
    "worst",
    "idle MiB",
    "peak MiB",
  ],
  rows,
));
