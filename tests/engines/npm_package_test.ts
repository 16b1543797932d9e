// Copyright 2026 the pystd authors. MIT license.

/**
 * The npm package, as `npm pack` and `npm install` put it into an empty folder:
 * it declares what it imports, each of its modules loads, and its types satisfy
 * a strict compiler. `engines_test.ts` sends requests to it.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import type * as platform from "../../scripts/platform_types.ts";
import { ROOT } from "../support/command.ts";
import {
  BUN,
  Lab,
  NO_ENGINES,
  NODE_22,
  NODE_24,
  PUBLINT,
  REPOSITORY,
  run,
  TSC,
} from "./lab.ts";

/** What these tests read of `package.json`. */
interface Manifest {
  readonly version: string;
  readonly repository?: { readonly url: string };
  readonly engines: Readonly<Record<string, string>>;
  readonly exports: Readonly<
    Record<string, { types: string; default: string }>
  >;
  readonly dependencies: Readonly<Record<string, string>>;
  readonly peerDependencies: Readonly<Record<string, string>>;
}

const why = NO_ENGINES === undefined ? "" : ` (${NO_ENGINES})`;
const ignore = NO_ENGINES !== undefined;

/** A program that uses each entry point, and a mistake in it. */
const CONSUMER = `
import { type FetchHandler, toFetchHandler } from "@pystd/http-server/fetch";
import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
import { Archives } from "@pystd/http-server/handlers/share/archives";
import { BasicAuthenticator, parseUser } from "@pystd/http-server/handlers/share/auth";
import { Hashes } from "@pystd/http-server/handlers/share/hashes";
import { SignedLinks } from "@pystd/http-server/handlers/share/links";
import { parseRules, PathRights } from "@pystd/http-server/handlers/share/rights";
import { SourceUploads } from "@pystd/http-server/handlers/share/source-uploads";
import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
import { MemorySource, type Source } from "@pystd/http-server/sources";
import { S3Source } from "@pystd/http-server/sources/s3";
import { ZipSource } from "@pystd/http-server/sources/zip";
import { MetricsPage, openTelemetry, RequestMetrics } from "@pystd/http-server/telemetry";
import { respond } from "@pystd/http-server/testing";

class Hello extends BaseHTTPRequestHandler {
  static override protocolVersion = "HTTP/1.1";

  async do_POST(): Promise<void> {
    const body: Uint8Array = await this.rfile.read();
    this.sendResponse(200);
    this.sendHeader("Content-Length", body.length);
    this.endHeaders();
    await this.wfile.write(body);
  }

  override logMessage(format: string, ...args: unknown[]): void {
    super.logMessage(format, ...args);
  }
}

const sources: Source[] = [
  new MemorySource({ "a.txt": "alpha" }),
  new S3Source({ bucket: "files" }),
  await ZipSource.open(new Uint8Array()),
];
const [source] = sources as [Source];
const rights = new PathRights({ rules: parseRules("ann / read") });
const metrics = new RequestMetrics();
const telemetry = await openTelemetry();
class Observed extends ShareHTTPRequestHandler {
  static override observers = [metrics, telemetry];
}
const Share = Observed.with({
  source,
  archives: new Archives(),
  auth: new BasicAuthenticator({ users: new Map([parseUser("ann:secret")!]) }),
  hashes: new Hashes(),
  links: new SignedLinks({ key: new Uint8Array(32), rights }),
  metrics: new MetricsPage("/metrics", metrics),
  rights,
});
const handler: (request: Request) => Promise<Response> = toFetchHandler(Share);
const other: FetchHandler = (request, { remoteAddr }) =>
  new Response(request.url + remoteAddr.transport);
export const text: string = (await respond(Hello, "GET / HTTP/1.0")).text;
export default { fetch: handler, other, SourceUploads };

// @ts-expect-error: a string
export const wrong: number = SimpleHTTPRequestHandler.protocolVersion;
`;

const TRACE_ID = "0af7651916cd43dd8448eb211c80319c";

/** A program that prints the spans of a request with an SDK. */
const TRACED = `
import { trace, propagation } from "@opentelemetry/api";
import { W3CTraceContextPropagator } from "@opentelemetry/core";
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
} from "@opentelemetry/sdk-trace-base";
import { toFetchHandler } from "@pystd/http-server/fetch";
import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
import { MemorySource } from "@pystd/http-server/sources";
import { openTelemetry } from "@pystd/http-server/telemetry";

const exporter = new InMemorySpanExporter();
const spanProcessors = [new SimpleSpanProcessor(exporter)];
trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors }));
propagation.setGlobalPropagator(new W3CTraceContextPropagator());

const telemetry = await openTelemetry();
class Traced extends SimpleHTTPRequestHandler {
  static observers = [telemetry];
  logMessage() {}
}
const source = new MemorySource({ "a.txt": "alpha" });
const handler = toFetchHandler(Traced.with({ source }));
const traceparent = "00-${TRACE_ID}-b7ad6b7169203331-01";
const request = new Request("http://h/a.txt", { headers: { traceparent } });
await (await handler(request)).text();
let span;
while (span === undefined) {
  await new Promise((resolve) => setTimeout(resolve, 5));
  span = exporter.getFinishedSpans().find(({ name }) => name === "GET");
}
console.log(span.spanContext().traceId, span.attributes["url.path"]);
`;

/** Where the consumer's types of `Request` come from. */
const LIBRARIES: Readonly<Record<string, unknown>> = {
  "a browser or a bundler": {
    lib: ["ESNext", "DOM", "DOM.Iterable", "DOM.AsyncIterable"],
    types: [],
  },
  "Node": { lib: ["ESNext"], types: ["node"] },
};

const STRICT = {
  strict: true,
  noUncheckedIndexedAccess: true,
  exactOptionalPropertyTypes: true,
  verbatimModuleSyntax: true,
  skipLibCheck: false,
  target: "es2022",
  noEmit: true,
};

/** The modules of Node, and the calls of Deno, that reach the file system. */
const FILE_SYSTEM =
  /"(?:node:)?fs(?:\/promises)?"|\bDeno\.(?:open|create|make|l?stat|read|realPath|remove|rename|mkdir|write|link|copy|chmod|utime|Command)\w*/;

/** A static import or re-export of a built module. */
const STATIC_IMPORT = /^(?:import|export)\b[^"']*?["']([^"']+)["'];$/gm;

/** Returns the code of a module, without comments. */
async function codeOf(path: string): Promise<string> {
  const code = await Deno.readTextFile(path);
  return code.replaceAll(/\/\*[^]*?\*\//g, "").replaceAll(/^\s*\/\/.*$/gm, "");
}

/** Returns the modules that reach the file system, as soon as one is loaded. */
async function reaching(
  path: string,
  seen: Set<string> = new Set(),
): Promise<string[]> {
  if (seen.has(path)) return [];
  seen.add(path);
  const code = await codeOf(path);
  const [found] = FILE_SYSTEM.exec(code) ?? [];
  const wrong = found === undefined ? [] : [`${path}: ${found}`];
  for (const [, name] of code.matchAll(STATIC_IMPORT)) {
    if (!name!.startsWith(".")) continue;
    const url = new URL(name!, `file://${path}`);
    wrong.push(...await reaching(url.pathname, seen));
  }
  return wrong;
}

async function* filesUnder(folder: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (isDirectory) yield* filesUnder(`${folder}/${name}`);
    else yield `${folder}/${name}`;
  }
}

Deno.test({
  name: `the npm package works in an empty folder${why}`,
  ignore,
  async fn(t): Promise<void> {
    await using lab = await Lab.create();
    const { folder } = lab;
    const root = `${folder}/node_modules/@pystd/http-server`;
    const manifest: Manifest = JSON.parse(
      await Deno.readTextFile(`${root}/package.json`),
    );
    const { exports, dependencies, peerDependencies } = manifest;
    const needed = { ...dependencies, ...peerDependencies };
    const entries = Object.keys(exports);

    await t.step("it declares all packages that it imports", async () => {
      const imported = new Set<string>();
      for await (const path of filesUnder(`${root}/dist`)) {
        const code = await codeOf(path);
        const names = code.matchAll(
          /(?:\bfrom|^import|\bimport\()\s*"([^".][^"]*)"/gm,
        );
        for (const [, name] of names) imported.add(name!);
      }
      const packages = [...imported].filter((name) =>
        !name.startsWith("node:")
      );
      assertEquals(packages.sort(), Object.keys(needed).sort());
    });

    await t.step("nothing that it loads reaches the file system", async () => {
      for (const [entry, { default: path }] of Object.entries(exports)) {
        const seen = new Set<string>();
        const wrong = await reaching(`${root}/${path.slice(2)}`, seen);
        assert(seen.size > 1, entry);
        // It opens zip files by their paths.
        const expected = entry === "./sources/zip" ? 1 : 0;
        assertEquals(wrong.length, expected, `${entry}: ${wrong}`);
      }
      // Loaded on Deno only: the search finds what reaches the disk.
      const local: string[] = [];
      for await (const path of filesUnder(`${root}/dist`)) {
        if (/\/local_files-[^/]+\.js$/.test(path)) local.push(path);
      }
      assertEquals(local.length, 1);
      assert((await reaching(local[0]!)).length > 0);
    });

    await t.step(
      "it has the version, and the packages, of deno.json",
      async () => {
        const { version, imports } = JSON.parse(
          await Deno.readTextFile(`${ROOT}/deno.json`),
        );
        assertEquals(manifest.version, version);
        assertEquals(manifest.engines, { node: ">=22" });
        // Publishing from GitHub needs it.
        const url = `git+https://github.com/${REPOSITORY}.git`;
        assertEquals(manifest.repository?.url, url);
        for (const [name, range] of Object.entries(needed)) {
          assertEquals(range.replace("^", `npm:${name}@`), imports[name]);
        }
      },
    );

    await t.step("publint finds no mistake in it", async () => {
      assertMatch(
        await run([NODE_24, PUBLINT, "run", root], folder),
        /All good/,
      );
    });

    const program = `
      for (const name of ${JSON.stringify(entries)}) {
        const all = await import("@pystd/http-server/" + name.slice(2));
        console.log(name, Object.keys(all).length > 0);
      }`;
    await Deno.writeTextFile(`${folder}/load.js`, program);
    const loaded = entries.map((name) => `${name} true\n`).join("");
    for (
      const [name, engine] of [
        ["Node 22", NODE_22],
        ["Node 24", NODE_24],
        ["Bun", BUN],
      ] as const
    ) {
      await t.step(`each module loads on ${name}`, async () => {
        assertEquals(await run([engine, "load.js"], folder), loaded);
      });
    }

    await Deno.writeTextFile(`${folder}/traced.js`, TRACED);
    for (
      const [name, engine] of [["Node 24", NODE_24], ["Bun", BUN]] as const
    ) {
      await t.step(
        `an SDK of OpenTelemetry gets spans on ${name}`,
        async () => {
          const program = ["timeout", "20", engine, "traced.js"];
          assertEquals(await run(program, folder), `${TRACE_ID} /a.txt\n`);
        },
      );
    }

    await Deno.writeTextFile(`${folder}/consumer.ts`, CONSUMER);
    for (const [name, library] of Object.entries(LIBRARIES)) {
      for (
        const resolution of [
          { module: "nodenext" },
          { module: "esnext", moduleResolution: "bundler" },
        ]
      ) {
        await t.step(`types: ${name}, ${resolution.module}`, async () => {
          const compilerOptions = {
            ...STRICT,
            ...resolution,
            ...library as object,
          };
          const config = { compilerOptions, files: ["consumer.ts"] };
          const path = `${folder}/tsconfig.json`;
          await Deno.writeTextFile(path, JSON.stringify(config));
          assertEquals(await run([NODE_24, TSC, "-p", "."], folder), "");
        });
      }
    }
  },
});

Deno.test("docs/engines.md names the versions that the tests run", async () => {
  const read = (path: string): Promise<string> =>
    Deno.readTextFile(`${ROOT}/${path}`);
  const page = await read("docs/engines.md");
  const { packages } = JSON.parse(
    await read("tests/engines/npm/package-lock.json"),
  );
  const versionOf = (name: string): string =>
    packages[`node_modules/${name}`].version;
  const rows = [
    ["Node", ["node-22-linux-x64", "node-24-linux-x64"]],
    ["Hono on Node", ["hono"]],
    ["Bun", ["bun-linux-x64"]],
    ["workerd", ["workerd"]],
  ] as const;
  for (const [engine, names] of rows) {
    const versions = names.map(versionOf).join(", ");
    const row = page.split("\n").find((line) =>
      line.startsWith(`| ${engine}`) && line.includes(` ${versions} `)
    );
    assert(row !== undefined, `${engine} ${versions}`);
  }
});

Deno.test("platform_types.ts agrees with Deno's types", () => {
  // The compiler checks these assignments.
  const info = (info: Deno.FileInfo): platform.FileInfo => info;
  const infoBack = (info: platform.FileInfo): Deno.FileInfo => info;
  const entry = (entry: Deno.DirEntry): platform.DirEntry => entry;
  const entryBack = (entry: platform.DirEntry): Deno.DirEntry => entry;
  const mode = (mode: platform.SeekMode): Deno.SeekMode => mode;
  const address = (address: Deno.Addr): platform.Addr => address;
  const addressBack = (address: platform.Addr): Deno.Addr => address;
  const all = [info, infoBack, entry, entryBack, mode, address, addressBack];
  assertEquals(all.length, 7);
});
