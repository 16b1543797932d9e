// Copyright 2026 the pystd authors. MIT license.

/**
 * Hundreds of slow clients against one server, beside normal requests.
 *
 * @module
 */

import { TextLineStream } from "@std/streams/text-line-stream";
import { ask } from "./client.ts";
import { req } from "./rfc.ts";
import { makeFiles } from "./tree.ts";

/** The size of an attack, and the server's limits. */
export interface SlowAttack {
  /** Connections that send one byte of a head a second. */
  heads: number;
  /** Connections that read one KiB a second of a large file. */
  readers: number;
  /** Class variables of the handler. */
  limits: Record<string, number>;
  /** Longest wait for the end of the attack, in seconds. */
  seconds: number;
}

/** The result. Times in ms, memory in bytes. */
export interface SlowReport {
  /** Times of normal requests, in ascending order. */
  latencies: number[];
  /** Resident memory before, at its peak, and after. */
  rss: { before: number; peak: number; after: number };
  /** The most connections at once. */
  most: number;
  /** Slow connections still open at the end. */
  left: number;
  /** How long the last one stayed open. */
  lasted: number;
}

interface Usage {
  rss: number;
  connectionCount: number;
}

/**
 * Runs an attack.
 *
 * @param attack See {@linkcode SlowAttack}.
 * @returns The result.
 */
export async function slowAttack(attack: SlowAttack): Promise<SlowReport> {
  await using tree = await makeFiles({ "a.txt": "alpha\n" });
  // 32 MiB that take no space on disk.
  const large = `${tree.root}/large.bin`;
  Deno.writeFileSync(large, new Uint8Array());
  Deno.truncateSync(large, 32 * 2 ** 20);
  await using server = start("slow_server.ts", [
    tree.root,
    JSON.stringify(attack.limits),
  ]);
  const port = Number(await server.line());
  const usage = async (): Promise<Usage> => {
    await server.say("\n");
    return JSON.parse(await server.line());
  };
  const get = async (): Promise<number> => {
    const since = performance.now();
    const [answer] = await ask(
      port,
      req("GET /a.txt", "Connection: close"),
    );
    if (answer?.status !== 200) {
      throw new Error(`A normal request failed: ${answer?.status}`);
    }
    return performance.now() - since;
  };
  for (let i = 0; i < 20; i++) await get();
  const before = (await usage()).rss;
  await using client = start("slow_client.ts", [
    `${port}`,
    `${attack.heads}`,
    `${attack.readers}`,
  ]);
  await client.line();
  const since = performance.now();
  const latencies: number[] = [];
  let now = await usage();
  let peak = Math.max(before, now.rss);
  const most = now.connectionCount;
  while (
    now.connectionCount > 0 && performance.now() - since < attack.seconds * 1000
  ) {
    latencies.push(await get());
    await new Promise((resolve) => setTimeout(resolve, 100));
    now = await usage();
    peak = Math.max(peak, now.rss);
  }
  return {
    latencies: latencies.sort((a, b) => a - b),
    rss: { before, peak, after: now.rss },
    most,
    left: now.connectionCount,
    lasted: performance.now() - since,
  };
}

interface Process extends AsyncDisposable {
  line(): Promise<string>;
  say(text: string): Promise<void>;
}

function start(script: string, args: string[]): Process {
  const child = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--quiet",
      "--allow-net",
      "--allow-read",
      "--allow-sys",
      new URL(script, import.meta.url).href,
      ...args,
    ],
    stdin: "piped",
    stdout: "piped",
    stderr: "inherit",
  }).spawn();
  const lines = child.stdout
    .pipeThrough(new TextDecoderStream())
    .pipeThrough(new TextLineStream())
    .getReader();
  const input = child.stdin.getWriter();
  return {
    async line() {
      const { value } = await lines.read();
      return value ?? "";
    },
    say: (text) => input.write(new TextEncoder().encode(text)),
    async [Symbol.asyncDispose]() {
      await input.close().catch(() => {});
      await lines.cancel();
      try {
        child.kill("SIGKILL");
      } catch {
        // Gone already.
      }
      await child.status;
    },
  };
}
