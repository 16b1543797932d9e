// Copyright 2026 the pystd authors. MIT license.

/**
 * The servers to compare, and how to start them.
 *
 * @module
 */

import { fromFileUrl } from "@std/path/from-file-url";
import { firstLine } from "./processes.ts";
import { nginx } from "./nginx.ts";
import { TREE, WORKPLACE } from "./tree.ts";

/** A server of the benchmark. */
export interface Peer {
  /** Its name in the tables. */
  readonly name: string;
  /** Its description in the report. */
  readonly about: string;
  /** Whether it serves the files; the others have one response for all. */
  readonly servesFiles: boolean;
  /** Its version; `undefined` if it is not installed. */
  version(): Promise<string | undefined>;
  /** The command that serves the files on a port of 127.0.0.1. */
  command(port: number): string[];
  /** The file for its log; none by default. */
  readonly stderr?: string;
}

const ROOT = fromFileUrl(new URL("../", import.meta.url));
const PROGRAMS = `${ROOT}bench/programs`;
const DENO = Deno.execPath();
const PACKAGES = `${WORKPLACE}/peers`;

/** The npm packages of the peers that run on Node. */
const NPM_PACKAGES = ["sirv-cli@3.0.1", "http-server@14.1.1", "serve@14.2.7"];

/** All servers, ours first. */
export const PEERS: readonly Peer[] = [
  ours("ours", "the command, `-q`", ["-q"]),
  ours("ours --fresh", "the command, `-q --fresh 1000`", [
    ...["-q", "--fresh", "1000"],
  ]),
  ours("ours --plain", "the command, `-q --plain`", ["-q", "--plain"]),
  {
    ...ours("ours +log", "the command, its access log in a file", []),
    stderr: `${WORKPLACE}/ours.log`,
  },
  program("ours uncached", "`SimpleHTTPRequestHandler`, `cacheBytes = 0`", {
    script: "uncached.ts",
    reads: true,
  }),
  {
    name: "nginx",
    about: "one worker, `sendfile`, logs off",
    servesFiles: true,
    version: () => firstLine(["nginx", "-v"]),
    command: (port) => nginxPeer(port, "nginx", ""),
  },
  {
    name: "nginx cached",
    about: "the same with `open_file_cache`, valid 1 s",
    servesFiles: true,
    version: () => firstLine(["nginx", "-v"]),
    command: (port) =>
      nginxPeer(
        port,
        "nginx-cached",
        "open_file_cache max=20000; open_file_cache_valid 1s;",
      ),
  },
  {
    name: "lighttpd",
    about: "as it comes",
    servesFiles: true,
    version: () => firstLine(["lighttpd", "-v"]),
    command: lighttpd,
  },
  {
    name: "caddy",
    about: "`caddy file-server --browse`",
    servesFiles: true,
    version: () => firstLine(["caddy", "version"]),
    command: (port) => [
      "caddy",
      "file-server",
      "--browse",
      "--root",
      TREE,
      "--listen",
      `127.0.0.1:${port}`,
    ],
  },
  {
    name: "CPython",
    about: "`python3 -m http.server --protocol HTTP/1.1`",
    servesFiles: true,
    version: () => firstLine([pythonPath, "--version"]),
    command: (port) => [
      pythonPath,
      ...["-m", "http.server", "--bind", "127.0.0.1"],
      ...["--protocol", "HTTP/1.1", "--directory", TREE, `${port}`],
    ],
  },
  npm("sirv", "sirv-cli", "bin.js", (port) => [
    TREE,
    ...["--host", "127.0.0.1", "--port", `${port}`, "--quiet"],
  ]),
  npm("http-server", "http-server", "bin/http-server", (port) => [
    TREE,
    ...["-a", "127.0.0.1", "-p", `${port}`, "-s", "-c-1"],
  ]),
  npm("serve", "serve", "build/main.js", (port) => [
    TREE,
    ...["-l", `tcp://127.0.0.1:${port}`, "-L"],
  ]),
  program("Deno.serve", "`Deno.serve` with a constant of 1 KiB", {
    script: "constant.ts",
  }),
  program("bare loop", "a loop over `Deno.listen` that parses nothing", {
    script: "bare.ts",
  }),
];

let pythonPath = "python3";

/** Finds the Python binary, since `python3` may be a wrapper script. */
export async function findPython(): Promise<void> {
  const print = "import sys; print(sys.executable)";
  pythonPath = await firstLine(["python3", "-c", print]) || pythonPath;
}

/**
 * Installs the peers from npm.
 *
 * @returns The error, if that failed.
 */
export async function installPackages(): Promise<string | undefined> {
  await Deno.mkdir(PACKAGES, { recursive: true });
  try {
    const { success, stderr } = await new Deno.Command("npm", {
      args: ["install", "--no-audit", "--no-fund", ...NPM_PACKAGES],
      cwd: PACKAGES,
    }).output();
    return success ? undefined : new TextDecoder().decode(stderr);
  } catch (error) {
    return String(error);
  }
}

/**
 * Returns the command of another checkout, to measure a change.
 *
 * @param directory The checkout's directory.
 * @returns The peer, named `before`.
 */
export function before(directory: string): Peer {
  const root = `${Deno.realPathSync(directory)}/`;
  return ours(
    "before",
    `the command of another checkout, \`-q\``,
    ["-q"],
    root,
  );
}

function ours(
  name: string,
  about: string,
  flags: string[],
  root: string = ROOT,
): Peer {
  return {
    name,
    about,
    servesFiles: true,
    version: () => Promise.resolve(`Deno ${Deno.version.deno}`),
    command: (port) => [
      ...[DENO, "run", "--no-prompt", `--allow-net=127.0.0.1:${port}`],
      ...[`--allow-read=${TREE}`, `${root}cli.ts`, ...flags],
      ...[TREE, `${port}`],
    ],
  };
}

function program(
  name: string,
  about: string,
  { script, reads = false }: { script: string; reads?: boolean },
): Peer {
  return {
    name,
    about,
    servesFiles: reads,
    version: () => Promise.resolve(`Deno ${Deno.version.deno}`),
    command: (port) => [
      ...[DENO, "run", "--no-prompt", `--allow-net=127.0.0.1:${port}`],
      ...(reads ? [`--allow-read=${TREE}`] : []),
      ...[`${PROGRAMS}/${script}`, `${port}`, TREE],
    ],
  };
}

function npm(
  name: string,
  pack: string,
  bin: string,
  args: (port: number) => string[],
): Peer {
  const directory = `${PACKAGES}/node_modules/${pack}`;
  return {
    name,
    about: `npm \`${pack}\``,
    servesFiles: true,
    version: () => {
      try {
        const text = Deno.readTextFileSync(`${directory}/package.json`);
        return Promise.resolve(`${pack} ${JSON.parse(text).version}`);
      } catch {
        return Promise.resolve(undefined);
      }
    },
    command: (port) => ["node", `${directory}/${bin}`, ...args(port)],
  };
}

function nginxPeer(port: number, name: string, more: string): string[] {
  return nginx(
    name,
    `types { text/plain txt; } default_type application/octet-stream;
  ${more}
  server { listen 127.0.0.1:${port}; root ${TREE}; autoindex on; }`,
  );
}

function lighttpd(port: number): string[] {
  const directory = `${WORKPLACE}/lighttpd`;
  Deno.mkdirSync(directory, { recursive: true });
  Deno.writeTextFileSync(
    `${directory}/lighttpd.conf`,
    `server.document-root = "${TREE}"
server.bind = "127.0.0.1"
server.port = ${port}
server.max-keep-alive-requests = 1000000000
server.max-connections = 8000
server.max-fds = 16384
server.modules = ( "mod_dirlisting" )
dir-listing.activate = "enable"
mimetype.assign = ( ".txt" => "text/plain", "" => "application/octet-stream" )
`,
  );
  return ["lighttpd", "-D", "-f", `${directory}/lighttpd.conf`];
}
