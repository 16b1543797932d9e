// Copyright 2026 the pystd authors. MIT license.

/**
 * Checks that slow clients above `minRate` are not disconnected.
 *
 * ```sh
 * deno run -A bench/slow_clients.ts [MINUTES]
 * ```
 *
 * Each client is a curl with `--limit-rate`. A transfer that ends early or with an
 * error is a failure; one still in progress at the end is not.
 *
 * @module
 */

import { fromFileUrl } from "@std/path/from-file-url";

const MINUTES = Number(Deno.args[0] ?? 10);
const RATES = ["3K", "10K", "50K", "100K"];
/** More than the buffers of the system on both sides. */
const FILE_BYTES = 24_000_000;
const CLI = fromFileUrl(new URL("../cli.ts", import.meta.url));

interface Kind {
  name: string;
  flags: string[];
  /** The arguments of curl for a base URL. */
  transfer(base: string, rate: string): string[];
}

const directory = Deno.makeTempDirSync();
const file = `${directory}/f.bin`;
Deno.writeFileSync(file, new Uint8Array(FILE_BYTES));
Deno.mkdirSync(`${directory}/cgi-bin`);
const script = `${directory}/cgi-bin/out.sh`;
Deno.writeTextFileSync(
  script,
  `#!/bin/sh\nprintf 'Content-Type: x/y\\n\\n'; exec cat ${file}\n`,
  { mode: 0o755 },
);

const download = (base: string): string[] => ["-o", "/dev/null", base];
const KINDS: Kind[] = [
  { name: "file", flags: [], transfer: (base) => download(`${base}f.bin`) },
  {
    name: "file, --plain",
    flags: ["--plain"],
    transfer: (base) => download(`${base}f.bin`),
  },
  {
    name: "file, TLS",
    flags: ["--tls-self-signed"],
    transfer: (base) => ["-k", ...download(`${base}f.bin`)],
  },
  {
    name: "CGI",
    flags: ["--cgi"],
    transfer: (base) => download(`${base}cgi-bin/out.sh`),
  },
  {
    name: "upload",
    flags: ["--upload"],
    transfer: (base, rate) => ["-T", file, `${base}up-${rate}.bin`],
  },
];

async function serve(flags: string[]): Promise<[Deno.ChildProcess, string]> {
  const child = new Deno.Command(Deno.execPath(), {
    args: ["run", "-A", CLI, directory, "0", "-q", ...flags],
    stdout: "piped",
    stderr: "null",
  }).spawn();
  const reader = child.stdout.pipeThrough(new TextDecoderStream()).getReader();
  for (let text = "";;) {
    const { value, done } = await reader.read();
    if (done) throw new Error("Cannot start the command");
    text += value;
    const url = /\((https?:\/\/[^)]*)\)/.exec(text)?.[1];
    if (url !== undefined) return [child, url];
  }
}

async function transfer(kind: Kind, base: string, rate: string) {
  const curl = new Deno.Command("curl", {
    args: [
      "-sS",
      "--limit-rate",
      rate,
      ...kind.transfer(base, rate),
      "-w",
      "%{size_download} %{size_upload}",
    ],
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const begun = performance.now();
  let stopped = false;
  const timer = setTimeout(() => {
    stopped = true;
    curl.kill("SIGKILL");
  }, MINUTES * 60_000);
  const { code, stdout, stderr } = await curl.output();
  clearTimeout(timer);
  const seconds = Math.round((performance.now() - begun) / 1000);
  const outcome = stopped
    ? "under way"
    : code === 0
    ? "complete"
    : `CUT OFF: ${new TextDecoder().decode(stderr).trim()}`;
  const bytes = new TextDecoder().decode(stdout);
  return `| ${kind.name} | ${rate}B/s | ${seconds} s | ${outcome} ${bytes} |`;
}

const rows = await Promise.all(KINDS.map(async (kind) => {
  const [server, base] = await serve(kind.flags);
  const rows = await Promise.all(
    RATES.map((rate) => transfer(kind, base, rate)),
  );
  server.kill();
  await server.status;
  return rows;
}));
console.log("| transfer | pace | time | outcome |\n| --- | --- | --- | --- |");
console.log(rows.flat().join("\n"));
Deno.removeSync(directory, { recursive: true });
