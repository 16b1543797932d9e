// Copyright 2026 the pystd authors. MIT license.

/**
 * `--workers N`: the command on several cores.
 *
 * Each worker is a thread with a server of its own. All of them listen on one
 * port (`SO_REUSEPORT`), and the system spreads the connections over them. The
 * main thread serves nobody: it writes the log, replaces workers that die, and
 * tells all of them when to stop.
 *
 * @module
 */

import type {
  LoginAttempt,
  LoginThrottle,
  ThrottleDecision,
} from "../../handlers/share/auth/login_throttle.ts";
import { logLine } from "../../io/log.ts";
import type { HTTPSServerOptions } from "../../server/tls_transport.ts";
import { StartError } from "../errors.ts";
import type { Settings } from "../settings/settings.ts";
import type { AttemptMessage } from "./shared_attempts.ts";

/** What a worker is to do. */
export interface WorkerTask {
  /** What to serve, and where. */
  settings: Settings;
  /** What to serve HTTPS with. */
  tls: HTTPSServerOptions | undefined;
}

/** What a worker is told. */
export type ToWorker =
  | { kind: "serve"; task: WorkerTask }
  | { kind: "stop" }
  | { kind: "verdict"; id: number; verdict: ThrottleDecision };

/** What a worker tells. */
export type FromWorker =
  | AttemptMessage
  | { kind: "loaded" }
  | { kind: "ready" }
  | { kind: "failed"; message: string }
  | { kind: "log"; lines: string }
  | { kind: "ended" };

/** How soon a worker that died is replaced, in ms: it may die again at once. */
const REPLACE_MS = 200;
/** What the workers may take to end beyond the grace of their requests. */
const END_MS = 7000;

/**
 * Whether several listeners can share a port. Without the flag Deno ends the
 * process where one tries, so that it has to be known before.
 *
 * @returns Whether Deno was started with `--unstable-net`.
 */
export function canSharePorts(): boolean {
  return "listenDatagram" in Deno;
}

/**
 * Takes a limit apart.
 *
 * @param limit What all workers together may do.
 * @param workers How many there are.
 * @returns What each of them may do.
 */
export function splitLimit(limit: number, workers: number): number[] {
  const least = Math.floor(limit / workers);
  const more = limit % workers;
  return Array.from({ length: workers }, (_, i) => least + Number(i < more));
}

/** What the threads are called. */
const WORKER_NAME = "http-server worker";

/**
 * Whether this thread is one of a pool's.
 *
 * @returns Whether it is.
 */
export function isWorkerThread(): boolean {
  return (globalThis as { name?: string }).name === WORKER_NAME;
}

/** Workers that are kept alive. */
export class WorkerPool {
  #url: string;
  #tasks: readonly WorkerTask[];
  #attempts: LoginThrottle | undefined;
  #workers = new Set<Worker>();
  #stopping = false;
  #whenEnded = Promise.withResolvers<void>();

  /**
   * Describes workers.
   *
   * @param url Their module, which calls `serveInWorker()`.
   * @param tasks What each of them is to do.
   * @param attempts Counts attempts at passwords, if they ask for any.
   */
  constructor(
    url: URL,
    tasks: readonly WorkerTask[],
    attempts?: LoginThrottle,
  ) {
    this.#url = url.href;
    this.#tasks = tasks;
    this.#attempts = attempts;
  }

  /**
   * Starts the workers.
   *
   * @returns A promise that resolves when all of them serve.
   * @throws {StartError} If one cannot.
   */
  async start(): Promise<void> {
    try {
      await Promise.all(this.#tasks.map((task) => this.#spawn(task)));
    } catch (error) {
      this.#terminate();
      throw error;
    }
  }

  /**
   * Stops the workers: requests under way go on for a while.
   *
   * @returns A promise that resolves when all have ended.
   */
  async stop(): Promise<void> {
    this.#stopping = true;
    if (this.#workers.size === 0) return;
    for (const worker of this.#workers) send(worker, { kind: "stop" });
    const timer = setTimeout(this.#whenEnded.resolve, END_MS);
    await this.#whenEnded.promise;
    clearTimeout(timer);
    this.#terminate();
  }

  #spawn(task: WorkerTask): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const worker = new Worker(this.#url, {
      type: "module",
      name: WORKER_NAME,
    });
    this.#workers.add(worker);
    let ready = false;
    worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
      switch (data.kind) {
        case "loaded":
          // What a thread is sent while it loads its code may be lost.
          return send(worker, { kind: "serve", task });
        case "ready":
          ready = true;
          return resolve();
        case "log":
          return logLine(data.lines);
        case "attempt":
          return this.#judge(worker, data.id, data.attempt);
        case "success":
          return this.#attempts?.succeed(data.attempt);
        case "failed":
          this.#forget(worker);
          return reject(new StartError(data.message));
        case "ended":
          return this.#forget(worker);
      }
    };
    worker.onerror = (event) => {
      // It would end the process.
      event.preventDefault();
      this.#forget(worker);
      if (!ready) return reject(new StartError(event.message));
      if (!this.#stopping) this.#replace(task, event.message);
    };
    return promise;
  }

  async #judge(
    worker: Worker,
    id: number,
    attempt: LoginAttempt,
  ): Promise<void> {
    const verdict = await this.#attempts!.begin(attempt);
    send(worker, { kind: "verdict", id, verdict });
  }

  #replace(task: WorkerTask, reason: string): void {
    logLine(`A worker died; starting another one: ${reason}`);
    setTimeout(() => {
      if (this.#stopping) return;
      this.#spawn(task).catch((error) =>
        this.#replace(task, (error as Error).message)
      );
    }, REPLACE_MS);
  }

  #forget(worker: Worker): void {
    worker.terminate();
    this.#workers.delete(worker);
    if (this.#stopping && this.#workers.size === 0) this.#whenEnded.resolve();
  }

  #terminate(): void {
    for (const worker of this.#workers) worker.terminate();
    this.#workers.clear();
  }
}

function send(worker: Worker, message: ToWorker): void {
  worker.postMessage(message);
}
