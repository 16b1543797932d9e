// Copyright 2026 the pystd authors. MIT license.

/**
 * Compares the imports of all modules with the table in CONTRIBUTING.md. A
 * failure names the file.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";

/** An import; of values, unless it is an `import type`. */
interface Import {
  readonly specifier: string;
  readonly isType: boolean;
}

const ROOT = new URL("../", import.meta.url);
const HEADER = "// Copyright 2026 the pystd authors. MIT license.\n";

/** Folders of recorded data and build output. */
const SKIPPED = new Set(["coverage", "node_modules", "testdata"]);

/** The imports that CONTRIBUTING's table allows a file or folder. */
interface Rule {
  /** Allowed imports. */
  values: string[];
  /** Allowed imports of types only. */
  types: string[];
}

/** The table of CONTRIBUTING; `undefined` means `anything`. */
const RULES: Map<string, Rule | undefined> = readRules(
  Deno.readTextFileSync(new URL("CONTRIBUTING.md", ROOT)),
);

function readRules(text: string): Map<string, Rule | undefined> {
  const [, table] = /\| path +\|.*\n\|[- |]+\n((?:\|.*\n)+)/.exec(text)!;
  const rows = table!.trimEnd().split("\n").map((row) => row.split("|"));
  const namesIn = (cell: string): string[] =>
    [...cell.matchAll(/`([\w.]+)\/?`/g)].map(([, name]) => name!);
  const rules = new Map<string, Rule | undefined>();
  for (const [, paths, , imports] of rows) {
    const [values, types = ""] = imports!.split("types of");
    for (const name of namesIn(paths!)) {
      const rule = {
        values: [name, ...namesIn(values!)],
        types: namesIn(types),
      };
      rules.set(name, /\banything\b/.test(values!) ? undefined : rule);
    }
  }
  return rules;
}

// The clause allows only names and braces, so that exported declarations and
// comments do not match.
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

/** Sources by path from the root. */
const SOURCES: Map<string, string> = new Map(
  [...modulesUnder("./")].sort().map((path) => [
    path,
    Deno.readTextFileSync(new URL(path, ROOT)),
  ]),
);

/** Returns `handlers` for `handlers/base.ts`, `cli.ts` for `cli.ts`. */
function topOf(path: string): string {
  return path.split("/", 1)[0]!;
}

/** Resolves a relative specifier to a path from the root. */
function resolve(from: string, specifier: string): string | undefined {
  if (!specifier.startsWith(".")) return undefined;
  return new URL(specifier, new URL(from, ROOT)).href.slice(ROOT.href.length);
}

/** Returns the project's modules that a module imports. */
function imports(path: string, { types }: { types: boolean }): string[] {
  return importsOf(SOURCES.get(path) ?? "")
    .filter(({ isType }) => types || !isType)
    .map(({ specifier }) => resolve(path, specifier))
    .filter((target) => target !== undefined);
}

/**
 * Returns the project's modules that loading a module loads, including itself.
 */
function closure(path: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  for (const target of imports(path, { types: false })) closure(target, seen);
  return seen;
}

/** Returns what a module loads at once, without dynamic imports. */
function startOf(path: string, seen: Set<string> = new Set()): Set<string> {
  if (seen.has(path)) return seen;
  seen.add(path);
  const source = SOURCES.get(path) ?? "";
  for (const [, type, specifier] of source.matchAll(STATIC_IMPORT)) {
    if (type === undefined) {
      startOf(resolve(path, specifier!) ?? specifier!, seen);
    }
  }
  return seen;
}

/** Returns the modules of a cycle, if following `trail` leads to one. */
function findCycle(
  path: string,
  trail: string[],
  done: Set<string>,
): string[] | undefined {
  const start = trail.indexOf(path);
  if (start !== -1) return [...trail.slice(start), path];
  if (done.has(path)) return undefined;
  for (const target of imports(path, { types: true })) {
    const cycle = findCycle(target, [...trail, path], done);
    if (cycle !== undefined) return cycle;
  }
  done.add(path);
  return undefined;
}

/** Returns code without the comments that fill whole lines. */
function withoutComments(source: string): string {
  return source.replaceAll(/^\s*(?:\/\*|\*|\/\/).*$/gm, "");
}

Deno.test("importsOf ignores declarations and prose", () => {
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

Deno.test("modules import what CONTRIBUTING's table allows", () => {
  const wrong: string[] = [];
  for (const [path, source] of SOURCES) {
    assert(RULES.has(topOf(path)), `${path} is not in CONTRIBUTING's table`);
    const rule = RULES.get(topOf(path));
    if (rule === undefined) continue;
    for (const { specifier, isType } of importsOf(source)) {
      const target = resolve(path, specifier);
      if (target === undefined) continue;
      const allowed = isType ? [...rule.values, ...rule.types] : rule.values;
      if (!allowed.includes(topOf(target))) wrong.push(`${path} -> ${target}`);
    }
  }
  assertEquals(wrong, []);
});

Deno.test("readRules reads values, types and anything", () => {
  const table = "| path | content | imports |\n| - | - | - |\n" +
    "| `a/` | x | `b/`, `c.ts`; types of `d/` |\n| `e/`, `f.ts` | x | anything |\n";
  assertEquals(
    readRules(table),
    new Map<string, Rule | undefined>([
      ["a", { values: ["a", "b", "c.ts"], types: ["d"] }],
      ["e", undefined],
      ["f.ts", undefined],
    ]),
  );
});

Deno.test("handlers/base.ts never touches the file system", () => {
  const source = SOURCES.get("handlers/base.ts");
  assert(source !== undefined);
  const loaded = [...closure("handlers/base.ts")];
  assertEquals(loaded.filter((path) => topOf(path) === "files"), []);
  const calls = withoutComments(source)
    .match(/\bDeno\.(?:open|l?stat|read(?:Dir|File|TextFile)|realPath)\w*/g);
  assertEquals(calls, null);
});

Deno.test("the start of the command loads no telemetry, and no media types", () => {
  const loaded = [...startOf("cli.ts")];
  assert(loaded.length > 50);
  assert(loaded.includes("protocol/media_types.ts"));
  assertEquals(
    loaded.filter((path) => path.startsWith("@std/media-types/")),
    [],
  );
  assertEquals(
    loaded.filter((path) => path.startsWith("telemetry/")),
    ["telemetry/is_telemetry_on.ts"],
  );
});

Deno.test("handlers of a source load nothing of the local file system", () => {
  const local =
    /\bDeno\.(?:open|create|make|l?stat|read|realPath|remove|rename|mkdir|write|link|copy|Command)\w*|"node:fs/;
  const reaching = (entry: string): string[] =>
    [...startOf(entry)].filter((path) =>
      local.test(withoutComments(SOURCES.get(path) ?? "")) ||
      path === "node:fs"
    );
  const platforms = [
    "fetch.ts",
    "handlers/base.ts",
    "handlers/share.ts",
    "handlers/share/archive/archives.ts",
    "handlers/share/auth/basic_authenticator.ts",
    "handlers/share/hash/hashes.ts",
    "handlers/share/link/signed_links.ts",
    "handlers/share/rights/path_rights.ts",
    "handlers/share/upload/source_uploads.ts",
    "handlers/simple.ts",
    "sources/mod.ts",
    "sources/r2.ts",
    "sources/s3.ts",
    "telemetry/mod.ts",
  ];
  for (const entry of platforms) assertEquals(reaching(entry), [], entry);
  // The search finds those who need it.
  assertEquals(reaching("sources/zip.ts").length > 0, true);
  assertEquals(reaching("handlers/share/upload/uploads.ts").length > 0, true);
});

Deno.test("protocol uses no sockets, files or system calls", () => {
  const wrong = [...SOURCES]
    .filter(([path]) => topOf(path) === "protocol")
    .filter(([, source]) =>
      /\bDeno\.|"node:(?!buffer")/.test(withoutComments(source))
    )
    .map(([path]) => path);
  assertEquals(wrong, []);
});

Deno.test("mod.ts and server.ts contain only re-exports", () => {
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

Deno.test("there are no circular imports, not even of types", () => {
  const done = new Set<string>();
  for (const path of SOURCES.keys()) {
    assertEquals(findCycle(path, [], done), undefined);
  }
});

Deno.test("imports from the standard library use the deepest entry point", () => {
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

Deno.test("the start loads no module that uses process", () => {
  const wrong: string[] = [];
  for (const [path, source] of SOURCES) {
    if (RULES.get(topOf(path)) === undefined) continue;
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
    // The line before may be a shebang.
    .filter(([, source]) => !source.replace(/^#!.*\n/, "").startsWith(HEADER))
    .map(([path]) => path);
  assertEquals(wrong, []);
});
