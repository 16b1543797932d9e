// Copyright 2026 the pystd authors. MIT license.

/**
 * A running script: its streams, its limits on time, its termination.
 *
 *     request body -> feed() -> stdin  | script | stdout -> read()
 *                                               | stderr -> onLine()
 *
 * After `ended()` nothing of the script remains: no zombie, no descriptor, no
 * timer.
 *
 * @module
 */

import type { RequestBody } from "../../io/request_body.ts";
import { forEachLine } from "./stderr_lines.ts";
import { findDescendants, findDescendantsSync } from "./process_tree.ts";

/** Longest time of a timer, in ms. */
const LONGEST_TIMER = 2 ** 31 - 1;
/** Shells and Deno add this to the number of a signal. */
const SIGNAL_BASE = 128;
/** Bytes of a request's body that are read at once. */
const PIECE_BYTES = 64 * 1024;

/** The command, environment and limits of a script. */
export interface ScriptOptions {
  /** The program: a path, or a name to find in `PATH`. */
  program: string;
  /** Its arguments. */
  args: string[];
  /** Its complete environment. */
  env: Record<string, string>;
  /** Whether it gets a body. */
  hasInput: boolean;
  /** Longest run, in ms. */
  timeout: number;
  /** Longest time without progress, in ms. */
  silence: number;
  /** Time from SIGTERM to SIGKILL, in ms. */
  grace: number;
  /** Whether its descendants are terminated, too; needs all of `run`. */
  wholeTree: boolean;
  /** Called with each line that it writes to stderr. */
  onLine: (line: string) => void;
}

/** Running scripts, so that none outlives this process. */
const running = new Set<ScriptProcess>();

globalThis.addEventListener?.("unload", () => {
  const trees = [...running].filter((script) => script.isTree);
  const others = trees.length === 0
    ? []
    : findDescendantsSync(trees.map(({ pid }) => pid));
  for (const script of running) script.kill("SIGKILL");
  killAll(others, "SIGKILL");
});

/** Running scripts by server. */
const byServer = new WeakMap<object, Set<ScriptProcess>>();

/**
 * Returns the running scripts of a server.
 *
 * @param server The server.
 * @returns The set. The caller adds a script that it starts, and deletes it at
 * its end.
 */
export function runningOn(server: object): Set<ScriptProcess> {
  let scripts = byServer.get(server);
  if (scripts === undefined) byServer.set(server, scripts = new Set());
  return scripts;
}

/** A script that has been started. */
export class ScriptProcess {
  /** The limit that the script has exceeded. */
  overdue: "timeout" | "silence" | undefined;
  /** Whether it was terminated. */
  terminated = false;
  #child: Deno.ChildProcess;
  #options: ScriptOptions;
  #stdout: ReadableStreamDefaultReader<Uint8Array>;
  #stderr: Promise<void>;
  #stderrReader: ReadableStreamDefaultReader<Uint8Array>;
  #exit: Promise<number>;
  #exited = false;
  /** Whether other processes kept its stdout open after its exit. */
  #abandoned = false;
  #terminating: Promise<void> | undefined;
  #descendants: number[] = [];
  #graceOver: PromiseWithResolvers<void> = Promise.withResolvers();
  #startedAt: number = performance.now();
  /** When the script last read or wrote, or was asked to. */
  #progressAt: number = this.#startedAt;
  #reading = false;
  #outputEnded = false;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #graceTimer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Starts a script.
   *
   * @param options See {@linkcode ScriptOptions}.
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

  /** Whether its descendants are terminated, too. */
  get isTree(): boolean {
    return this.#options.wholeTree;
  }

  /** Its process id. */
  get pid(): number {
    return this.#child.pid;
  }

  /**
   * Reads output.
   *
   * @returns Some output, `null` at its end.
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
   * Writes a body to the script's stdin, as fast as the script reads. If it
   * closes stdin, the rest is discarded while it runs, so that the client need
   * not wait. After its exit the rest is left to the connection.
   *
   * @param body The body.
   * @throws {Error} If the body ends too early.
   */
  async feed(body: RequestBody | Uint8Array): Promise<void> {
    const stdin = this.#child.stdin.getWriter();
    let deaf = false;
    const pass = async (piece: Uint8Array): Promise<void> => {
      if (deaf) return;
      // A process that the script has started may keep stdin open.
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

  /** Sends SIGTERM, and SIGKILL after `grace`. */
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
      // It has ended already.
    }
  }

  /**
   * Waits until the script has ended.
   *
   * @returns Its exit status; the negative number of a signal, as in Python.
   */
  async ended(): Promise<number> {
    const code = await this.#exit;
    await this.#terminating;
    // The end of descendants is not reported: wait until they are killed.
    if (this.#descendants.length > 0) await this.#graceOver.promise;
    this.#hangUp();
    await this.#stderr;
    clearTimeout(this.#timer);
    clearTimeout(this.#graceTimer);
    return code;
  }

  /** Finds descendants before the script ends, when they lose their parent. */
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

  /** Stops reading: other processes may keep the streams open for long. */
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
    // It has exited, but a process that inherited its stdout writes nothing.
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
    // While the client is slow to read the output, the script is not silent.
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
      // It has ended already.
    }
  }
}
