// Copyright 2026 the pystd authors. MIT license.

/**
 * Serves with workers of `odd_worker.ts`; the argument is their number.
 *
 * @module
 */

import { readCommandLine } from "../../cli/flags.ts";
import { readSettings } from "../../cli/settings/settings.ts";
import { WorkerPool } from "../../cli/workers/pool.ts";

const probe = Deno.listen({ hostname: "127.0.0.1", port: 0 });
const { port } = probe.addr;
probe.close();
const settings = readSettings(readCommandLine([`--port=${port}`]));
const task = { settings, tls: undefined };
const pool = new WorkerPool(
  new URL("./odd_worker.ts", import.meta.url),
  Array(Number(Deno.args[0])).fill(task),
);
await pool.start();
console.log(`Workers on port ${port} now`);
Deno.addSignalListener("SIGTERM", async () => {
  await pool.stop();
  Deno.exit(0);
});
