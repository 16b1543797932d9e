// Copyright 2026 the pystd authors. MIT license.

/**
 * A process that replaces a directory by a link and back as fast as it can.
 *
 * It stops during each `rename()` and `link()` of the operation under attack. The
 * system looks up two paths in such a call, and Deno has no `renameat()`, so
 * nothing protects against an exchange between these two: see `docs/files.md`.
 *
 * `RACE_SECONDS` makes each attack last longer than a second.
 *
 * @module
 */

import { pause } from "./client.ts";
import { stub } from "./stub.ts";
import type { TemporaryTree } from "./tree.ts";

const SECONDS = Number(Deno.env.get("RACE_SECONDS") ?? 1);
/** Longest time of an attack without an effect. */
const MAX_SECONDS = 60;

/** Exchanges two paths until it is killed. */
const SCRIPT = `
  const [a, b] = Deno.args;
  const t = b + ".t";
  Deno.stdout.writeSync(new Uint8Array(1));
  for (;;) {
    Deno.renameSync(a, t);
    Deno.renameSync(b, a);
    Deno.renameSync(t, b);
  }
`;

/** The files for an attack. */
export const ATTACKER: Readonly<Record<string, string>> = {
  "attacker.js": SCRIPT,
};

/**
 * Runs a function repeatedly while two paths are exchanged.
 *
 * @param tree The tree, with {@linkcode ATTACKER} in it.
 * @param paths The two paths, below the tree's root.
 * @param act The function to run.
 * @param wasRefused Whether the attack had an effect. On a busy machine, the
 * function may have run only once within the time of an attack: it goes on.
 */
export async function underAttack(
  tree: TemporaryTree,
  [a, b]: [string, string],
  act: () => void | Promise<void>,
  wasRefused: () => boolean,
): Promise<void> {
  const script = tree.path("attacker.js");
  const allowed = `--allow-read=${tree.root}`;
  const command = new Deno.Command(Deno.execPath(), {
    args: [
      "run",
      "--no-config",
      "--no-prompt",
      allowed,
      allowed.replace("read", "write"),
      script,
      tree.path(a),
      tree.path(b),
    ],
    stdout: "piped",
    stderr: "null",
  });
  const attacker = command.spawn();
  using stack = new DisposableStack();
  stack.use(stopDuring(attacker, "renameSync"));
  stack.use(stopDuring(attacker, "linkSync"));
  try {
    const reader = attacker.stdout.getReader();
    await reader.read();
    reader.releaseLock();
    const start = performance.now();
    const goesOn = (): boolean => {
      const seconds = (performance.now() - start) / 1000;
      return seconds < SECONDS || (!wasRefused() && seconds < MAX_SECONDS);
    };
    for (let i = 1; goesOn(); i++) {
      const acting = act();
      if (acting instanceof Promise) await acting;
      if (i % 200 === 0) await pause(0);
    }
  } finally {
    attacker.kill("SIGKILL");
    await attacker.stdout.cancel();
    await attacker.status;
  }
}

/** Stops a process during each call of a function. */
function stopDuring(
  process: Deno.ChildProcess,
  name: "renameSync" | "linkSync",
): Disposable {
  type Call = (from: string, to: string) => void;
  const stand = (real: Call): Call => (from, to) => {
    process.kill("SIGSTOP");
    try {
      while (Deno.build.os === "linux" && !isStopped(process.pid));
      real(from, to);
    } finally {
      process.kill("SIGCONT");
    }
  };
  return stub(Deno, name, stand as never);
}

/** Whether a process is stopped. Until it is, it may complete a system call. */
function isStopped(pid: number): boolean {
  const state = Deno.readTextFileSync(`/proc/${pid}/stat`);
  return /\) [TtZX] /.test(state);
}
