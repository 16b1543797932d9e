// Copyright 2026 the pystd authors. MIT license.

/**
 * Mutation testing of `protocol/` and `python/`: makes one change at a time, and
 * reports the changes that no test detects.
 *
 * ```sh
 * deno task mutate                                     # all modules
 * deno task mutate protocol/etag.ts protocol/date.ts   # some of them
 * ```
 *
 * A mutant is a copy of the project with one operator, number or string of a
 * module changed. All tests that import the module, directly or not, run against
 * it, the nearest first. A mutant that passes all of them survives: a test is
 * missing, or the change makes no difference. Then it gets a line in
 * `scripts/mutants.txt`. A line there without a survivor is an error. Modules are
 * independent, so that a run can be divided.
 *
 * @module
 */

import { basename } from "@std/path/basename";

/** Folders of the modules to change. */
const FOLDERS = ["protocol", "python"];

/** A change of one place in a module. */
export interface Mutant {
  /** Offset in the source. */
  start: number;
  /** The original text. */
  before: string;
  /** Its replacement. */
  after: string;
}

/** The operators, with the spaces that `deno fmt` puts around them. */
const SWAPS: readonly (readonly [RegExp, string])[] = [
  [/ === /g, " !== "],
  [/ !== /g, " === "],
  [/ < /g, " <= "],
  [/ <= /g, " < "],
  [/ > /g, " >= "],
  [/ >= /g, " > "],
  [/ && /g, " || "],
  [/ \|\| /g, " && "],
  [/ \+ /g, " - "],
  [/ - /g, " + "],
  [/ \* /g, " / "],
  [/ \/ /g, " * "],
  [/ % /g, " * "],
  [/ << /g, " >> "],
  [/ >> /g, " << "],
  [/ & /g, " | "],
  [/ \?\? /g, " && "],
  [/ \+= /g, " -= "],
  [/ -= /g, " += "],
  [/\+\+/g, "--"],
  [/--/g, "++"],
  [/\btrue\b/g, "false"],
  [/\bfalse\b/g, "true"],
  [/(?<=[\s(])!(?=[\w(])/g, ""],
  [/\.startsWith\(/g, ".endsWith("],
  [/\.endsWith\(/g, ".startsWith("],
  [/\.every\(/g, ".some("],
  [/\.some\(/g, ".every("],
  [/\bMath\.min\(/g, "Math.max("],
  [/\bMath\.max\(/g, "Math.min("],
];

/** An integer, which is changed to the next one. */
const NUMBER = /(?<![\w.$#])(?:0x[\da-f]+|\d[\d_]*)n?\b(?!\.)/g;

/**
 * Tests of a mutant that take this many times as long as usual, and at least
 * {@linkcode PATIENCE_MS}, are endless loops: the mutant is detected.
 */
const PATIENCE = 10;
const PATIENCE_MS = 4_000;

/**
 * Finds the possible changes of a module.
 *
 * @param source The module's source.
 * @returns The changes, in the order of the source.
 */
export function findMutants(source: string): Mutant[] {
  const code = blank(source);
  const mutants: Mutant[] = [];
  for (const [pattern, after] of SWAPS) {
    for (const { index, 0: before } of code.matchAll(pattern)) {
      mutants.push({ start: index, before, after });
    }
  }
  for (const { index, 0: before } of code.matchAll(NUMBER)) {
    const more = Number(before.replaceAll(/[_n]/g, "")) + 1;
    const after = before.endsWith("n") ? `${more}n` : `${more}`;
    mutants.push({ start: index, before, after });
  }
  return mutants.sort((a, b) => a.start - b.start);
}

/**
 * Blanks everything but code: comments, strings, templates with their expressions,
 * regular expressions, types, and import and export lines.
 */
function blank(source: string): string {
  const spaces = (text: string): string => text.replace(/[^\n]/g, "\0");
  return source
    .replace(
      /\/\*[^]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|'(?:\\.|[^'\\\n])*'|(?<=(?:[(=:,[!?&|>]|return)\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])*\/[a-z]*/g,
      spaces,
    )
    .replace(/^(?:import|export) (?:type )?\{[^]*?;$/gm, spaces)
    .replace(/^import .*$/gm, spaces)
    .replace(/^(?:export )?type [^]*?;$(?!\n+ )/gm, spaces)
    .replace(/^(?:export )?interface [^]*?^\}$/gm, spaces);
}

/**
 * Returns a name of a mutant that does not depend on other lines.
 *
 * @param path The module's path.
 * @param source The module's source.
 * @param mutant The change.
 * @returns The path, the change and its line.
 */
export function nameOf(path: string, source: string, mutant: Mutant): string {
  const from = source.lastIndexOf("\n", mutant.start - 1) + 1;
  const to = source.indexOf("\n", mutant.start);
  const line = source.slice(from, mutant.start) + "[" + mutant.before.trim() +
    " -> " + mutant.after.trim() + "]" +
    source.slice(mutant.start + mutant.before.length, to);
  return `${path}: ${line.trim()}`;
}

/**
 * Reads the modules and their tests.
 *
 * @returns Their sources by path.
 */
export async function readRoom(): Promise<Map<string, string>> {
  const sources = new Map<string, string>();
  const folders = FOLDERS.flatMap((folder) => [folder, `tests/${folder}`]);
  for (const folder of folders) {
    for await (const { name, isDirectory } of Deno.readDir(ROOT + folder)) {
      const path = `${folder}/${name}`;
      if (isDirectory) folders.push(path);
      else sources.set(path, await Deno.readTextFile(ROOT + path));
    }
  }
  return new Map([...sources].sort(([a], [b]) => a < b ? -1 : 1));
}

/**
 * Finds the tests of a module.
 *
 * @param path The module's path.
 * @param sources The modules and tests by path.
 * @returns The paths of tests: first the module's own, then those that import it,
 * directly or not.
 */
export function testsOf(
  path: string,
  sources: Map<string, string>,
): string[][] {
  const own = `tests/${path.replace(/\.ts$/, "_test.ts")}`;
  const stages = sources.has(own) ? [[own]] : [];
  const seen = new Set([path, own]);
  for (let level = [path]; level.length > 0;) {
    const names = level.map((used) => `/${basename(used)}"`);
    level = [...sources.keys()].filter((user) =>
      !seen.has(user) && names.some((name) => sources.get(user)!.includes(name))
    );
    for (const user of level) seen.add(user);
    const tests = level.filter((user) => user.startsWith("tests/"));
    if (tests.length > 0) stages.push(tests);
  }
  return stages;
}

const ROOT = new URL("../", import.meta.url).pathname;
/** Files that the tests do not need. */
const LEFT_OUT = new Set([".git", "coverage", "node_modules"]);
/** Number of mutants to test at a time, each in its own copy. */
const COPIES = 2;

async function copyProject(): Promise<string> {
  const copy = await Deno.makeTempDir({ prefix: "mutants" });
  for await (const { name } of Deno.readDir(ROOT)) {
    if (LEFT_OUT.has(name)) continue;
    await new Deno.Command("cp", {
      args: ["-r", ROOT + name, `${copy}/${name}`],
    }).output();
  }
  return copy;
}

/** Tests, and their time limit in ms. */
interface Stage {
  tests: string[];
  limit: number;
}

/** Runs tests in a copy of the project; returns whether they passed. */
async function passes(copy: string, stage: Stage): Promise<boolean> {
  const { success } = await new Deno.Command(Deno.execPath(), {
    args: ["test", "--no-check", "--fail-fast", "-q", "-A", ...stage.tests],
    cwd: copy,
    stdout: "null",
    stderr: "null",
    signal: AbortSignal.timeout(stage.limit),
  }).output();
  return success;
}

async function isNoticed(copy: string, stages: Stage[]): Promise<boolean> {
  for (const stage of stages) {
    if (!await passes(copy, stage)) return true;
  }
  return false;
}

/** Measures the time of the tests without a change. */
async function timeStages(copy: string, tests: string[][]): Promise<Stage[]> {
  const stages: Stage[] = [];
  for (const some of tests) {
    const start = performance.now();
    if (!await passes(copy, { tests: some, limit: 60_000 })) {
      throw new Error(`Cannot try mutants: ${some} fails without any`);
    }
    const time = performance.now() - start;
    const limit = Math.max(PATIENCE * time, PATIENCE_MS);
    stages.push({ tests: some, limit });
  }
  return stages;
}

/** Tests all mutants of a module; returns the names of the survivors. */
async function findSurvivors(
  copies: string[],
  path: string,
  source: string,
  tests: string[][],
): Promise<string[]> {
  const left = findMutants(source);
  if (left.length === 0) return [];
  const stages = await timeStages(copies[0]!, tests);
  const survivors: string[] = [];
  await Promise.all(copies.map(async (copy) => {
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const { start, before, after } = next;
      const rest = source.slice(start + before.length);
      const text = source.slice(0, start) + after + rest;
      await Deno.writeTextFile(`${copy}/${path}`, text);
      if (await isNoticed(copy, stages)) continue;
      survivors.push(nameOf(path, source, next));
    }
    await Deno.writeTextFile(`${copy}/${path}`, source);
  }));
  return survivors;
}

/**
 * Reads `scripts/mutants.txt`.
 *
 * @returns The names of mutants that make no difference.
 */
export async function readExplained(): Promise<Set<string>> {
  const text = await Deno.readTextFile(`${ROOT}scripts/mutants.txt`);
  return new Set(text.split("\n").filter((line) => /^\w/.test(line)));
}

async function main(): Promise<boolean> {
  const sources = await readRoom();
  const all = [...sources.keys()].filter((path) =>
    FOLDERS.some((folder) => path.startsWith(`${folder}/`))
  );
  const paths = Deno.args.length > 0 ? Deno.args : all;
  const unknown = paths.find((path) => !all.includes(path));
  if (unknown !== undefined) throw new Error(`Cannot find ${unknown}`);
  const explained = await readExplained();
  const survived = new Set<string>();
  const copies: string[] = [];
  try {
    while (copies.length < COPIES) copies.push(await copyProject());
    for (const path of paths) {
      const source = sources.get(path)!;
      const tests = testsOf(path, sources);
      const survivors = await findSurvivors(copies, path, source, tests);
      const missed = survivors.filter((name) => !explained.has(name));
      for (const name of missed) console.log(`survived: ${name}`);
      const count = findMutants(source).length;
      console.log(
        `${path}: ${count} mutants, ${count - survivors.length} detected, ` +
          `${survivors.length - missed.length} explained`,
      );
      for (const name of survivors) survived.add(name);
    }
  } finally {
    for (const copy of copies) await Deno.remove(copy, { recursive: true });
  }
  // A line about a missing module is as wrong as one about a detected mutant.
  const left = all.filter((path) => !paths.includes(path));
  const wrong = [...explained].filter((line) =>
    !survived.has(line) && !left.some((path) => line.startsWith(`${path}: `))
  );
  for (const line of wrong) console.log(`explained, but no survivor: ${line}`);
  return wrong.length === 0 && survived.isSubsetOf(explained);
}

if (import.meta.main && !await main()) Deno.exit(1);
