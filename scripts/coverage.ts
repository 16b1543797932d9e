// Copyright 2026 the pystd authors. MIT license.

/**
 * Reports which lines and branches the tests reach, and fails below what
 * `THRESHOLDS` asks for.
 *
 * ```sh
 * deno task cover
 * ```
 *
 * It reads `deno coverage --lcov`. Programs that the tests start are counted
 * too, for they inherit `DENO_COVERAGE_DIR`.
 *
 * @module
 */

/** The least shares that are reached, of all modules together. */
const THRESHOLDS = { lines: 0.95, branches: 0.90 };

/** Below these a module is listed with what is not reached in it. */
const NOTEWORTHY = { lines: 0.95, branches: 0.90 };

/**
 * Why a module may stay below: what no test here can reach. Anything that is
 * not explained is a gap to close.
 */
const EXPLAINED: Readonly<Record<string, string>> = {
  "cli/signals.ts": "Windows has other signals",
  "handlers/cgi/command.ts":
    "how Windows starts a script, and a script that may be run and not read",
  "handlers/cgi/process_tree.ts": "systems without ps",
  "io/gone.ts": "half of it is for platforms without Deno",
  "io/log.ts": "a stderr that is stuck or broken, and platforms without Deno",
};

/** What was reached of one module. */
export interface Covered {
  /** The module's path. */
  path: string;
  /** Lines with code, and how many of them ran. */
  lines: { found: number; hit: number };
  /** Ways that branches may go, and how many of them were gone. */
  branches: { found: number; hit: number };
  /** The lines that did not run, as `3-5 8`. */
  missing: string;
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
  let hit = 0;
  let missing: number[] = [];
  let branches = { found: 0, hit: 0 };
  for (const line of text.split("\n")) {
    const colon = line.indexOf(":");
    const value = line.slice(colon + 1);
    switch (colon === -1 ? line : line.slice(0, colon)) {
      case "SF":
        path = value.startsWith(root) ? value.slice(root.length) : value;
        hit = 0;
        missing = [];
        branches = { found: 0, hit: 0 };
        break;
      case "DA": {
        const [number, count] = value.split(",").map(Number);
        if (count! > 0) hit++;
        else missing.push(number!);
        break;
      }
      case "BRDA":
        branches.found++;
        if (!value.endsWith(",0") && !value.endsWith(",-")) branches.hit++;
        break;
      case "end_of_record":
        modules.push({
          path,
          lines: { found: hit + missing.length, hit },
          branches,
          missing: ranges(missing),
        });
    }
  }
  return modules;
}

/** `[3, 4, 5, 8]` as `3-5 8`. */
function ranges(numbers: readonly number[]): string {
  const found: [first: number, last: number][] = [];
  for (const number of numbers) {
    const last = found.at(-1);
    if (last !== undefined && last[1] === number - 1) last[1] = number;
    else found.push([number, number]);
  }
  return found.map(([first, last]) =>
    first === last ? `${first}` : `${first}-${last}`
  ).join(" ");
}

/** The share that was reached of something that may not be there. */
function share({ found, hit }: { found: number; hit: number }): number {
  return found === 0 ? 1 : hit / found;
}

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

async function report(): Promise<boolean> {
  const root = new URL("../", import.meta.url);
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
  console.log("   lines branches");
  for (const module of modules) {
    const lines = share(module.lines);
    const branches = share(module.branches);
    console.log(`${percent(lines)} ${percent(branches)} ${module.path}`);
    const low = lines < NOTEWORTHY.lines || branches < NOTEWORTHY.branches;
    if (low) {
      const why = EXPLAINED[module.path] ?? "not explained";
      console.log(`${" ".repeat(18)}${why}; lines ${module.missing || "-"}`);
    }
  }
  const lines = share(sum(modules, "lines"));
  const branches = share(sum(modules, "branches"));
  console.log(`${percent(lines)} ${percent(branches)} all`);
  return lines >= THRESHOLDS.lines && branches >= THRESHOLDS.branches;
}

if (import.meta.main && !await report()) {
  console.error(
    `Coverage is below ${percent(THRESHOLDS.lines).trim()} of the lines or ` +
      `${percent(THRESHOLDS.branches).trim()} of the branches`,
  );
  Deno.exit(1);
}
