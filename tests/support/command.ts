// Copyright 2026 the pystd authors. MIT license.

/**
 * Runs the command, or any module, in its own process with exactly the given
 * permissions.
 *
 * @module
 */

import { dirname } from "@std/path/dirname";
import { fromFileUrl } from "@std/path/from-file-url";
import { delay } from "@std/async/delay";

/** The root of the repository. */
export const ROOT: string = dirname(
  dirname(dirname(fromFileUrl(import.meta.url))),
);

/** The command's own module. */
export const CLI: string = `${ROOT}/cli.ts`;

/** Longest time for a process to print its first line or to end, in ms. */
const PATIENCE = 10_000;

/** Options of a process. */
export interface ProcessOptions {
  /**
   * The permissions, as flags of `deno run`.
   *
   * @default {["--allow-net", "--allow-read"]}
   */
  permissions?: readonly string[];
  /**
   * The working directory.
   *
   * @default {Deno.cwd()}
   */
  cwd?: string;
  /**
   * The module to run.
   *
   * @default {CLI}
   */
  module?: string;
  /**
   * Environment variables in addition to those of this process.
   *
   * @default {{}}
   */
  env?: Record<string, string>;
}

/** The result of a process. */
export interface Ended {
  /** Its exit status. */
  code: number;
  /** The signal that ended it, if one did. */
  signal: Deno.Signal | null;
  /** Its standard output. */
  stdout: string;
  /** Its standard error. */
  stderr: string;
}

/** A running process. Disposing of it stops it. */
export class RunningCommand implements AsyncDisposable {
  readonly #process: Deno.ChildProcess;
  readonly #reading: Promise<unknown>;
  #ended: Deno.CommandStatus | undefined;

  /** Its standard output so far. */
  stdout = "";
  /** Its standard error so far. */
  stderr = "";
  /** The port in its start line; 0 before that line. */
  port = 0;

  /**
   * Starts a process.
   *
   * @param args Its arguments.
   * @param options See {@linkcode ProcessOptions}.
   */
  constructor(args: readonly string[], options: ProcessOptions = {}) {
    const permissions = options.permissions ??
      ["--allow-net", "--allow-read"];
    const module = options.module ?? CLI;
    this.#process = new Deno.Command(Deno.execPath(), {
      args: ["run", "--no-prompt", ...permissions, module, ...args],
      ...options.cwd === undefined ? {} : { cwd: options.cwd },
      env: { NO_COLOR: "1", ...options.env },
      stdin: "null",
      stdout: "piped",
      stderr: "piped",
    }).spawn();
    this.#reading = Promise.all([
      collect(this.#process.stdout, (text) => this.stdout += text),
      collect(this.#process.stderr, (text) => this.stderr += text),
      this.#process.status.then((status) => this.#ended = status),
    ]);
  }

  /**
   * The process's id.
   *
   * @returns The id.
   */
  get pid(): number {
    return this.#process.pid;
  }

  /**
   * Returns a URL of the server.
   *
   * @param path The path and query.
   * @returns An absolute URL.
   */
  url(path = "/"): string {
    return `http://127.0.0.1:${this.port}${path}`;
  }

  /**
   * Waits until its standard output matches.
   *
   * @param pattern The pattern.
   * @returns The match.
   * @throws {Error} If it ends first, or nothing matches in time.
   */
  async says(pattern: RegExp): Promise<RegExpExecArray> {
    const until = performance.now() + PATIENCE;
    for (;;) {
      const found = pattern.exec(this.stdout);
      if (found !== null) return found;
      if (this.#ended !== undefined || performance.now() > until) {
        throw new Error(
          `Cannot find ${pattern} in what it said: ${this.stdout}${this.stderr}`,
        );
      }
      await delay(10);
    }
  }

  /**
   * Waits until it ends by itself.
   *
   * @returns Its result.
   * @throws {Error} If it does not end in time.
   */
  async ended(): Promise<Ended> {
    const timer = setTimeout(() => this.#kill("SIGKILL"), PATIENCE);
    await this.#reading;
    clearTimeout(timer);
    const { code, signal } = this.#ended!;
    const { stdout, stderr } = this;
    if (signal === "SIGKILL") {
      throw new Error(`Cannot wait any longer for: ${stdout}${stderr}`);
    }
    return { code, signal, stdout, stderr };
  }

  /**
   * Ends it by a signal.
   *
   * @param signal The signal.
   * @returns Its result.
   */
  stop(signal: Deno.Signal = "SIGINT"): Promise<Ended> {
    this.#kill(signal);
    return this.ended();
  }

  /**
   * Ends it at once if it is still running, with two signals: after the second,
   * the command does not wait for requests. A killed process would not write
   * its coverage.
   */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#kill("SIGINT");
    this.#kill("SIGTERM");
    const timer = setTimeout(() => this.#kill("SIGKILL"), PATIENCE);
    await this.#reading;
    clearTimeout(timer);
  }

  #kill(signal: Deno.Signal): void {
    if (this.#ended === undefined) this.#process.kill(signal);
  }
}

/**
 * Starts the command on a free port and waits until it serves.
 *
 * @param args Its arguments without the port.
 * @param options See {@linkcode ProcessOptions}.
 * @returns The command, to be disposed of.
 */
export async function startCommand(
  args: readonly string[] = [],
  options: ProcessOptions = {},
): Promise<RunningCommand> {
  const command = new RunningCommand(["--port", "0", ...args], options);
  try {
    const [, port] = await command.says(/ port (\d+) .*\n/);
    command.port = Number(port);
    return command;
  } catch (error) {
    await command[Symbol.asyncDispose]();
    throw error;
  }
}

/**
 * Runs a process to its end.
 *
 * @param args Its arguments.
 * @param options See {@linkcode ProcessOptions}.
 * @returns Its result.
 */
export async function runToEnd(
  args: readonly string[],
  options: ProcessOptions = {},
): Promise<Ended> {
  await using command = new RunningCommand(args, options);
  return await command.ended();
}

/**
 * Returns whether a program is installed.
 *
 * @param name Its name.
 * @param flag The argument that prints its version.
 * @returns Whether it starts and prints its version.
 */
export function isInstalled(name: string, flag = "--version"): boolean {
  try {
    return new Deno.Command(name, {
      args: [flag],
      stdin: "null",
      stdout: "null",
      stderr: "null",
    }).outputSync().success;
  } catch {
    return false;
  }
}

/**
 * Runs another program.
 *
 * @param name Its name.
 * @param args Its arguments.
 * @param cwd The working directory.
 * @returns Its exit status and output.
 */
export async function runProgram(
  name: string,
  args: readonly string[],
  cwd: string = ROOT,
): Promise<{ code: number; stdout: string; stderr: string }> {
  const output = await new Deno.Command(name, {
    args: [...args],
    cwd,
    stdin: "null",
  }).output();
  const decode = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return {
    code: output.code,
    stdout: decode(output.stdout),
    stderr: decode(output.stderr),
  };
}

async function collect(
  stream: ReadableStream<Uint8Array>,
  add: (text: string) => void,
): Promise<void> {
  for await (const text of stream.pipeThrough(new TextDecoderStream())) {
    add(text);
  }
}
