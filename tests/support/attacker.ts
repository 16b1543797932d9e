// Copyright 2026 the pystd authors. MIT license.

/**
 * A process that replaces a directory by a link and back as fast as it can.
 *
 * `RACE_SECONDS` makes each attack last longer than a second.
 *
 * @module
 */

import { pause } from "./client.ts";
import type { TemporaryTree } from "./tree.ts";

const SECONDS = Number(Deno.env.get("RACE_SECONDS") ?? 1);

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
 */
export async function underAttack(
  tree: TemporaryTree,
  [a, b]: [string, string],
  act: () => void | Promise<void>,
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
  try {
    const reader = attacker.stdout.getReader();
    await reader.read();
    reader.releaseLock();
    const end = performance.now() + SECONDS * 1000;
    for (let i = 1; performance.now() < end; i++) {
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
