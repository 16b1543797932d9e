// Copyright 2026 the pystd authors. MIT license.

/**
 * Measures the cost of a CGI script: with this server, with CPython's `--cgi`, and
 * with `Deno.Command` alone as the lower bound. All run on one core, in turns.
 *
 *     deno run --allow-all bench/cgi.ts [ROUNDS] [SECONDS]
 *
 * @module
 */

import { fromFileUrl } from "@std/path/from-file-url";
import {
  firstLine,
  pinSelf,
  runClient,
  type Running,
  SERVER_CORE,
  start,
} from "./processes.ts";
import { median, shown, table } from "./report.ts";

const CLI = fromFileUrl(new URL("../cli.ts", import.meta.url));
const FLOOR = fromFileUrl(new URL("programs/spawn.ts", import.meta.url));
const OURS_PORT = 18190;
const PYTHON_PORT = 18191;
/** Numbers of concurrent requests. */
const CONNECTIONS = [1, 8];

const SCRIPT = `#!/bin/sh
printf 'Content-Type: text/plain\\n\\nhello\\n'
`;

async function waitFor(port: number): Promise<void> {
  for (;;) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
      return;
    } catch {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}

/**
 * Returns responses per second, each checked, and each on its own connection, as
 * CPython's `--cgi` requires.
 */
async function load(
  port: number,
  atOnce: number,
  seconds: number,
): Promise<number> {
  const request = new TextEncoder().encode(
    "GET /cgi-bin/hello.sh HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
  );
  const end = performance.now() + seconds * 1000;
  let count = 0;
  const ask = async (): Promise<void> => {
    const buffer = new Uint8Array(4096);
    while (performance.now() < end) {
      using conn = await Deno.connect({ hostname: "127.0.0.1", port });
      await conn.write(request);
      let text = "";
      for (;;) {
        const length = await conn.read(buffer);
        if (length === null) break;
        text += new TextDecoder().decode(buffer.subarray(0, length));
      }
      if (!text.includes("hello\n")) throw new Error(`Bad answer: ${text}`);
      count++;
    }
  };
  await Promise.all(Array.from({ length: atOnce }, ask));
  return count / seconds;
}

/** Scripts per second that `Deno.Command` starts and reads to their end. */
async function floor(
  script: string,
  atOnce: number,
  seconds: number,
): Promise<number> {
  const output = await runClient(
    // The later affinity wins: this runs on the core of the servers.
    ["taskset", "-c", `${SERVER_CORE}`, Deno.execPath(), "run", "--allow-run"]
      .concat([FLOOR, script, `${atOnce}`, `${seconds}`]),
  );
  return Number(output);
}

async function main(rounds: number, seconds: number): Promise<void> {
  await pinSelf();
  const site = await Deno.makeTempDir();
  // CPython runs scripts as the user nobody.
  await Deno.chmod(site, 0o755);
  const script = `${site}/cgi-bin/hello.sh`;
  await Deno.mkdir(`${site}/cgi-bin`);
  await Deno.writeTextFile(script, SCRIPT, { mode: 0o755 });
  const servers: Running[] = [
    start([Deno.execPath(), "run", "--allow-net", "--allow-read"].concat(
      [`--allow-run=${script}`, CLI, "-q", "--cgi", site, `${OURS_PORT}`],
    )),
    start(
      ["python3", "-m", "http.server", "--cgi", "-b", "127.0.0.1"]
        .concat([`${PYTHON_PORT}`]),
      { cwd: site },
    ),
  ];
  try {
    await Promise.all([waitFor(OURS_PORT), waitFor(PYTHON_PORT)]);
    const rows: string[][] = [];
    for (const connections of CONNECTIONS) {
      const rates: number[][] = [[], [], []];
      for (let round = 0; round < rounds; round++) {
        for (const [i, port] of [OURS_PORT, PYTHON_PORT].entries()) {
          rates[i].push(await load(port, connections, seconds));
        }
        rates[2].push(await floor(script, connections, seconds));
      }
      const [ours, python, spawn] = rates.map((row) => median(row) ?? 0);
      rows.push([
        `${connections}`,
        ...[ours, python, spawn].map(shown),
        `${(ours / python).toFixed(2)}`,
        `${(ours / spawn).toFixed(2)}`,
      ]);
    }
    const python = await firstLine(["python3", "--version"]) ?? "python3";
    console.log(table(
      ["at once", "ours", python, "Deno.Command", "ours/Python", "ours/floor"],
      rows,
    ));
  } finally {
    await Promise.all(servers.map((server) => server.stop()));
    await Deno.remove(site, { recursive: true });
  }
}

if (import.meta.main) {
  const [rounds = 3, seconds = 2] = Deno.args.map(Number);
  await main(rounds, seconds);
}
