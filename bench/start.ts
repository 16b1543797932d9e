// Copyright 2026 the pystd authors. MIT license.

/**
 * Lists what the command loads before its first answer, module by module:
 * `deno run -A bench/start.ts [--rounds=N]`.
 *
 * A new process imports the modules of `cli.ts` one after the other, each after
 * those that it imports, so that the time of each is its own: to read, compile
 * and evaluate it. The figures are medians. What the command imports later, by
 * `import()`, is not in the list.
 *
 * @module
 */

import { parseArgs } from "@std/cli/parse-args";
import { fromFileUrl } from "@std/path/from-file-url";

const ROOT = new URL("../", import.meta.url);
const SELF = fromFileUrl(import.meta.url);
/** Modules to list by name; the others are summed up by folder. */
const LISTED = 25;

interface Graph {
  redirects: Record<string, string>;
  modules: {
    specifier: string;
    dependencies?: { code?: { specifier: string }; isDynamic?: boolean }[];
  }[];
}

async function run(args: string[]): Promise<string> {
  const command = new Deno.Command(Deno.execPath(), {
    args,
    cwd: fromFileUrl(ROOT),
    stderr: "inherit",
  });
  return new TextDecoder().decode((await command.output()).stdout);
}

/** Returns the modules that a module imports, in the order of their evaluation. */
async function loadOrder(start: string): Promise<string[]> {
  const graph: Graph = JSON.parse(await run(["info", "--json", start]));
  const modules = new Map(graph.modules.map((m) => [m.specifier, m]));
  const seen = new Set<string>();
  const visit = (specifier: string): void => {
    const name = graph.redirects[specifier] ?? specifier;
    if (seen.has(name)) return;
    const { dependencies = [] } = modules.get(name) ?? {};
    // First those that it imports; circles do not occur.
    for (const { code, isDynamic } of dependencies) {
      if (code !== undefined && !isDynamic) visit(code.specifier);
    }
    seen.add(name);
  };
  visit(start);
  // Deno loads a package with the wrapper that imports it.
  return [...seen].filter((name) => !name.startsWith("npm:"));
}

/** Imports modules in order, and prints the time of each in ms. */
async function importAll(order: string[]): Promise<void> {
  const times: number[] = [];
  for (const specifier of order) {
    const start = performance.now();
    // `cli.ts` does nothing unless it is the main module.
    await import(specifier);
    times.push(performance.now() - start);
  }
  console.log(JSON.stringify(times));
}

function median(values: number[]): number {
  return values.toSorted((a, b) => a - b)[Math.trunc(values.length / 2)];
}

function print(rows: [name: string, ms: number][]): void {
  for (const [name, ms] of rows.toSorted((a, b) => b[1] - a[1])) {
    console.log(`${ms.toFixed(1).padStart(7)} ms  ${name}`);
  }
}

async function main(): Promise<void> {
  const { rounds = 5 } = parseArgs(Deno.args);
  const cli = new URL("cli.ts", ROOT).href;
  // Loaded with the first file: an open that no FIFO can block.
  const order = [...await loadOrder(cli), "node:fs"];
  const times: number[][] = [];
  for (let round = 0; round < Number(rounds); round++) {
    const child = ["run", "-A", SELF, "--import", JSON.stringify(order)];
    times.push(JSON.parse(await run(child)));
  }
  const rows = order.map((specifier, i): [string, number] => [
    specifier.replace(ROOT.href, ""),
    median(times.map((round) => round[i])),
  ]);
  const all = rows.reduce((sum, [, ms]) => sum + ms, 0);
  console.log(`${rows.length} modules, ${all.toFixed(0)} ms in all\n`);
  const folders = new Map<string, number>();
  for (const [name, ms] of rows) {
    const folder = /^.*\//.exec(name)?.[0] ?? name;
    folders.set(folder, (folders.get(folder) ?? 0) + ms);
  }
  print([...folders]);
  console.log();
  print(rows.toSorted((a, b) => b[1] - a[1]).slice(0, LISTED));
}

if (Deno.args[0] === "--import") await importAll(JSON.parse(Deno.args[1]));
else await main();
