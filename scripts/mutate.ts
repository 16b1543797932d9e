// Copyright 2026 the pystd authors. MIT license.

/**
 * Changes one thing at a time in `protocol/` and tells which changes no test
 * notices.
 *
 * ```sh
 * deno task mutate                              # a sample of all modules
 * deno task mutate --limit=9999 protocol/etag.ts    # all of one
 * ```
 *
 * A mutant is a copy of the project in which one operator, number or text of
 * one module is another. The module's own tests run against it first, if they
 * pass those of the whole room, and then those of its users. A mutant that
 * passes all survives: a test is missing, or the change makes no difference,
 * which a line in `scripts/mutants.txt` then says.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";

/** A change of one place in a module. */
export interface Mutant {
  /** Where it starts in the source. */
  start: number;
  /** What stands there. */
  before: string;
  /** What stands there instead. */
  after: string;
}

/** Operators have spaces around them, for `deno fmt` puts them there. */
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
  [/ & /g, " | "],
  [/ \+= /g, " -= "],
  [/\+\+/g, "--"],
  [/\btrue\b/g, "false"],
  [/\bfalse\b/g, "true"],
  [/(?<=\()!(?=[\w(])/g, ""],
  [/\.startsWith\(/g, ".endsWith("],
  [/\.every\(/g, ".some("],
  [/\bMath\.min\(/g, "Math.max("],
];

/** A test that has not ended by then runs for ever: the mutant is noticed. */
const TIMEOUT_MS = 60_000;

/**
 * Finds what can be changed in a module.
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
  for (
    const { index, 0: number } of code.matchAll(/(?<![\w.$#])\d+\b(?!\.)/g)
  ) {
    const after = `${Number(number) + 1}`;
    mutants.push({ start: index, before: number, after });
  }
  return mutants.sort((a, b) => a.start - b.start);
}

/**
 * Blanks what is no code: comments, texts, regular expressions, types, and the
 * lines of imports and exports.
 */
function blank(source: string): string {
  const spaces = (text: string): string => text.replace(/[^\n]/g, "\0");
  return source
    .replace(
      /\/\*[^]*?\*\/|\/\/.*|"(?:\\.|[^"\\\n])*"|`(?:\\.|[^`\\])*`|'(?:\\.|[^'\\\n])*'|(?<=(?:[(=:,[!?&|>]|return)\s*)\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\\n])*\/[a-z]*/g,
      spaces,
    )
    .replace(/^(?:import|export) (?:type )?\{[^]*?;$/gm, spaces)
    .replace(/^(?:import .*|(?:export )?type .*;)$/gm, spaces)
    .replace(/^(?:export )?(?:type|interface) [^]*?^[};].*$/gm, spaces);
}

/**
 * A name for a mutant that outlives changes of other lines.
 *
 * @param path The module's path.
 * @param source The module's source.
 * @param mutant The change.
 * @returns The path, the change and the line that it is in.
 */
export function nameOf(path: string, source: string, mutant: Mutant): string {
  const from = source.lastIndexOf("\n", mutant.start - 1) + 1;
  const to = source.indexOf("\n", mutant.start);
  const line = source.slice(from, mutant.start) + "[" + mutant.before.trim() +
    " -> " + mutant.after.trim() + "]" +
    source.slice(mutant.start + mutant.before.length, to);
  return `${path}: ${line.trim()}`;
}

/** Numbers that look random and are the same each time (mulberry32). */
function* numbers(seed: number): Generator<number> {
  for (;;) {
    seed = (seed + 0x6d2b79f5) | 0;
    let t = Math.imul(seed ^ (seed >>> 15), 1 | seed);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    yield ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  }
}

/** A sample of some things, the same for the same seed. */
function sample<T>(all: T[], count: number, seed: number): T[] {
  const random = numbers(seed);
  const keyed = all.map((one) => [random.next().value as number, one] as const);
  keyed.sort(([a], [b]) => a - b);
  return keyed.slice(0, count).map(([, one]) => one);
}

const ROOT = new URL("../", import.meta.url).pathname;
/** What the tests do not need of the project. */
const LEFT_OUT = new Set([".git", "coverage", "node_modules"]);

/**
 * What is run against a mutant, one after the other, until something fails:
 * the whole room, and those who use it.
 */
const STAGES: readonly string[][] = [
  ["tests/protocol"],
  [
    "tests/golden/requestline_test.ts",
    "tests/golden/headers_test.ts",
    "tests/handlers/base_test.ts",
    "tests/io",
  ],
];

/** Runs tests in a copy of the project; whether they passed. */
async function passes(copy: string, tests: string[]): Promise<boolean> {
  try {
    const { success } = await new Deno.Command(Deno.execPath(), {
      args: ["test", "--no-check", "--fail-fast", "-q", "-A", ...tests],
      cwd: copy,
      stdout: "null",
      stderr: "null",
      signal: AbortSignal.timeout(TIMEOUT_MS),
    }).output();
    return success;
  } catch {
    return false;
  }
}

async function isNoticed(
  copy: string,
  path: string,
  text: string,
): Promise<boolean> {
  await Deno.writeTextFile(`${copy}/${path}`, text);
  const own = `tests/${path.replace(/\.ts$/, "_test.ts")}`;
  const hasOwn = await Deno.lstat(`${copy}/${own}`).then(
    () => true,
    () => false,
  );
  if (hasOwn && !await passes(copy, [own])) return true;
  for (const tests of STAGES) {
    if (!await passes(copy, tests)) return true;
  }
  return false;
}

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

async function modules(): Promise<string[]> {
  const names = [];
  for await (const { name } of Deno.readDir(`${ROOT}protocol`)) {
    names.push(`protocol/${name}`);
  }
  return names.sort();
}

/** The names of mutants that make no difference, and why. */
async function explained(): Promise<Set<string>> {
  const text = await Deno.readTextFile(`${ROOT}scripts/mutants.txt`);
  return new Set(text.split("\n").filter((line) => /^\w/.test(line)));
}

async function main(): Promise<boolean> {
  const { limit, seed, _: chosen } = parseArgs(Deno.args, {
    string: ["limit", "seed"],
    default: { limit: "400", seed: "1" },
  });
  const paths = chosen.length > 0 ? chosen.map(String) : await modules();
  const all: { path: string; source: string; mutant: Mutant }[] = [];
  for (const path of paths) {
    const source = await Deno.readTextFile(ROOT + path);
    for (const mutant of findMutants(source)) {
      all.push({ path, source, mutant });
    }
  }
  const left = sample(all, Number(limit), Number(seed));
  const known = await explained();
  let survived = 0;
  const total = left.length;
  let equal = 0;
  const work = async (copy: string): Promise<void> => {
    if (!await passes(copy, STAGES.flat())) {
      throw new Error("Cannot try mutants: the tests fail without any");
    }
    for (let next = left.pop(); next !== undefined; next = left.pop()) {
      const { path, source, mutant } = next;
      const name = nameOf(path, source, mutant);
      if (known.has(name)) {
        equal++;
        continue;
      }
      const end = mutant.start + mutant.before.length;
      const text = source.slice(0, mutant.start) + mutant.after +
        source.slice(end);
      if (!await isNoticed(copy, path, text)) {
        survived++;
        console.log(name);
      }
      await Deno.writeTextFile(`${copy}/${path}`, source);
    }
  };
  const copies = await Promise.all([copyProject(), copyProject()]);
  try {
    await Promise.all(copies.map(work));
  } finally {
    for (const copy of copies) await Deno.remove(copy, { recursive: true });
  }
  console.log(
    `${total} of ${all.length} mutants: ${
      total - equal - survived
    } noticed, ${equal} explained, ${survived} survived`,
  );
  return survived === 0;
}

if (import.meta.main && !await main()) Deno.exit(1);
