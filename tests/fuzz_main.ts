// Copyright 2026 the pystd authors. MIT license.

/**
 * `deno task fuzz [--minutes N] [--seed N]`: mutated traffic. Prints each
 * stream that breaks the invariant; its seed repeats it.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { fuzz } from "./support/fuzz.ts";

const flags = parseArgs(Deno.args.filter((arg) => arg !== "--"), {
  string: ["minutes", "seed"],
  default: { minutes: "1", seed: `${Date.now() % 2 ** 31}` },
});
const until = performance.now() + Number(flags.minutes) * 60_000;
let seed = Number(flags.seed);
let failed = false;

while (performance.now() < until) {
  const time = Math.min(60_000, until - performance.now());
  const report = await fuzz({ seed, time });
  const { connections, bytes, requests, resets, left } = report;
  console.log(
    `seed ${seed}: ${connections} connections, ${bytes} bytes, ${requests} requests, ${resets} resets, ${left} left open`,
  );
  for (const line of [...report.wrong, ...report.thrown]) console.error(line);
  failed ||= report.wrong.length + report.thrown.length + left > 0;
  seed++;
}
if (failed) Deno.exit(1);
