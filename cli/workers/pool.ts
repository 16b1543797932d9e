// Copyright 2026 the pystd authors. MIT license.

/**
 * `--workers N`: serves on several cores.
 *
 * Each worker is a thread with its own server. All of them listen on one port
 * (`SO_REUSEPORT`), and the system distributes the connections. The main thread
 * serves no requests: it writes the log, replaces workers that die, and stops
 * them.
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
import type { ThrottleMessage } from "./remote_throttle.ts";

/** The task of a worker. */
export interface WorkerTask {
  /** The settings. */
  settings: Settings;
  /** The certificate and key for HTTPS. */
  tls: HTTPSServerOptions | undefined;
}

/** A message to a worker. */
export type ToWorker =
  | { kind: "serve"; task: WorkerTask }
  | { kind: "stop" }
  | { kind: "decision"; id: number; decision: ThrottleDecision };

/** A message from a worker. */
export type FromWorker =
  | ThrottleMessage
  | { kind: "loaded" }
  | { kind: "ready" }
  | { kind: "failed"; message: string }
  | { kind: "log"; lines: string }
  | { kind: "ended" };

/** Delay before a dead worker is replaced, in ms: it may die again at once. */
const REPLACE_MS = 200;
/** Longest wait for the workers to end, in ms; longer than a server's grace. */
const END_MS = 7000;

/**
 * Returns whether listeners can share a port. Without the flag, an attempt
 * would end the process, so this check comes first.
 *
 * @returns Whether Deno was started with `--unstable-net`.
 */
export function canSharePorts(): boolean {
  return "listenDatagram" in Deno;
}

/**
 * Splits a limit among workers.
 *
 * @param limit The limit for all workers together.
 * @param workers The number of workers.
 * @returns The limit of each worker.
 */
export function splitLimit(limit: number, workers: number): number[] {
  const least = Math.floor(limit / workers);
  const more = limit % workers;
  return Array.from({ length: workers }, (_, i) => least + Number(i < more));
}

/** The name of the worker threads. */
const WORKER_NAME = "http-server worker";

/** Returns whether this thread is a worker. */
export function isWorkerThread(): boolean {
  return (globalThis as { name?: string }).name === WORKER_NAME;
}

/** Workers that are replaced when they die. */
export class WorkerPool {
  #url: string;
  #tasks: readonly WorkerTask[];
  #throttle: LoginThrottle | undefined;
  #workers = new Set<Worker>();
  #stopping = false;
  #whenEnded = Promise.withResolvers<void>();

  /**
   * Creates a pool; `start()` starts the workers.
   *
   * @param url The module of a worker, which calls `serveInWorker()`.
   * @param tasks The task of each worker.
   * @param throttle The limit on login attempts, if there are passwords.
   */
  constructor(
    url: URL,
    tasks: readonly WorkerTask[],
    throttle?: LoginThrottle,
  ) {
    this.#url = url.href;
    this.#tasks = tasks;
    this.#throttle = throttle;
  }

  /**
   * Starts the workers.
   *
   * @returns A promise that resolves when all workers serve.
   * @throws {StartError} If a worker cannot serve.
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
   * Stops the workers. Requests in progress may finish.
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
          // A message to a thread that is still loading may be lost.
          return send(worker, { kind: "serve", task });
        case "ready":
          ready = true;
          return resolve();
        case "log":
          return logLine(data.lines);
        case "login":
          return this.#decide(worker, data.id, data.attempt);
        case "login succeeded":
          return this.#throttle?.succeed(data.attempt);
        case "failed":
          this.#forget(worker);
          return reject(new StartError(data.message));
        case "ended":
          return this.#forget(worker);
      }
    };
    worker.onerror = (event) => {
      // Otherwise the error would end the process.
      event.preventDefault();
      this.#forget(worker);
      if (!ready) return reject(new StartError(event.message));
      if (!this.#stopping) this.#replace(task, event.message);
    };
    return promise;
  }

  async #decide(
    worker: Worker,
    id: number,
    attempt: LoginAttempt,
  ): Promise<void> {
    const decision = await this.#throttle!.begin(attempt);
    send(worker, { kind: "decision", id, decision });
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
