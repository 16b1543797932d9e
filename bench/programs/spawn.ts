// Copyright 2026 the pystd authors. MIT license.

/**
 * The lower bound of CGI: starts a program and reads its output, repeatedly.
 *
 *     deno run --allow-run bench/programs/spawn.ts PROGRAM AT_ONCE SECONDS
 *
 * @module
 */

const [program, atOnce, seconds] = Deno.args;
const end = performance.now() + Number(seconds) * 1000;
let count = 0;

async function spawnInTurn(): Promise<void> {
  while (performance.now() < end) {
    await new Deno.Command(program, { clearEnv: true, stdin: "null" }).output();
    count++;
  }
}

await Promise.all(Array.from({ length: Number(atOnce) }, spawnInTurn));
console.log(count / Number(seconds));
