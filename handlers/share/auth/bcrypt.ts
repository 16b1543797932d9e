// Copyright 2026 the pystd authors. MIT license.

/**
 * bcrypt in a thread of its own: a comparison takes a tenth of a second or
 * more, which would block the event loop.
 *
 * The thread's program is a string that imports an npm package, since that
 * needs no permission on Deno. A module in a file would need `--allow-read`,
 * which the command has given up when it serves.
 *
 * @module
 */

import type { Worker } from "node:worker_threads";

/** The version in `deno.json`; a test compares them. */
export const BCRYPT_PACKAGE = "npm:bcryptjs@3.0.3";

/** Returns the thread's program. */
function program(): string {
  // The thread has no path to resolve a name against.
  const name = "Deno" in globalThis
    ? BCRYPT_PACKAGE
    : import.meta.resolve("bcryptjs");
  return `
const { parentPort } = require("node:worker_threads");
const loaded = import(${JSON.stringify(name)});
parentPort.on("message", async ([id, password, hash]) => {
  const { compareSync } = await loaded;
  parentPort.postMessage([id, compareSync(password, hash)]);
});`;
}

/** The thread; `undefined` before its start, and on platforms without threads. */
let thread: Worker | undefined;
let starting: Promise<void> | undefined;
let lastId = 0;
/** Comparisons in progress; `undefined` is the result if the thread fails. */
const waiting = new Map<number, (matches: boolean | undefined) => void>();

/**
 * Starts the thread, once. That blocks the event loop for 100 ms: call it
 * before serving.
 */
export function startBcrypt(): Promise<void> {
  return starting ??= start();
}

async function start(): Promise<void> {
  try {
    const { Worker } = await import("node:worker_threads");
    const worker = new Worker(program(), { eval: true });
    // The thread must not keep the process alive.
    worker.unref();
    worker.on("message", ([id, matches]: [number, boolean]) => {
      settle(worker, id, matches);
    });
    worker.on("error", () => {
      thread = undefined;
      for (const id of [...waiting.keys()]) settle(worker, id, undefined);
    });
    thread = worker;
  } catch {
    // Without threads, or without the package, bcrypt runs in the event loop.
  }
}

function settle(worker: Worker, id: number, matches?: boolean): void {
  waiting.get(id)?.(matches);
  waiting.delete(id);
  if (waiting.size === 0) worker.unref();
}

/**
 * Compares a password with a hash.
 *
 * @param password The password; bcrypt reads its first 72 bytes.
 * @param hash The hash, from `htpasswd -B`.
 * @returns Whether they match.
 */
export async function matchesBcrypt(
  password: string,
  hash: string,
): Promise<boolean> {
  await startBcrypt();
  const worker = thread;
  if (worker !== undefined) {
    const matches = await new Promise<boolean | undefined>((resolve) => {
      const id = ++lastId;
      waiting.set(id, resolve);
      worker.ref();
      worker.postMessage([id, password, hash]);
    });
    if (matches !== undefined) return matches;
  }
  const { compare } = await import("bcryptjs");
  return compare(password, hash);
}
