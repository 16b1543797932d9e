// Copyright 2026 the pystd authors. MIT license.

/**
 * Reports which lines and branches the tests reach. Fails below what
 * `THRESHOLDS` asks for, and for each gap that is not explained.
 *
 * ```sh
 * deno task cover
 * ```
 *
 * It reads `deno coverage --lcov`. Programs that the tests start are counted
 * too, for they inherit `DENO_COVERAGE_DIR`, unless a signal ends them.
 *
 * @module
 */

/** The least shares that are reached, of all modules together. */
const THRESHOLDS = { lines: 0.95, branches: 0.90 };

/** Below this share of its branches a module has to be explained as a whole. */
const LEAST_BRANCHES = 0.90;

/** Why a gap stays open. */
export interface Explanation {
  /**
   * Which gap: some of its text. Without it the branches of the module are
   * meant, of which too few are reached.
   */
  at?: string;
  /** Why no test reaches it here. */
  why: string;
}

/**
 * The gaps that stay open, by module. A gap is what stands between two lines
 * that were reached. All others are to be closed: by a test, or by removing
 * what cannot happen.
 */
const EXPLAINED: Readonly<Record<string, readonly Explanation[]>> = {
  "cli.ts": [
    { at: "throw error;", why: "a fault of ours, which is not hidden" },
  ],
  "cli/browser.ts": [
    { why: "what else a system says when a program does not start" },
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
      why: "a worker that dies just before the end",
    },
    { at: "worker.terminate();", why: "workers that do not end in time" },
  ],
  "files/open_file.ts": [
    { at: "if (error) reject(error);", why: "a disk that fails" },
  ],
  "files/paths.ts": [{ at: "if (IS_WINDOWS)", why: "Windows" }],
  "files/served_directory.ts": [
    { at: "return MISSING;", why: "a root that goes between two looks" },
    { at: "if (!a.ino || !b.ino)", why: "Windows has no inodes" },
  ],
  "files/walk.ts": [
    { why: "the root of the system, and what goes between two looks" },
  ],
  "handlers/base.ts": [
    {
      at: "this.#class.maxHeadBytes) return false;",
      why: "depends on how much comes in one read",
    },
  ],
  "handlers/cgi.ts": [
    { at: "return false;", why: "a file that goes between two looks" },
  ],
  "handlers/cgi/script_process.ts": [
    { at: "if (this.terminated) return;", why: "two limits at one moment" },
  ],
  "handlers/share/coding/coded_body.ts": [
    { at: "throw error;", why: "what is sent fails first, and says why" },
  ],
  "handlers/share/upload/uploads.ts": [
    { at: "throw error;", why: "a fault of ours, which is not hidden" },
  ],
  "io/response_sink.ts": [
    { at: "if (this.#done) return;", why: "an abort after the end" },
  ],
  "io/writer.ts": [
    { at: "throw this.error;", why: "a client that goes between two awaits" },
    { at: "giveBack(this.#buffer);", why: "a write that fails at one moment" },
  ],
};

/** What was reached of one module. */
export interface Covered {
  /** The module's path. */
  path: string;
  /** Lines with code, and how many of them ran. */
  lines: { found: number; hit: number };
  /** Ways that branches may go, and how many of them were gone. */
  branches: { found: number; hit: number };
  /** The lines that did not run: the first and the last of each gap. */
  gaps: [first: number, last: number][];
}

/**
 * Reads a report in the lcov format.
 *
 * @param text The report.
 * @param root The folder that paths are told from, with a slash at its end.
 * @returns What it says, a module each.
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

/** What did not run between two lines that did, or that have no code. */
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
 * What is to be done about a module.
 *
 * @param module What was reached of it.
 * @param source Its text.
 * @param explanations Which of its gaps are known.
 * @returns Whatever is not explained, and what is explained in vain, a line
 * each.
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
  const few = share(module.branches) < LEAST_BRANCHES;
  if (few && !explanations.some(({ at }) => at === undefined)) {
    said.push(
      `branches not explained: ${percent(share(module.branches)).trim()}`,
    );
  }
  for (const { at } of explanations) {
    if (at === undefined || source.includes(at)) continue;
    said.push(`explained, and not there any more: ${at}`);
  }
  return said;
}

/** The share that was reached of something that may not be there. */
function share({ found, hit }: { found: number; hit: number }): number {
  return found === 0 ? 1 : hit / found;
}

/** Where what is said of a module stands, below its name. */
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

/** Removes what a process left that a signal ended while it wrote. */
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
    console.log(`${INDENT}explained, and not there any more: ${path}`);
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
