// Copyright 2026 the pystd authors. MIT license.

/**
 * A running script: its three streams, its limits on time, its end.
 *
 *     request body -> feed() -> stdin  | script | stdout -> read()
 *                                               | stderr -> onLine()
 *
 * However a script ends, `ended()` leaves nothing of it behind: no zombie, no
 * descriptor, no timer.
 *
 * @module
 */

import type { RequestBody } from "../../io/request_body.ts";
import { forEachLine } from "./stderr_lines.ts";
import { findDescendants, findDescendantsSync } from "./process_tree.ts";

/** The longest time that a timer takes, in ms. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** What a shell, and Deno, add to the number of a signal. */
const SIGNAL_BASE = 128;
/** What is read of a request's body at once. */
const PIECE_BYTES = 64 * 1024;

/** What a script is started with. */
export interface ScriptOptions {
  /** The program: a path, or a name to be looked for in `PATH`. */
  program: string;
  /** Its arguments. */
  args: string[];
  /** All of its environment. */
  env: Record<string, string>;
  /** Whether it is given a body. */
  hasInput: boolean;
  /** How long it may run, in ms. */
  timeout: number;
  /** How long it may be waited for without a sign of life, in ms. */
  silence: number;
  /** How long it has to end when it is told to, in ms. */
  grace: number;
  /** Whether what it has started is ended with it; needs all of `run`. */
  wholeTree: boolean;
  /** What takes the lines that it writes to stderr. */
  onLine: (line: string) => void;
}

/** Scripts that run, so that none outlives this process. */
const running = new Set<ScriptProcess>();

globalThis.addEventListener?.("unload", () => {
  const trees = [...running].filter((script) => script.isTree);
  const others = trees.length === 0
    ? []
    : findDescendantsSync(trees.map(({ pid }) => pid));
  for (const script of running) script.kill("SIGKILL");
  killAll(others, "SIGKILL");
});

/** The scripts that run for each server. */
const byServer = new WeakMap<object, Set<ScriptProcess>>();

/**
 * The scripts that run for a server.
 *
 * @param server The server.
 * @returns They; who starts one adds it, and deletes it when it has ended.
 */
export function runningOn(server: object): Set<ScriptProcess> {
  let scripts = byServer.get(server);
  if (scripts === undefined) byServer.set(server, scripts = new Set());
  return scripts;
}

/** A script that has been started. */
export class ScriptProcess {
  /** Which limit the script has exceeded, if it has. */
  overdue: "timeout" | "silence" | undefined;
  /** Whether it was told to end before it had. */
  terminated = false;
  #child: Deno.ChildProcess;
  #options: ScriptOptions;
  #stdout: ReadableStreamDefaultReader<Uint8Array>;
  #stderr: Promise<void>;
  #stderrReader: ReadableStreamDefaultReader<Uint8Array>;
  #exit: Promise<number>;
  #exited = false;
  /** Whether others held its stdout open in silence when it had exited. */
  #abandoned = false;
  #terminating: Promise<void> | undefined;
  #descendants: number[] = [];
  #graceOver: PromiseWithResolvers<void> = Promise.withResolvers();
  #startedAt: number = performance.now();
  /** When the script last took or gave something, or was asked to. */
  #progressAt: number = this.#startedAt;
  #reading = false;
  #outputEnded = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #graceTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Starts a script.
   *
   * @param options What it is started with.
   * @throws {Error} If it cannot be started.
   */
  constructor(options: ScriptOptions) {
    const { program, args, env, hasInput } = options;
    this.#options = options;
    this.#child = new Deno.Command(program, {
      args,
      env,
      clearEnv: true,
      stdin: hasInput ? "piped" : "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    running.add(this);
    this.#stdout = this.#child.stdout.getReader();
    this.#stderrReader = this.#child.stderr.getReader();
    this.#stderr = forEachLine(this.#stderrReader, options.onLine);
    this.#exit = this.#child.status.then(({ code, signal }) => {
      this.#exited = true;
      this.#progressAt = performance.now();
      running.delete(this);
      this.#arm();
      return signal === null ? code : SIGNAL_BASE - code;
    });
    this.#arm();
  }

  /** Whether what it has started is ended with it. */
  get isTree(): boolean {
    return this.#options.wholeTree;
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /**
   * Waits for output.
   *
   * @returns Some of it, `null` at its end.
   */
  async read(): Promise<Uint8Array | null> {
    this.#progressAt = performance.now();
    this.#reading = true;
    try {
      const { value } = await this.#stdout.read();
      this.#outputEnded = value === undefined;
      return value ?? null;
    } finally {
      this.#reading = false;
      this.#progressAt = performance.now();
    }
  }

  /**
   * Hands a body to the script as fast as it takes it. What it does not take
   * is thrown away while it runs, so that the client is not kept waiting; when
   * it has ended, the rest is left to the connection.
   *
   * @param body The body.
   * @throws {Error} If the body ends too early.
   */
  async feed(body: RequestBody | Uint8Array): Promise<void> {
    const stdin = this.#child.stdin.getWriter();
    let deaf = false;
    const pass = async (piece: Uint8Array): Promise<void> => {
      if (deaf) return;
      // A process that the script has started may hold on to its stdin.
      await Promise.race([stdin.write(piece), this.#exit])
        .catch(() => deaf = true);
      this.#progressAt = performance.now();
    };
    try {
      for (let at = 0; !this.#exited;) {
        const piece = body instanceof Uint8Array
          ? body.subarray(at, at += PIECE_BYTES)
          : await body.readSome(PIECE_BYTES);
        if (piece === null || piece.length === 0 || this.#exited) break;
        await pass(piece);
      }
    } finally {
      if (this.#exited) stdin.abort().catch(() => {});
      else stdin.close().catch(() => {});
    }
  }

  /** Tells the script to end, and sees to it that it does. */
  terminate(): void {
    if (this.terminated) return;
    this.terminated = true;
    if (this.#exited) this.#hangUp();
    else this.#terminating = this.#terminateTree();
  }

  /**
   * Sends a signal to the script.
   *
   * @param signal The signal.
   */
  kill(signal: Deno.Signal): void {
    try {
      this.#child.kill(signal);
    } catch {
      // It has ended by itself.
    }
  }

  /**
   * Waits until the script has ended.
   *
   * @returns Its exit status; that of a signal is its negative number, as in
   * Python.
   */
  async ended(): Promise<number> {
    const code = await this.#exit;
    await this.#terminating;
    // Nobody tells when the processes that it leaves behind have ended.
    if (this.#descendants.length > 0) await this.#graceOver.promise;
    this.#hangUp();
    await this.#stderr;
    clearTimeout(this.#timer);
    clearTimeout(this.#graceTimer);
    return code;
  }

  /** Descendants are found before their parents end, and leave them. */
  async #terminateTree(): Promise<void> {
    if (this.isTree) this.#descendants = await findDescendants(this.pid);
    this.kill("SIGTERM");
    killAll(this.#descendants, "SIGTERM");
    this.#graceTimer = setTimeout(() => {
      this.kill("SIGKILL");
      killAll(this.#descendants, "SIGKILL");
      this.#hangUp();
      this.#graceOver.resolve();
    }, this.#options.grace);
  }

  /** Reads no more: others may hold the streams open for long. */
  #hangUp(): void {
    this.#stdout.cancel().catch(() => {});
    const { grace } = this.#options;
    const timer = setTimeout(
      () => this.#stderrReader.cancel().catch(() => {}),
      this.terminated || this.#abandoned ? 0 : grace,
    );
    this.#stderr.finally(() => clearTimeout(timer));
  }

  #arm(): void {
    clearTimeout(this.#timer);
    const left = this.#nextLimit().at - performance.now();
    this.#timer = setTimeout(
      () => this.#look(),
      Math.min(Math.max(left, 1), LONGEST_TIMER),
    );
  }

  #look(): void {
    const { limit, at } = this.#nextLimit();
    if (performance.now() < at) return this.#arm();
    // It has ended, and who has inherited its stdout is silent.
    if (this.#exited) {
      this.#abandoned = true;
      return this.#hangUp();
    }
    this.overdue = limit;
    this.terminate();
  }

  #nextLimit(): { limit: "timeout" | "silence"; at: number } {
    const { timeout, silence, grace } = this.#options;
    const allowed = this.#exited ? Math.min(grace, silence) : silence;
    const end = this.#startedAt + timeout;
    // While the client is slow to take its output, the script is not silent.
    const quiet = this.#reading || this.#outputEnded
      ? this.#progressAt + allowed
      : performance.now() + allowed;
    return end < quiet
      ? { limit: "timeout", at: end }
      : { limit: "silence", at: quiet };
  }
}

function killAll(pids: readonly number[], signal: Deno.Signal): void {
  for (const pid of pids) {
    try {
      Deno.kill(pid, signal);
    } catch {
      // It has ended by itself.
    }
  }
}
