// Copyright 2026 the pystd authors. MIT license.

/**
 * Measures what moves or makes many bytes: archives, uploads, compression, large
 * listings and TLS. `deno run -A bench/bulk.ts [--only=zip,tls] [--rounds=3]
 * [--gib=5]`.
 *
 * Each row compares the command with a peer that does the same work, in rounds in
 * which they take turns. Files are in the system's memory as far as they fit.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path/from-file-url";
import { firstAnswer, runWrk } from "./load.ts";
import { nginx } from "./nginx.ts";
import { findPython, PEERS } from "./peers.ts";
import { runClient, type Running, start } from "./processes.ts";
import { median, shown, table } from "./report.ts";
import { makeTree, TREE, WORKPLACE } from "./tree.ts";

const CLI = fromFileUrl(new URL("../cli.ts", import.meta.url));
const BULK = `${WORKPLACE}/bulk`;
const SMALL_FILES = 10_000;
const SMALL_BYTES = 4096;
const PORTS = {
  ours: 18500,
  oursTls: 18501,
  plain: 18502,
  nginx: 18503,
  cpython: 18504,
};
const NGINX_TLS = 18505;
/** The level of `LIVE_LEVELS` in `handlers/share/coding/codings.ts`. */
const GZIP_LEVEL = 1;

const args = parseArgs(Deno.args, { string: ["only", "rounds", "gib"] });
const rounds = Number(args.rounds ?? 3);
const gib = Number(args.gib ?? 5);
const largeBytes = gib * 2 ** 30;

interface Contender {
  name: string;
  /** Does the work once, and returns its rate if that is not bytes over time. */
  run(): Promise<number | void>;
}

interface Row {
  id: string;
  title: string;
  unit: "MB/s" | "requests/s" | "ms";
  /** Whether it takes minutes: measured once, without warming up. */
  slow?: boolean;
  /** Bytes that one run reads or writes. */
  bytes?: number;
  contenders: Contender[];
}

async function makeFiles(): Promise<void> {
  await makeTree();
  await Deno.mkdir(`${BULK}/small`, { recursive: true });
  await Deno.mkdir(`${BULK}/large`, { recursive: true });
  await Deno.mkdir(`${BULK}/uploads`, { recursive: true });
  const random = (size: number): Uint8Array => {
    const bytes = new Uint8Array(size);
    for (let at = 0; at < size; at += 65_536) {
      crypto.getRandomValues(bytes.subarray(at, at + 65_536));
    }
    return bytes;
  };
  for (let i = 0; i < SMALL_FILES; i++) {
    Deno.writeFileSync(`${BULK}/small/${i}.bin`, random(SMALL_BYTES));
  }
  const mebibyte = random(2 ** 20);
  using file = Deno.createSync(`${BULK}/large/large.bin`);
  for (let i = 0; i < largeBytes / 2 ** 20; i++) {
    for (let at = 0; at < mebibyte.length;) {
      at += file.writeSync(mebibyte.subarray(at));
    }
  }
  const line = (i: number): string =>
    `<li>Entry ${i * 7919 % 1000}: ${Math.sin(i).toFixed(6)}</li>\n`;
  // Larger than what the command keeps in memory, compressed forms included.
  const text = Array.from({ length: 40_000 }, (_, i) => line(i)).join("");
  Deno.writeTextFileSync(`${BULK}/page.html`, text);
  Deno.copyFileSync(`${TREE}/small.txt`, `${BULK}/small.txt`);
  Deno.copyFileSync(`${TREE}/100m.bin`, `${BULK}/100m.bin`);
}

async function makeCertificate(): Promise<void> {
  await runClient([
    ...["openssl", "req", "-x509", "-nodes", "-days", "30"],
    ...["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1"],
    ...["-subj", "/CN=localhost"],
    ...["-keyout", `${WORKPLACE}/key.pem`, "-out", `${WORKPLACE}/cert.pem`],
  ]);
}

function nginxBulk(): string[] {
  return nginx(
    "nginx-bulk",
    `types { text/html html; } default_type application/octet-stream;
  client_max_body_size 0;
  gzip on; gzip_comp_level ${GZIP_LEVEL}; gzip_min_length 1000;
  server {
    listen 127.0.0.1:${PORTS.nginx}; root ${BULK};
    location /uploads/ { client_body_temp_path ${BULK}/uploads; dav_methods PUT; }
    location /lists/ { root ${TREE}; autoindex on; }
  }
  server {
    listen 127.0.0.1:${NGINX_TLS} ssl; root ${BULK};
    ssl_certificate ${WORKPLACE}/cert.pem;
    ssl_certificate_key ${WORKPLACE}/key.pem;
  }`,
  );
}

function ours(port: number, root: string, flags: string[]): string[] {
  return [
    ...[Deno.execPath(), "run", "--no-prompt", "--allow-net", "--allow-read"],
    ...["--allow-write", CLI, "-q", ...flags, root, `${port}`],
  ];
}

function schemeOf(port: number): "http" | "https" {
  return port === PORTS.oursTls || port === NGINX_TLS ? "https" : "http";
}

/** Downloads a URL with curl. */
function get(
  port: number,
  path: string,
  fields: string[] = [],
): Contender["run"] {
  const url = `${schemeOf(port)}://127.0.0.1:${port}${path}`;
  return async () => {
    const headers = fields.flatMap((field) => ["-H", field]);
    await runClient(["curl", "-sfk", ...headers, "-o", "/dev/null", url]);
  };
}

/** Uploads the large file with curl. */
function put(port: number): Contender["run"] {
  const target = `${BULK}/uploads/large.bin`;
  return async () => {
    await Deno.remove(target).catch(() => {});
    await runClient([
      ...["curl", "-sf", "-T", `${BULK}/large/large.bin`],
      ...["-o", "/dev/null", `http://127.0.0.1:${port}/uploads/large.bin`],
    ]);
    await Deno.remove(target);
  };
}

/** Runs a shell command on the core of the servers. */
function shell(text: string): Contender["run"] {
  return async () => {
    const { success } = await new Deno.Command("taskset", {
      args: ["-c", "0", "sh", "-c", text],
      cwd: BULK,
    }).output();
    if (!success) throw new Error(`Cannot run ${text}`);
  };
}

function wrk(port: number, path: string, header?: string): Contender["run"] {
  const headers = header === undefined ? [] : [header];
  const scheme = schemeOf(port);
  return async () => (await runWrk(port, { path, headers }, 2, scheme)).rate;
}

const gzip = "Accept-Encoding: gzip";
const br = "Accept-Encoding: br";
const pageBytes = (): number => Deno.statSync(`${BULK}/page.html`).size;

function rows(): Row[] {
  return [
    {
      id: "zip",
      title: `zip of ${SMALL_FILES} files of 4 KiB`,
      unit: "MB/s",
      bytes: SMALL_FILES * SMALL_BYTES,
      contenders: [
        { name: "ours", run: get(PORTS.ours, "/small/?archive=zip") },
        { name: "`zip -0`", run: shell("zip -0 -q -r - small >/dev/null") },
      ],
    },
    {
      id: "tar",
      title: `tar.gz of ${SMALL_FILES} files of 4 KiB`,
      unit: "MB/s",
      bytes: SMALL_FILES * SMALL_BYTES,
      contenders: [
        { name: "ours", run: get(PORTS.ours, "/small/?archive=tar.gz") },
        {
          name: `\`tar | gzip -${GZIP_LEVEL}\``,
          run: shell(`tar c small | gzip -${GZIP_LEVEL} >/dev/null`),
        },
      ],
    },
    {
      id: "zip-large",
      title: `zip of a file of ${gib} GiB`,
      unit: "MB/s",
      bytes: largeBytes,
      contenders: [
        { name: "ours", run: get(PORTS.ours, "/large/?archive=zip") },
        { name: "`zip -0`", run: shell("zip -0 -q -r - large >/dev/null") },
      ],
    },
    {
      id: "tar-large",
      title: `tar.gz of a file of ${gib} GiB`,
      slow: true,
      unit: "MB/s",
      bytes: largeBytes,
      contenders: [
        { name: "ours", run: get(PORTS.ours, "/large/?archive=tar.gz") },
        {
          name: `\`tar | gzip -${GZIP_LEVEL}\``,
          run: shell(`tar c large | gzip -${GZIP_LEVEL} >/dev/null`),
        },
      ],
    },
    {
      id: "upload",
      title: `upload of ${gib} GiB`,
      unit: "MB/s",
      bytes: largeBytes,
      contenders: [
        { name: "ours", run: put(PORTS.ours) },
        {
          name: "nginx, `dav_methods PUT`, which does not sync",
          run: put(PORTS.nginx),
        },
        {
          name: "`cp && sync`",
          run: shell(
            "cp large/large.bin uploads/c && sync uploads/c && rm uploads/c",
          ),
        },
      ],
    },
    {
      id: "gzip",
      title: "page of 1 MB, gzip at the same level",
      unit: "MB/s",
      bytes: pageBytes(),
      contenders: [
        { name: "ours", run: get(PORTS.ours, "/page.html", [gzip]) },
        { name: "nginx", run: get(PORTS.nginx, "/page.html", [gzip]) },
      ],
    },
    {
      id: "br",
      title: "page of 1 MB, brotli (nginx: gzip)",
      unit: "MB/s",
      bytes: pageBytes(),
      contenders: [
        { name: "ours", run: get(PORTS.ours, "/page.html", [br]) },
        { name: "nginx", run: get(PORTS.nginx, "/page.html", [gzip]) },
      ],
    },
    {
      id: "list",
      title: "listing of 100,000 entries",
      unit: "ms",
      contenders: [
        {
          name: "ours, `--plain`",
          run: get(PORTS.plain, "/lists/100000/"),
        },
        { name: "nginx", run: get(PORTS.nginx, "/lists/100000/") },
        { name: "CPython", run: get(PORTS.cpython, "/lists/100000/") },
      ],
    },
    {
      id: "tls",
      title: "1 KiB over TLS, keep-alive",
      unit: "requests/s",
      contenders: [
        { name: "ours", run: wrk(PORTS.oursTls, "/small.txt") },
        { name: "nginx", run: wrk(NGINX_TLS, "/small.txt") },
      ],
    },
    {
      id: "tls-large",
      title: "100 MiB over TLS",
      unit: "MB/s",
      bytes: 100 * 2 ** 20,
      contenders: [
        { name: "ours", run: get(PORTS.oursTls, "/100m.bin") },
        { name: "nginx", run: get(NGINX_TLS, "/100m.bin") },
      ],
    },
  ];
}

/** Measures a contender once; returns its figure in the unit of the row. */
async function measure(row: Row, contender: Contender): Promise<number> {
  const began = performance.now();
  const rate = await contender.run();
  const ms = performance.now() - began;
  if (rate !== undefined) return rate;
  return row.unit === "ms" ? ms : row.bytes! / 1000 / ms;
}

async function main(): Promise<void> {
  await findPython();
  await makeFiles();
  await makeCertificate();
  const tls = ["--tls-cert", `${WORKPLACE}/cert.pem`];
  tls.push("--tls-key", `${WORKPLACE}/key.pem`);
  const cpython = PEERS.find(({ name }) => name === "CPython")!;
  const share = ["--archive", "--upload=uploads", "--max-upload", "100G"];
  const servers: [port: number, path: string, command: string[]][] = [
    [PORTS.ours, "/small.txt", ours(PORTS.ours, BULK, share)],
    [
      PORTS.plain,
      "/small.txt",
      ours(PORTS.plain, TREE, ["--plain"]),
    ],
    [PORTS.nginx, "/small.txt", nginxBulk()],
    [PORTS.cpython, "/small.txt", cpython.command(PORTS.cpython)],
  ];
  const running: Running[] = [];
  const lines: string[][] = [];
  try {
    running.push(start(ours(PORTS.oursTls, BULK, tls)));
    for (const [port, path, command] of servers) {
      running.push(start(command));
      if (await firstAnswer(port, path) === undefined) {
        throw new Error(`Cannot measure: ${command[0]} does not answer`);
      }
    }
    const only = args.only?.split(",");
    for (const row of rows()) {
      if (only !== undefined && !only.includes(row.id)) continue;
      const figures = row.contenders.map((): number[] => []);
      if (!row.slow) {
        for (const contender of row.contenders) await measure(row, contender);
      }
      for (let round = 0; round < (row.slow ? 1 : rounds); round++) {
        for (let i = 0; i < figures.length; i++) {
          const at = (i + round) % figures.length;
          figures[at].push(await measure(row, row.contenders[at]));
        }
      }
      const [first, ...others] = figures.map(median);
      const line = [
        `${row.title} (${row.unit})`,
        shown(first),
        row.contenders.slice(1).map(({ name }, i) => {
          const peer = others[i]!;
          const ratio = row.unit === "ms" ? peer / first! : first! / peer;
          return `${name}: ${shown(peer)}, ${shown(ratio)}`;
        }).join("; "),
      ];
      lines.push(line);
      console.log(line.join(" | "));
    }
  } finally {
    for (const server of running) await server.stop();
    await Deno.remove(BULK, { recursive: true });
  }
  const heading = ["work", "ours", "peer: its figure, ratio (more is better)"];
  console.log(`\n${table(heading, lines)}`);
}

await main();
