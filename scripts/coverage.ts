// Copyright 2026 the pystd authors. MIT license.

/**
 * Reports the lines and branches that the tests cover. Fails below `THRESHOLDS`, and
 * for each gap without an explanation.
 *
 * ```sh
 * deno task cover
 * ```
 *
 * It reads `deno coverage --lcov`. Programs that the tests start inherit
 * `DENO_COVERAGE_DIR` and count as well, unless a signal ends them.
 *
 * @module
 */

/** Lowest coverage of all modules together. */
const THRESHOLDS = { lines: 0.95, branches: 0.90 };

/** A module with a lower coverage of branches needs an explanation. */
const MIN_BRANCHES = 0.90;

/** Why a gap remains. */
export interface Explanation {
  /**
   * Some text of the gap. Without it, explains a low coverage of branches of the
   * module.
   */
  at?: string;
  /** Why no test covers it. */
  why: string;
}

/**
 * The gaps that remain, by module. A gap is the lines between two covered lines.
 * Close all other gaps: by a test, or by removing code that cannot run.
 */
const EXPLAINED: Readonly<Record<string, readonly Explanation[]>> = {
  "cli.ts": [
    { at: "throw error;", why: "an error of our own, which must be visible" },
  ],
  "cli/browser.ts": [
    { why: "other errors of a program that does not start" },
  ],
  "cli/cgi.ts": [
    { at: 'find "${named}" in PATH', why: "Windows runs scripts by name" },
  ],
  "cli/listen.ts": [
    { at: "the system does not allow it", why: "the tests may run as root" },
  ],
  "cli/permissions/permissions.ts": [
    { at: "if (onJsr !== null)", why: "the clone does not come from JSR" },
  ],
  "cli/workers/pool.ts": [
    {
      at: "if (this.#stopping) return;",
      why: "a worker that fails just before the end",
    },
    { at: "worker.terminate();", why: "workers that do not end in time" },
  ],
  "files/file_identity.ts": [
    { at: "if (!a.ino || !b.ino)", why: "Windows has no inodes" },
  ],
  "files/open_file.ts": [
    { at: "if (error) reject(error);", why: "a disk that fails" },
  ],
  "files/paths.ts": [{ at: "if (IS_WINDOWS)", why: "Windows" }],
  "files/served_directory.ts": [
    { at: "return MISSING;", why: "a root that is removed between two checks" },
  ],
  "files/walk.ts": [
    { why: "the root of the system, and files removed between two checks" },
  ],
  "handlers/base.ts": [
    {
      at: "this.#class.maxHeadBytes) return false;",
      why: "depends on how much comes in one read",
    },
  ],
  "handlers/cgi.ts": [
    { at: "return false;", why: "a file removed between two checks" },
  ],
  "handlers/cgi/script_process.ts": [
    { at: "if (this.terminated) return;", why: "two limits at one moment" },
  ],
  "handlers/share/coding/coded_body.ts": [
    { at: "throw error;", why: "the write fails first" },
  ],
  "handlers/share/upload/uploads.ts": [
    { at: "throw error;", why: "an error of our own, which must be visible" },
  ],
  "io/response_sink.ts": [
    { at: "if (this.#done) return;", why: "an abort after the end" },
  ],
  "io/writer.ts": [
    {
      at: "throw this.error;",
      why: "a client that disconnects between two awaits",
    },
    { at: "giveBack(this.#buffer);", why: "a write that fails at one moment" },
  ],
};

/** The coverage of one module. */
export interface Covered {
  /** The module's path. */
  path: string;
  /** Number of lines with code, and of those that ran. */
  lines: { found: number; hit: number };
  /** Number of branches, and of those that ran. */
  branches: { found: number; hit: number };
  /** The first and the last line of each gap. */
  gaps: [first: number, last: number][];
}

/**
 * Reads a report in the lcov format.
 *
 * @param text The report.
 * @param root The folder that paths are relative to, with a trailing slash.
 * @returns The coverage of each module.
 */
export function readLcov(text: string, root: string): Covered[] {
  const modules: Covered[] = [];
  let path = "";
  let lines: [number: number, count: number][] = [];
  let branches = { found: 0, hit: 0 };
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    const value = line.slice(colon + 1);
    switch (colon === -1 ? line : line.slice(0, colon)) {
      case "SF":
        path = value.startsWith(root) ? value.slice(root.length) : value;
        lines = [];
        branches = { found: 0, hit: 0 };
        break;
      case "DA": {
        const [number, count] = value.split(",").map(Number);
        lines.push([number!, count!]);
        break;
      }
      case "BRDA":
        branches.found++;
        if (!value.endsWith(",0") && !value.endsWith(",-")) branches.hit++;
        break;
      case "end_of_record": {
        const hit = lines.filter(([, count]) => count > 0).length;
        modules.push({
          path,
          lines: { found: lines.length, hit },
          branches,
          gaps: gapsIn(lines),
        });
      }
    }
  }
  return modules;
}

/** Finds the gaps: lines that did not run, with lines without code between. */
function gapsIn(
  lines: readonly [number: number, count: number][],
): [first: number, last: number][] {
  const gaps: [first: number, last: number][] = [];
  let open = false;
  for (const [number, count] of lines) {
    if (count > 0) open = false;
    else if (open) gaps.at(-1)![1] = number;
    else {
      gaps.push([number, number]);
      open = true;
    }
  }
  return gaps;
}

/**
 * Compares the gaps of a module with their explanations.
 *
 * @param module The coverage of the module.
 * @param source Its text.
 * @param explanations The explanations of its gaps.
 * @returns A line for each gap without an explanation, and for each explanation
 * without a gap.
 */
export function complaints(
  module: Covered,
  source: string,
  explanations: readonly Explanation[],
): string[] {
  const rows = source.split("\n");
  const said: string[] = [];
  for (const [first, last] of module.gaps) {
    const text = rows.slice(first - 1, last).join("\n");
    const isKnown = explanations.some(({ at }) =>
      at !== undefined && text.includes(at)
    );
    if (isKnown) continue;
    const where = first === last ? `line ${first}` : `lines ${first}-${last}`;
    said.push(`${where} not explained: ${rows[first - 1]!.trim()}`);
  }
  const few = share(module.branches) < MIN_BRANCHES;
  if (few && !explanations.some(({ at }) => at === undefined)) {
    said.push(
      `branches not explained: ${percent(share(module.branches)).trim()}`,
    );
  }
  for (const { at } of explanations) {
    if (at === undefined || source.includes(at)) continue;
    said.push(`explained, but not a gap any more: ${at}`);
  }
  return said;
}

/** Returns the share covered; 1 if there is nothing to cover. */
function share({ found, hit }: { found: number; hit: number }): number {
  return found === 0 ? 1 : hit / found;
}

/** Indentation of the lines about a module. */
const INDENT = " ".repeat(18);

function percent(value: number): string {
  return `${(value * 100).toFixed(1)} %`.padStart(8);
}

function sum(
  modules: readonly Covered[],
  what: "lines" | "branches",
): { found: number; hit: number } {
  const total = { found: 0, hit: 0 };
  for (const module of modules) {
    total.found += module[what].found;
    total.hit += module[what].hit;
  }
  return total;
}

/** Removes incomplete files of processes that a signal ended. */
async function removeUnfinished(folder: URL): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    if (!name.endsWith(".json")) continue;
    const file = new URL(name, folder);
    if (!(await Deno.readTextFile(file)).trimEnd().endsWith("}")) {
      await Deno.remove(file);
    }
  }
}

async function report(): Promise<boolean> {
  const root = new URL("../", import.meta.url);
  await removeUnfinished(new URL("coverage/", root));
  const { stdout, success, stderr } = await new Deno.Command(Deno.execPath(), {
    args: [
      "coverage",
      "coverage",
      "--lcov",
      "--exclude=/(tests|links|bench|examples|scripts)/",
    ],
    cwd: root,
    env: { NO_COLOR: "1" },
  }).output();
  if (!success) {
    console.error(new TextDecoder().decode(stderr));
    return false;
  }
  const modules = readLcov(new TextDecoder().decode(stdout), root.pathname)
    .sort((a, b) => a.path < b.path ? -1 : 1);
  let isComplete = true;
  console.log("   lines branches");
  for (const module of modules) {
    const lines = share(module.lines);
    const branches = share(module.branches);
    console.log(`${percent(lines)} ${percent(branches)} ${module.path}`);
    const explanations = EXPLAINED[module.path] ?? [];
    const source = await Deno.readTextFile(new URL(module.path, root));
    for (const { at, why } of explanations) {
      console.log(`${INDENT}${at ?? "branches"}: ${why}`);
    }
    for (const complaint of complaints(module, source, explanations)) {
      console.log(`${INDENT}${complaint}`);
      isComplete = false;
    }
  }
  const paths = new Set(modules.map(({ path }) => path));
  for (const path of Object.keys(EXPLAINED)) {
    if (paths.has(path)) continue;
    console.log(`${INDENT}explained, but not a gap any more: ${path}`);
    isComplete = false;
  }
  const lines = share(sum(modules, "lines"));
  const branches = share(sum(modules, "branches"));
  console.log(`${percent(lines)} ${percent(branches)} all`);
  return isComplete && lines >= THRESHOLDS.lines &&
    branches >= THRESHOLDS.branches;
}

if (import.meta.main && !await report()) {
  console.error(
    `Coverage is below ${percent(THRESHOLDS.lines).trim()} of the lines or ` +
      `${percent(THRESHOLDS.branches).trim()} of the branches, or has a gap ` +
      "that is not explained",
  );
  Deno.exit(1);
}
