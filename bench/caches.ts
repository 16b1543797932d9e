// Copyright 2026 the pystd authors. MIT license.

/**
 * Measures what each cache saves: `deno run -A bench/caches.ts`. CONTRIBUTING.md
 * has a table of the caches with these figures.
 *
 * Each row compares the cache with the work that it saves, in turns, and prints
 * the fastest of several rounds.
 */

import { markFilesChanged } from "../files/freshness.ts";
import { FileLookup } from "../files/lookup.ts";
import { ServedDirectory } from "../files/served_directory.ts";
import { toFetchHandler } from "../fetch.ts";
import { rejectInstanceFields } from "../handlers/base/class_variables.ts";
import { connectionLimits } from "../handlers/base/limits.ts";
import {
  parsedHosts,
  trustedProxyCheck,
} from "../handlers/base/hosts_and_proxies.ts";
import { ShareHTTPRequestHandler } from "../handlers/share.ts";
import { compress } from "../handlers/share/coding/codings.ts";
import { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import { closeFile } from "../handlers/simple/body.ts";
import { describe, wholeFileHeaders } from "../handlers/simple/file_headers.ts";
import { allocate, BufferPool, slabAllocator } from "../io/buffer_pool.ts";
import { TimeLimitChecker } from "../io/time_limits.ts";
import {
  currentHttpDate,
  formatHttpDate,
  formatLogDate,
} from "../protocol/date.ts";
import { HeaderBlock } from "../protocol/header_block.ts";
import { HostList } from "../protocol/host.ts";
import type { ReadyFile } from "../files/file_store.ts";

const ROUNDS = 9;

/** Keeps results, so that V8 does not optimize the work away. */
export let sink: unknown;

type Work = (i: number) => unknown;

async function timeOnce(work: Work, times: number): Promise<number> {
  const start = performance.now();
  for (let i = 0; i < times; i++) {
    sink = work(i);
    if (sink instanceof Promise) await sink;
  }
  return (performance.now() - start) / times * 1000;
}

async function row(
  name: string,
  times: number,
  cached: Work,
  uncached: Work,
): Promise<void> {
  let least = [Infinity, Infinity];
  for (let round = 0; round < ROUNDS; round++) {
    const now = [
      await timeOnce(cached, times),
      await timeOnce(uncached, times),
    ];
    // The first round warms up.
    if (round > 0) least = least.map((time, i) => Math.min(time, now[i]));
  }
  const [first, second] = least.map((time) => time.toFixed(2).padStart(10));
  console.log(`${name.padEnd(36)}${first} µs${second} µs`);
}

const directory = Deno.makeTempDirSync();
const path = `${directory}/a.txt`;
Deno.writeTextFileSync(path, "x".repeat(1024));
Deno.mkdirSync(`${directory}/sub`);
for (let i = 0; i < 200; i++) {
  Deno.writeTextFileSync(`${directory}/sub/file ${i}.txt`, "x");
}
Deno.utimeSync(`${directory}/sub`, 1e9, 1e9);
// The lookup keeps files that have not changed for two seconds.
await new Promise((resolve) => setTimeout(resolve, 3000));

console.log(`${"".padEnd(36)}       cached     uncached`);

const served = new ServedDirectory(directory);
const caching = new FileLookup(served, { cacheBytes: 1e6, freshFor: 0 });
const plain = new FileLookup(served, { cacheBytes: 0, freshFor: 0 });
function get(lookup: FileLookup): ReadyFile {
  const cached = lookup.cached(path);
  if (cached !== undefined) return cached;
  const located = lookup.locate(path);
  if (located.kind !== "file") throw new Error("Cannot measure: no file");
  return lookup.open(path, located, (info) => describe("text/plain", info))!;
}
/** Waits for the next turn, in which the file on disk is checked again. */
async function newTurn(): Promise<void> {
  await null;
  await null;
}
await row(
  "FileCache: a file of 1 KiB",
  2000,
  () => newTurn().then(() => get(caching)),
  () => newTurn().then(() => get(plain)),
);
const largePath = `${directory}/large.bin`;
Deno.writeFileSync(largePath, new Uint8Array(1e6));
const checker = new TimeLimitChecker(60_000);
checker.add({ check: () => false, closeIfIdle: () => {} });
function openLarge(keeper?: TimeLimitChecker): ReadyFile {
  const cached = caching.cached(largePath);
  if (cached !== undefined) return cached;
  const found = served.locate(largePath);
  if (found.kind !== "file") throw new Error("Cannot measure: no file");
  const describeIt = (info: Deno.FileInfo) => describe("video/mp4", info);
  return caching.open(largePath, found, describeIt, keeper)!;
}
await row(
  "OpenFileCache: a file of 1 MB",
  2000,
  () => newTurn().then(() => closeFile(openLarge(checker))),
  () => {
    markFilesChanged();
    return newTurn().then(() => closeFile(openLarge()));
  },
);
await row(
  "FileLookup: path that is missing",
  2000,
  () => caching.locate(`${directory}/none`),
  () => served.locate(`${directory}/none`),
);
await row(
  "FileLookup: path that is there",
  2000,
  () => caching.locate(`${directory}/sub`),
  () => served.locate(`${directory}/sub`),
);
const folders = new Map([[directory, directory]]);
await row(
  "FileLookup: real path of a folder",
  2000,
  () => folders.get(directory),
  () => served.realPath(directory),
);
const signature = new HeaderBlock([["Server", "a"], ["Date", "b"]]);
await row(
  "sendResponse: Server and Date fields",
  50_000,
  () => signature,
  (i) => new HeaderBlock([["Server", "a"], ["Date", `${i}`]]),
);
const file = get(caching);
await row(
  "wholeFileHeaders: fields of a file",
  50_000,
  () => wholeFileHeaders(file),
  () => wholeFileHeaders({ ...file }),
);

class Quiet extends ShareHTTPRequestHandler {
  override writeLog(): void {}
}
class Fresh extends Quiet {
  static override freshFor = 60_000;
}
const request = (): Request => new Request("http://localhost/sub/");
const [looking, keeping] = [Quiet, Fresh].map((cls) =>
  toFetchHandler(cls.with({ directory }))
);
const listing = await (await looking(request())).bytes();
await row(
  "listing of 200 entries, --fresh",
  50,
  async () => (await keeping(request())).bytes(),
  async () => (await looking(request())).bytes(),
);
await row(
  "compress: that listing, br",
  20,
  () => compress(listing, "br"),
  () => compress(listing.slice(), "br"),
);

await row(
  "connectionLimits: one for all connections",
  100_000,
  () => connectionLimits(SimpleHTTPRequestHandler, true),
  (i) => connectionLimits(SimpleHTTPRequestHandler, i % 2 === 0),
);
const handler = Object.create(Quiet.prototype);
await row(
  "rejectInstanceFields: once a class",
  10_000,
  () => rejectInstanceFields(handler, SimpleHTTPRequestHandler),
  () => rejectInstanceFields(new (class {})(), SimpleHTTPRequestHandler),
);
const patterns = ["localhost", ".localhost", "127.0.0.0/8", "::1"];
await row(
  "parsedHosts: patterns as parsed",
  10_000,
  () => parsedHosts(patterns),
  () => parsedHosts([...patterns]),
);
const hosts = new HostList(patterns);
await row(
  "HostList: the last host",
  100_000,
  () => hosts.allows("127.0.0.1:8000"),
  (i) => hosts.allows(`127.0.0.${1 + i % 2}:8000`),
);
const proxies = ["10.0.0.0/8", "unix"];
await row(
  "trustedProxyCheck: proxies as parsed",
  10_000,
  () => trustedProxyCheck(proxies),
  () => trustedProxyCheck([...proxies]),
);
await row(
  "currentHttpDate: one a second",
  200_000,
  () => currentHttpDate(1e12),
  (i) => formatHttpDate(1e12 + i * 1000),
);
await row(
  "formatLogDate: one a second",
  200_000,
  () => formatLogDate(1e12),
  (i) => formatLogDate(1e12 + i * 1000),
);

function use<Pooled extends Uint8Array>(pool: BufferPool<Pooled>): void {
  const buffer = pool.take();
  sink = buffer;
  pool.giveBack(buffer);
}
for (
  const [size, allocator] of [
    [256, slabAllocator()],
    [1024, slabAllocator()],
    [8 * 1024, allocate],
    [66 * 1024, allocate],
    [128 * 1024, allocate],
  ] as const
) {
  const pool = new BufferPool<Uint8Array>(size, allocator);
  const none = new BufferPool<Uint8Array>(size, allocator, { maxFree: 0 });
  await row(
    `BufferPool of ${size} bytes`,
    10_000,
    () => use(pool),
    () => use(none),
  );
}

Deno.removeSync(directory, { recursive: true });
Deno.exit();
