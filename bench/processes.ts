// Copyright 2026 the pystd authors. MIT license.

/**
 * Runs programs on one core, and reads their figures from `/proc`.
 *
 * @module
 */

/** The core of the servers. */
export const SERVER_CORE = 0;
/** The core of the load. */
export const CLIENT_CORE = navigator.hardwareConcurrency > 1 ? 1 : 0;

/** Clock ticks per second in /proc, on every Linux that Deno supports. */
const TICKS = 100;

/** A running program. */
export interface Running {
  /** Its process id. */
  readonly pid: number;
  /** Stops it and its children (SIGSTOP). */
  pause(): void;
  /** Continues them (SIGCONT). */
  resume(): void;
  /** Terminates it, and waits for its end. */
  stop(): Promise<void>;
}

/**
 * Starts a program on the core of the servers.
 *
 * @param command The program and its arguments.
 * @param options Its working directory, a file for its stderr, and its cores, as
 * `taskset` takes them.
 * @returns The running program.
 */
export function start(
  command: readonly string[],
  options: { cwd?: string; stderr?: string; cores?: string } = {},
): Running {
  const script = `exec "$@" >/dev/null 2>${options.stderr ?? "/dev/null"}`;
  const child = new Deno.Command("taskset", {
    args: [
      ...["-c", options.cores ?? `${SERVER_CORE}`],
      ...["sh", "-c", script, "sh", ...command],
    ],
    cwd: options.cwd,
    env: { NO_UPDATE_CHECK: "1", NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" },
    stdin: "null",
    stdout: "null",
    stderr: "null",
  }).spawn();
  const send = (pids: readonly number[], signal: Deno.Signal): void => {
    for (const pid of pids) {
      try {
        Deno.kill(pid, signal);
      } catch {
        // It has ended by itself.
      }
    }
  };
  const { pid } = child;
  return {
    pid,
    pause: () => send(family(pid), "SIGSTOP"),
    resume: () => send(family(pid), "SIGCONT"),
    async stop(): Promise<void> {
      send([pid], "SIGTERM");
      send(family(pid), "SIGCONT");
      const timer = setTimeout(send, 1000, [pid], "SIGKILL");
      await child.status;
      clearTimeout(timer);
    },
  };
}

/**
 * Runs a program on the core of the load.
 *
 * @param command The program and its arguments.
 * @returns Its stdout.
 * @throws {Error} If it fails.
 */
export async function runClient(command: readonly string[]): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command("taskset", {
    args: ["-c", `${CLIENT_CORE}`, ...command],
    stdin: "null",
  }).output();
  if (success) return new TextDecoder().decode(stdout);
  throw new Error(
    `Cannot run ${command[0]}: ${new TextDecoder().decode(stderr)}`,
  );
}

/**
 * Returns the first line that a program prints on stdout or stderr.
 *
 * @param command The program and its arguments.
 * @returns The line; `undefined` if the program is not installed.
 */
export async function firstLine(
  command: readonly string[],
): Promise<string | undefined> {
  try {
    const [program, ...args] = command;
    const output = await new Deno.Command(program, { args }).output();
    const text = new TextDecoder().decode(output.stdout) ||
      new TextDecoder().decode(output.stderr);
    return text.trim().split("\n")[0];
  } catch {
    return undefined;
  }
}

/** Keeps this process, which is a client too, off the core of the servers. */
export async function pinSelf(): Promise<void> {
  const args = ["-acp", `${CLIENT_CORE}`, `${Deno.pid}`];
  await new Deno.Command("taskset", { args }).output();
}

/**
 * Measures the memory of a program and its children.
 *
 * @param pid The program.
 * @returns The resident bytes.
 */
export function residentBytes(pid: number): number {
  let bytes = 0;
  for (const member of family(pid)) {
    const status = readProc(`${member}/status`);
    const kib = /^VmRSS:\s+([0-9]+) kB/m.exec(status)?.[1];
    bytes += Number(kib ?? 0) * 1024;
  }
  return bytes;
}

/**
 * Returns the processor time of a program and its children.
 *
 * @param pid The program.
 * @returns The seconds, in user mode and in the kernel.
 */
export function cpuSeconds(pid: number): number {
  let ticks = 0;
  for (const member of family(pid)) {
    // The name in parentheses may hold spaces: utime is 11 fields after it.
    const fields = readProc(`${member}/stat`).split(") ").at(-1)!.split(" ");
    ticks += Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
  }
  return ticks / TICKS;
}

/**
 * Returns the processor time of each thread of a program and its children.
 *
 * @param pid The program.
 * @returns The seconds by thread.
 */
export function threadSeconds(pid: number): Map<number, number> {
  const seconds = new Map<number, number>();
  for (const member of family(pid)) {
    for (const { name } of Deno.readDirSync(`/proc/${member}/task`)) {
      const stat = readProc(`${member}/task/${name}/stat`);
      const fields = stat.split(") ").at(-1)!.split(" ");
      const ticks = Number(fields[11] ?? 0) + Number(fields[12] ?? 0);
      seconds.set(Number(name), ticks / TICKS);
    }
  }
  return seconds;
}

function family(pid: number): number[] {
  const children = readProc(`${pid}/task/${pid}/children`).trim();
  if (children === "") return [pid];
  return [pid, ...children.split(" ").flatMap((child) => family(+child))];
}

function readProc(path: string): string {
  try {
    return Deno.readTextFileSync(`/proc/${path}`);
  } catch {
    return "";
  }
}
