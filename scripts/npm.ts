// Copyright 2026 the pystd authors. MIT license.

/**
 * Builds the npm package for Node, Bun, workers and bundlers.
 *
 * ```sh
 * npm ci --ignore-scripts --prefix scripts/npm
 * node scripts/npm.ts dist     # Node 24; a new folder; then: npm publish ./dist
 * ```
 *
 * tsdown compiles the entry points and their types, with shared chunks. The
 * standard library becomes a part of the chunks; other packages become
 * dependencies.
 *
 * @module
 */

import {
  copyFileSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  writeFileSync,
} from "node:fs";
import { fileURLToPath } from "node:url";
import process from "node:process";

/** The entry points of the npm package, as in `exports` of `deno.json`. */
const ENTRIES: readonly string[] = [
  "./fetch",
  "./handlers/base",
  "./handlers/simple",
  "./handlers/share",
  "./handlers/share/archives",
  "./handlers/share/auth",
  "./handlers/share/hashes",
  "./handlers/share/links",
  "./handlers/share/rights",
  "./handlers/share/source-management",
  "./handlers/share/source-uploads",
  "./sources",
  "./sources/r2",
  "./sources/s3",
  "./sources/zip",
  "./telemetry",
  "./testing",
];

/**
 * A package that these entry points import, and of which a program has one. A
 * newer version would not find what an SDK has registered with an older one.
 */
const PEER = "@opentelemetry/api";

/** The other packages that these entry points import. */
const DEPENDENCIES: readonly string[] = [
  "aws4fetch",
  "bcryptjs",
  "markdown-it",
  "saxes",
  "uqr",
  "yauzl",
];

/** The pages that the package contains. */
const PAGES: readonly string[] = ["README.md", "CHANGELOG.md", "LICENSE"];

const HERE = fileURLToPath(new URL("npm/", import.meta.url));
const ROOT = fileURLToPath(new URL("../", import.meta.url));

/** The part of a `deno.json` that this program reads. */
interface Config {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly links: readonly string[];
}

const config: Config = JSON.parse(readFileSync(`${ROOT}deno.json`, "utf8"));

/** Returns the wrappers under `links/` by the name that modules import. */
function readLinks(): Map<string, string> {
  const modules = new Map<string, string>();
  for (const link of config.links) {
    const folder = `${ROOT}${link}`;
    const { name, exports }: Config = JSON.parse(
      readFileSync(`${folder}/deno.json`, "utf8"),
    );
    for (const [entry, path] of Object.entries(exports)) {
      modules.set(`${name}${entry.slice(1)}`, `${folder}/${path}`);
    }
  }
  return modules;
}

/** Finds the standard library: its wrappers, and the package that they wrap. */
function standardLibrary(): { name: string; resolveId: unknown } {
  const links = readLinks();
  return {
    name: "standard-library",
    resolveId(id: string): string | undefined {
      const [, path] = /^npm:deno-std@[^/]+(\/.+)$/.exec(id) ?? [];
      return path === undefined
        ? links.get(id)
        : `${HERE}node_modules/deno-std${path}`;
    },
  };
}

async function compile(folder: string): Promise<void> {
  const { build } = await import(`${HERE}node_modules/tsdown/dist/index.mjs`);
  await build({
    config: false,
    tsconfig: false,
    cwd: ROOT,
    entry: Object.fromEntries(
      ENTRIES.map((entry) => [entry.slice(2), config.exports[entry]]),
    ),
    outDir: `${folder}/dist`,
    format: "esm",
    platform: "neutral",
    target: "node22",
    dts: { oxc: true },
    outExtensions: () => ({ js: ".js", dts: ".d.ts" }),
    deps: { neverBundle: [/^node:/, PEER, ...DEPENDENCIES] },
    plugins: [standardLibrary()],
    logLevel: "error",
  });
}

/**
 * Makes the types independent of those of Deno and Node: modules that mention
 * them import `scripts/platform_types.ts`.
 */
function addPlatformTypes(folder: string): void {
  const types = `${folder}/platform.d.ts`;
  copyFileSync(`${ROOT}scripts/platform_types.ts`, types);
  for (const name of readdirSync(folder, { recursive: true }) as string[]) {
    const path = `${folder}/${name}`;
    if (!name.endsWith(".d.ts") || path === types) continue;
    const text = readFileSync(path, "utf8");
    const platform = `${
      "../".repeat(name.split("/").length - 1) || "./"
    }platform.js`;
    const rewritten = text.replace(
      'import { Buffer } from "node:buffer";',
      `import type { Buffer } from "${platform}";`,
    );
    const usesDeno = /\bDeno\.\w/.test(rewritten.replace(/\/\*[^]*?\*\//g, ""));
    const head = usesDeno ? `import type * as Deno from "${platform}";\n` : "";
    writeFileSync(path, head + rewritten);
  }
}

/** Returns the content of `package.json`. */
function manifest(): unknown {
  const { name, version, license, imports } = config;
  const targets = ENTRIES.map((entry) => {
    const path = `./dist/${entry.slice(2)}`;
    return [entry, { types: `${path}.d.ts`, default: `${path}.js` }];
  });
  const versionOf = (name: string): [string, string] => [
    name,
    imports[name]!.replace(`npm:${name}@`, "^"),
  ];
  // npm compares it with the repository that signs the package.
  const { GITHUB_REPOSITORY: path } = process.env;
  const url = `git+https://github.com/${path}.git`;
  return {
    name,
    version,
    description:
      "Python's http.server for fetch platforms: handlers, and a file server",
    license,
    ...(path && { repository: { type: "git", url } }),
    keywords: ["http", "server", "file-server", "s3", "fetch"],
    type: "module",
    sideEffects: false,
    engines: { node: ">=22" },
    exports: Object.fromEntries(targets),
    bin: { "pystd-http-server": "bin/http-server.js" },
    files: ["bin", "dist", ...PAGES],
    dependencies: Object.fromEntries(DEPENDENCIES.map(versionOf)),
    peerDependencies: Object.fromEntries([versionOf(PEER)]),
  };
}

const [folder, ...rest] = process.argv.slice(2);
if (folder === undefined || rest.length > 0) {
  console.error("Usage: node scripts/npm.ts FOLDER");
  process.exit(2);
}
mkdirSync(folder, { recursive: true });
await compile(folder);
addPlatformTypes(`${folder}/dist`);
writeFileSync(
  `${folder}/package.json`,
  `${JSON.stringify(manifest(), null, 2)}\n`,
);
mkdirSync(`${folder}/bin`);
copyFileSync(`${HERE}http_server.js`, `${folder}/bin/http-server.js`);
for (const page of PAGES) copyFileSync(`${ROOT}${page}`, `${folder}/${page}`);
