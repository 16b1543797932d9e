// Copyright 2026 the pystd authors. MIT license.

/**
 * Keeps the rooms of the project apart by reading the import lines of all its
 * modules: an arrow against the direction that CONTRIBUTING.md draws is a
 * failure that names the file.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";

/** One import of a module: of values unless it is an `import type`. */
interface Import {
  readonly specifier: string;
  readonly isType: boolean;
}

const ROOT = new URL("../", import.meta.url);
const HEADER = "// Copyright 2026 the pystd authors. MIT license.\n";

/** Recorded data and build products are no code of ours. */
const SKIPPED = new Set(["coverage", "node_modules", "testdata"]);

const ALL_ROOMS = [
  "python",
  "protocol",
  "io",
  "files",
  "handlers",
  "server",
  "cli",
  "version.ts",
];

/** What each room may import, and what it may import as types besides. */
const ROOMS: Record<string, { values: string[]; types?: string[] }> = {
  "python": { values: ["python"] },
  "protocol": { values: ["python", "protocol"] },
  "io": { values: ["python", "protocol", "io"] },
  "files": { values: ["protocol", "io", "files"] },
  "handlers": {
    values: ["python", "protocol", "io", "files", "handlers"],
    types: ["server"],
  },
  "server": { values: ["io", "server"] },
  "server.ts": { values: ["server"], types: ["io"] },
  "fetch.ts": { values: ["protocol", "io", "handlers", "server"] },
  "version.ts": { values: [] },
  "testing.ts": {
    values: ["io", "handlers", "server"],
  },
  "cli": { values: ALL_ROOMS },
  "cli.ts": { values: ALL_ROOMS },
  "mod.ts": { values: ["protocol", "io", "handlers", "server.ts"] },
  "links": { values: ["links"] },
};

/** Folders whose modules may import anything. */
const OPEN_ROOMS = new Set(["tests", "bench", "examples", "scripts"]);

// The clause holds names and braces only, so that neither an exported
// declaration nor the prose of a comment is taken for an import.
const STATIC_IMPORT =
  /^(?:import|export)\s+(type\s+)?(?:[\w\s{},*$]*?\bfrom\s+)?"([^"]+)"/gm;
const DYNAMIC_IMPORT = /^(?!\s*(?:\*|\/\/)).*\bimport\(\s*"([^"]+)"/gm;

function importsOf(source: string): Import[] {
  const found: Import[] = [];
  for (const [, type, specifier] of source.matchAll(STATIC_IMPORT)) {
    found.push({ specifier: specifier!, isType: type !== undefined });
  }
  for (const [, specifier] of source.matchAll(DYNAMIC_IMPORT)) {
    found.push({ specifier: specifier!, isType: false });
  }
  return found;
}

function* modulesUnder(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(folder, ROOT))) {
    if (name.startsWith(".") || SKIPPED.has(name)) continue;
    if (isDirectory) yield* modulesUnder(`${folder}${name}/`);
    else if (name.endsWith(".ts")) yield `${folder}${name}`.slice(2);
  }
}

/** Sources by their path from the root. */
const SOURCES: Map<string, string> = new Map(
  [...modulesUnder("./")].sort().map((path) => [
    path,
    Deno.readTextFileSync(new URL(path, ROOT)),
  ]),
);

/** `handlers` of `handlers/base.ts`, `cli.ts` of `cli.ts`. */
function roomOf(path: string): string {
  return path.split("/", 1)[0]!;
}

/** The path from the root that a relative specifier leads to. */
function resolve(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return new URL(specifier, new URL(from, ROOT)).href.slice(ROOT.href.length);
}

/** Modules of ours that a module loads. */
function loads(path: string): string[] {
  return importsOf(SOURCES.get(path) ?? "")
    .filter(({ isType }) => !isType)
    .map(({ specifier }) => resolve(path, specifier))
    .filter((target) => target !== undefined);
}

/** Modules of ours that are loaded once a module is, itself among them. */
function closure(path: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const target of loads(path)) closure(target, seen);
  return seen;
}

/** The modules from `trail` on that lead back to one of themselves. */
function findCycle(
  path: string,
  trail: string[],
  done: Set<string>,
): string[] | undefined {
  const start = trail.indexOf(path);
  if (start !== -1) return [...trail.slice(start), path];
  if (done.has(path)) return undefined;
  for (const target of loads(path)) {
    const cycle = findCycle(target, [...trail, path], done);
    if (cycle !== undefined) return cycle;
  }
  done.add(path);
  return undefined;
}

/** Code without the comments that take whole lines. */
function withoutComments(source: string): string {
  return source.replaceAll(/^\s*(?:\/\*|\*|\/\/).*$/gm, "");
}

Deno.test("importsOf tells imports from declarations and prose", () => {
  const cases: [string, Import[]][] = [
    ['import { a } from "./a.ts";', [{ specifier: "./a.ts", isType: false }]],
    ['import type { A } from "./a.ts";', [{
      specifier: "./a.ts",
      isType: true,
    }]],
    ['import {\n  a,\n  type B,\n} from "./a.ts";', [{
      specifier: "./a.ts",
      isType: false,
    }]],
    ['export * from "./a.ts";', [{ specifier: "./a.ts", isType: false }]],
    ['import "./a.ts";', [{ specifier: "./a.ts", isType: false }]],
    ['  const m = await import("./a.ts");', [{
      specifier: "./a.ts",
      isType: false,
    }]],
    [' * import { a } from "./a.ts";', []],
    [' * await import("./a.ts");', []],
    ['export interface A {\n  /** taken from "x" */\n}', []],
    ['export const a = "./a.ts";', []],
  ];
  for (const [source, wanted] of cases) {
    assertEquals(importsOf(source), wanted, source);
  }
});

Deno.test("a room imports only what its arrows lead to", () => {
  const wrong: string[] = [];
  for (const [path, source] of SOURCES) {
    if (OPEN_ROOMS.has(roomOf(path))) continue;
    const rule = ROOMS[roomOf(path)];
    assert(rule !== undefined, `${path} stands in no room`);
    for (const { specifier, isType } of importsOf(source)) {
      const target = resolve(path, specifier);
      if (target === undefined) continue;
      const allowed = isType
        ? [...rule.values, ...rule.types ?? []]
        : rule.values;
      if (!allowed.includes(roomOf(target))) wrong.push(`${path} -> ${target}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("handlers/base.ts never touches the file system", () => {
  const source = SOURCES.get("handlers/base.ts");
  assert(source !== undefined);
  const loaded = [...closure("handlers/base.ts")];
  assertEquals(loaded.filter((path) => roomOf(path) === "files"), []);
  const calls = withoutComments(source)
    .match(/\bDeno\.(?:open|l?stat|read(?:Dir|File|TextFile)|realPath)\w*/g);
  assertEquals(calls, null);
});

Deno.test("protocol touches neither sockets nor files nor the system", () => {
  const wrong = [...SOURCES]
    .filter(([path]) => roomOf(path) === "protocol")
    .filter(([, source]) =>
      /\bDeno\.|"node:(?!buffer")/.test(withoutComments(source))
    )
    .map(([path]) => path);
  assertEquals(wrong, []);
});

Deno.test("mod.ts and server.ts hold re-exports and nothing else", () => {
  const reExport = /^export\s+(?:type\s+)?[\w\s{},*$]+\sfrom\s+"[^"]+";$/gm;
  for (const [path, source] of SOURCES) {
    if (!/(?:^|\/)mod\.ts$|^server\.ts$/.test(path)) continue;
    const rest = source
      .replaceAll(/\/\*[^]*?\*\//g, "")
      .replaceAll(/^\/\/.*$/gm, "")
      .replaceAll(reExport, "");
    assertEquals(rest.trim(), "", path);
  }
});

Deno.test("no module loads itself through others", () => {
  const done = new Set<string>();
  for (const path of SOURCES.keys()) {
    assertEquals(findCycle(path, [], done), undefined);
  }
});

Deno.test("an import from the standard library names its deepest entry", () => {
  const wrong: string[] = [];
  for (const [path, source] of SOURCES) {
    for (const { specifier } of importsOf(source)) {
      if (/^@std\/[^/]+$|^jsr:/.test(specifier)) {
        wrong.push(`${path} -> ${specifier}`);
      }
    }
  }
  assertEquals(wrong, []);
});

Deno.test("what touches process is not loaded by a start", () => {
  const wrong: string[] = [];
  for (const [path, source] of SOURCES) {
    if (OPEN_ROOMS.has(roomOf(path))) continue;
    for (const { specifier } of importsOf(source)) {
      if (/^@std\/path\/(?!posix\/|windows\/)/.test(specifier)) {
        wrong.push(`${path} -> ${specifier}`);
      }
    }
  }
  assertEquals(wrong, []);
});

Deno.test("a module starts with the copyright header", () => {
  const wrong = [...SOURCES]
    // A program may name its interpreter in the line before.
    .filter(([, source]) => !source.replace(/^#!.*\n/, "").startsWith(HEADER))
    .map(([path]) => path);
  assertEquals(wrong, []);
});
