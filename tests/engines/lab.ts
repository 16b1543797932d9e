// Copyright 2026 the pystd authors. MIT license.

/**
 * The engines that run handlers, each in a process of its own.
 *
 * They come from npm, by the lock in `npm/`: `npm ci` there installs them.
 * Those that are not Deno run the npm package, as `scripts/npm.ts` builds
 * it and `npm install` unpacks it in an empty folder.
 *
 * @module
 */

import { FILES } from "../sources/files.ts";
import { ROOT, runProgram } from "../support/command.ts";
import { S3Store } from "../support/s3_store.ts";
import { makeFiles } from "../support/tree.ts";
import { HAS_PYTHON, zip } from "../support/zip_file.ts";

/** The folder of the tests. */
const HERE = `${ROOT}/tests/engines`;
/** Where `npm ci` puts the engines. */
const MODULES = `${HERE}/npm/node_modules`;

/** An engine, and the program that it runs. */
export interface Engine {
  /** Its name, for the tests. */
  readonly name: string;
  /** The program and its arguments, in the folder of the programs. */
  readonly command: readonly string[];
  /** `sysVersion` on it. */
  readonly version: RegExp;
  /** Why it cannot run here, if so. */
  readonly missing?: string;
  /** Whether it sends streams in chunks, though they have a length. */
  readonly chunks?: boolean;
  /** Whether its program passes the client's address. */
  readonly addresses?: boolean;
  /** Whether it has several threads, without common state. */
  readonly threads?: boolean;
  /** Whether it is Deno, which has directories. */
  readonly deno?: boolean;
  /** Whether it is workerd, which has R2, and no files. */
  readonly workerd?: boolean;
}

function isThere(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch {
    return false;
  }
}

const SYSTEM = `${Deno.build.os}-${Deno.build.arch}`
  .replace("x86_64", "x64");

/** Returns the path of an engine's program from npm. */
function fromNpm(name: string, program: string): string {
  return `${MODULES}/${name}-${SYSTEM}/bin/${program}`;
}

/** Node 22, which also builds the package. */
export const NODE_22: string = fromNpm("node-22", "node");
/** Node 24. */
export const NODE_24: string = fromNpm("node-24", "node");
/** Bun. */
export const BUN: string = fromNpm("bun", "bun");

/** The compiler of TypeScript. */
export const TSC = `${MODULES}/typescript/bin/tsc`;

/** The linter of npm packages. */
export const PUBLINT = `${ROOT}/scripts/npm/node_modules/publint/src/cli.js`;

/** An SDK of OpenTelemetry, which a program installs beside the package. */
const SDK = "@opentelemetry/sdk-trace-base@2.12.1";

/** The repository that the package is built for. */
export const REPOSITORY = "owner/name";

/** What the tests need of npm. */
const NEEDED = [
  NODE_22,
  NODE_24,
  BUN,
  `${MODULES}/hono/package.json`,
  `${ROOT}/scripts/npm/node_modules/tsdown/package.json`,
  PUBLINT,
];

/** Why nothing of npm can run here, if so. */
export const NO_ENGINES: string | undefined = SYSTEM !== "linux-x64"
  ? `the lock has no engines for ${SYSTEM}`
  : NEEDED.every(isThere)
  ? undefined
  : "run npm ci in tests/engines/npm and in scripts/npm";

function npmEngine(
  name: string,
  command: readonly [string, ...string[]],
  version: RegExp,
): Engine {
  const addresses = name !== "workerd";
  const chunks = name === "Bun";
  const workerd = name === "workerd";
  const missing = NO_ENGINES;
  return { name, command, version, missing, addresses, chunks, workerd };
}

/** Kinds of files that an engine serves. */
export type FileKind = "memory" | "zip" | "S3" | "R2" | "directory";

/** All kinds. */
export const FILE_KINDS: readonly FileKind[] = [
  "memory",
  "zip",
  "S3",
  "R2",
  "directory",
];

/** The files of one kind. Disposing of them removes them. */
export interface ServedFiles extends AsyncDisposable {
  /** Their path, or the address of their store. */
  readonly where: string;
}

/**
 * Makes files of a kind.
 *
 * @param kind The kind.
 * @returns The files.
 */
export async function makeServed(kind: FileKind): Promise<ServedFiles> {
  if (kind === "S3") {
    const store = new S3Store(FILES);
    return {
      where: store.endpoint,
      [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
    };
  }
  const tree = await makeFiles(FILES);
  return {
    where: kind === "zip" ? await zip(tree, "ZIP_DEFLATED") : tree.root,
    [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose](),
  };
}

/**
 * Tells why an engine cannot serve files of a kind.
 *
 * @param engine The engine.
 * @param kind The kind.
 * @returns The reason; `undefined` if it can.
 */
export function whyNot(engine: Engine, kind: FileKind): string | undefined {
  if (engine.missing !== undefined) return engine.missing;
  if (kind === "R2" && !engine.workerd) return "R2 is a binding of workerd";
  if (kind === "directory" && !engine.deno) return "directories need Deno";
  if (kind === "zip" && !HAS_PYTHON) return "python3 makes the zip file";
  return undefined;
}

/** Gives packages of CommonJS the modules of Node. */
const REQUIRE = `import { createRequire } from "node:module";
const require = createRequire("/");
`;

const DENO_FLAGS = ["--quiet", "--allow-net=127.0.0.1", "--no-prompt"];

/** All engines. */
export const ENGINES: readonly Engine[] = [
  {
    name: "Deno.serve",
    command: [
      Deno.execPath(),
      "run",
      ...DENO_FLAGS,
      `${HERE}/programs/deno.ts`,
    ],
    version: /^Deno\/2\./,
    addresses: true,
    deno: true,
  },
  {
    name: "deno serve --parallel",
    command: [
      Deno.execPath(),
      "serve",
      "--parallel",
      "--host=127.0.0.1",
      "--port=0",
      ...DENO_FLAGS,
      `${HERE}/programs/deno_serve.ts`,
    ],
    version: /^Deno\/2\./,
    addresses: true,
    threads: true,
    deno: true,
  },
  npmEngine("Node 22", [NODE_22, "node.js"], /^Node\.js\/22\./),
  npmEngine("Node 24", [NODE_24, "node.js"], /^Node\.js\/24\./),
  npmEngine("Hono on Node 24", [NODE_24, "hono.js"], /^Node\.js\/24\./),
  npmEngine("Bun", [BUN, "bun.js"], /^Bun\/1\./),
  npmEngine("workerd", [NODE_24, "miniflare.js"], /^workerd$/),
];

/** A folder with the npm package and the programs. Disposing of it removes it. */
export class Lab implements AsyncDisposable {
  /** The folder. */
  readonly folder: string;

  private constructor(folder: string) {
    this.folder = folder;
  }

  /**
   * Builds the npm package, installs it, and copies the programs.
   *
   * @returns The folder.
   * @throws {Error} If a tool fails.
   */
  static async create(): Promise<Lab> {
    const lab = new Lab(await Deno.makeTempDir());
    try {
      if (NO_ENGINES === undefined) await lab.#installPackage();
      return lab;
    } catch (error) {
      await lab[Symbol.asyncDispose]();
      throw error;
    }
  }

  async #installPackage(): Promise<void> {
    const { folder } = this;
    const built = `${folder}/built`;
    const variable = `GITHUB_REPOSITORY=${REPOSITORY}`;
    const program = `${ROOT}/scripts/npm.ts`;
    await run(["env", variable, NODE_22, program, built], folder);
    const packed = await run(["npm", "pack", "--silent", built], folder);
    const flags = ["--ignore-scripts", "--no-audit", "--no-fund"];
    await Deno.writeTextFile(`${folder}/package.json`, `{"type":"module"}`);
    const installed = [`./${packed.trim()}`, SDK];
    await run(["npm", "install", ...flags, ...installed], folder);
    for (
      const name of ["hono", "@hono", "miniflare", "@types", "undici-types"]
    ) {
      await Deno.symlink(
        `${MODULES}/${name}`,
        `${folder}/node_modules/${name}`,
      );
    }
    await Deno.mkdir(`${folder}/sources`);
    const programs = `${folder}/engines/programs`;
    await Deno.mkdir(programs, { recursive: true });
    await Deno.copyFile(
      `${ROOT}/tests/sources/files.ts`,
      `${folder}/sources/files.ts`,
    );
    for await (const { name } of Deno.readDir(`${HERE}/programs`)) {
      await Deno.copyFile(
        `${HERE}/programs/${name}`,
        `${programs}/${name}`,
      );
    }
    // As a bundler does for a worker.
    await run([
      Deno.execPath(),
      "bundle",
      "--quiet",
      "--platform=browser",
      "--external=./files.zip",
      "--output=worker.bundle.js",
      "worker.js",
    ], programs);
    // Bundlers for workers do so, too, for packages of CommonJS.
    const bundle = `${programs}/worker.bundle.js`;
    const code = await Deno.readTextFile(bundle);
    await Deno.writeTextFile(bundle, `${REQUIRE}${code}`);
  }

  /**
   * Starts an engine.
   *
   * @param engine The engine.
   * @param kind The kind of files that it serves.
   * @param where Where they are.
   * @returns The process.
   */
  async start(
    { command, deno }: Engine,
    kind: FileKind,
    where: string,
  ): Promise<RunningEngine> {
    const [program, ...args] = command;
    const path = args.pop()!;
    const readable = kind === "zip" || kind === "directory";
    if (deno && readable) args.push(`--allow-read=${where}`);
    const process = new Deno.Command(program!, {
      args: [...args, path, kind, where],
      cwd: deno ? ROOT : `${this.folder}/engines/programs`,
      stdout: "piped",
      stderr: "piped",
      env: { DENO_JOBS: "2" },
    }).spawn();
    const running = new RunningEngine(process);
    await running.ready;
    return running;
  }

  /** Removes the folder. */
  async [Symbol.asyncDispose](): Promise<void> {
    await Deno.remove(this.folder, { recursive: true });
  }
}

/**
 * Runs a program to its end.
 *
 * @param command The program and its arguments.
 * @param cwd The working directory.
 * @returns Its standard output.
 * @throws {Error} If it fails.
 */
export async function run(
  [program, ...args]: readonly string[],
  cwd: string,
): Promise<string> {
  const { code, stdout, stderr } = await runProgram(program!, args, cwd);
  if (code === 0) return stdout;
  throw new Error(
    `Cannot run ${program} ${args.join(" ")}: ${stdout}${stderr}`,
  );
}

/** A process that has printed `port N`. */
export class RunningEngine implements AsyncDisposable {
  /** Its port. */
  port = 0;
  /** Settles when the port is known, or the process has ended. */
  readonly ready: Promise<void>;
  #process: Deno.ChildProcess;
  #output = "";
  #errors = "";
  #reading: Promise<unknown>;
  #isReady = Promise.withResolvers<void>();

  /**
   * Begins to read the output.
   *
   * @param process The process.
   */
  constructor(process: Deno.ChildProcess) {
    this.#process = process;
    this.ready = this.#isReady.promise;
    this.#reading = Promise.all([
      this.#read(process.stdout, (text) => {
        this.#output += text;
        const [, port] = /^(?:\[.*\] )?port (\d+)\n/m.exec(this.#output) ?? [];
        if (port === undefined) return;
        this.port = Number(port);
        this.#isReady.resolve();
      }),
      this.#read(process.stderr, (text) => this.#errors += text),
    ]).then(() =>
      this.#isReady.reject(
        new Error(`The engine ended: ${this.#output}${this.#errors}`),
      )
    );
  }

  async #read(
    stream: ReadableStream<Uint8Array>,
    take: (text: string) => void,
  ): Promise<void> {
    const text = stream.pipeThrough(new TextDecoderStream() as never);
    for await (const piece of text as ReadableStream<string>) take(piece);
  }

  /**
   * Ends the process.
   *
   * @returns All that it printed but its port.
   */
  async stop(): Promise<string> {
    try {
      this.#process.kill("SIGTERM");
    } catch {
      // It has ended.
    }
    await this.#process.status;
    await this.#reading;
    return this.#output.replaceAll(/^(?:\[.*\] )?port \d+\n/gm, "") +
      this.#errors;
  }

  /** Ends the process. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.stop();
  }
}
