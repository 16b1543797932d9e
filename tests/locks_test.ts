// Copyright 2026 the pystd authors. MIT license.

/**
 * Deno downloads all packages of `deno.lock` before it serves a folder in a
 * clone. What only tests need is therefore in another lock.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { CLI, ROOT, runProgram } from "./support/command.ts";

/** The part of a lock that these tests read. */
interface Lock {
  readonly npm: Record<string, { readonly integrity: string }>;
}

/** The part of a `deno.json` that these tests read. */
interface Config {
  readonly imports: Record<string, string>;
  readonly links: readonly string[];
  readonly compilerOptions: unknown;
  readonly lint: unknown;
}

/** The part of the output of `deno info --json MODULE` that these tests read. */
interface ModuleInfo {
  readonly modules: readonly { readonly npmPackage?: string }[];
  readonly npmPackages: Record<
    string,
    { readonly dependencies: readonly string[] }
  >;
}

function read<T>(path: string): T {
  return JSON.parse(Deno.readTextFileSync(`${ROOT}/${path}`));
}

async function packagesOf(module: string): Promise<string[]> {
  const args = ["info", "--json", module];
  const { stdout } = await runProgram(Deno.execPath(), args);
  const { modules, npmPackages }: ModuleInfo = JSON.parse(stdout);
  const needed = new Set(modules.flatMap(({ npmPackage }) => npmPackage ?? []));
  for (const id of needed) {
    for (const more of npmPackages[id]!.dependencies) needed.add(more);
  }
  return [...needed].sort();
}

Deno.test("deno.lock lists only packages that the command can load", async () => {
  const { npm } = read<Lock>("deno.lock");
  assertEquals(Object.keys(npm).sort(), await packagesOf(CLI));
});

Deno.test("the lock of the browser tests agrees with deno.lock", () => {
  const { npm } = read<Lock>("deno.lock");
  const browser = read<Lock>("tests/browser/deno.lock").npm;
  const added = Object.keys(browser).filter((id) => !(id in npm));
  assertEquals(added.map((id) => id.replace(/@[^@]*$/, "")), [
    "axe-core",
    "playwright-core",
  ]);
  for (const [id, { integrity }] of Object.entries(browser)) {
    if (id in npm) assertEquals(integrity, npm[id]!.integrity, id);
  }
});

Deno.test("the configuration of the browser tests extends deno.json", () => {
  const root = read<Config>("deno.json");
  const browser = read<Config>("tests/browser/deno.json");
  const { "playwright-core": driver, "axe-core": axe, ...imports } =
    browser.imports;
  assertEquals(/^npm:playwright-core@[\d.]+$/.test(driver!), true);
  assertEquals(/^npm:axe-core@[\d.]+$/.test(axe!), true);
  assertEquals(imports, root.imports);
  assertEquals(
    browser.links,
    root.links.map((link) => link.replace("./", "../../")),
  );
  assertEquals(browser.compilerOptions, root.compilerOptions);
  assertEquals(browser.lint, root.lint);
});
