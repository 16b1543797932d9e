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

/** The part of a `package-lock.json` that these tests read. */
interface NpmLock {
  readonly packages: Readonly<Record<string, NpmPackage>>;
}

/** A package of such a lock. */
interface NpmPackage {
  readonly integrity?: string;
  readonly resolved?: string;
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

/** The folders whose `package-lock.json` the checks install. */
const NPM_FOLDERS = ["scripts/npm", "tests/engines/npm", "tests/sources/npm"];

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

/** Tells whether a package finds a dependency in its folders, as Node does. */
function isLocked(lock: NpmLock, path: string, name: string): boolean {
  for (let at = path;;) {
    if (`${at}${at && "/"}node_modules/${name}` in lock.packages) return true;
    if (at === "") return false;
    at = at.slice(0, Math.max(0, at.lastIndexOf("node_modules/") - 1));
  }
}

for (const folder of NPM_FOLDERS) {
  Deno.test(`npm ci installs ${folder} on every system`, () => {
    const lock = read<NpmLock>(`${folder}/package-lock.json`);
    const missing: string[] = [];
    for (const [path, one] of Object.entries(lock.packages)) {
      const names = Object.keys({
        ...one.dependencies,
        ...one.devDependencies,
        ...one.optionalDependencies,
      });
      missing.push(...names.filter((name) => !isLocked(lock, path, name)));
      if (path === "") continue;
      assertEquals(one.integrity?.startsWith("sha512-"), true, path);
      assertEquals(one.resolved, undefined, path);
    }
    assertEquals(missing, []);
  });
}

Deno.test("the checks install by the locks", () => {
  const files = [".ci/run", ".github/workflows/ci.yml"];
  files.push(".github/workflows/publish.yml", "CONTRIBUTING.md");
  for (const path of files) {
    const text = Deno.readTextFileSync(`${ROOT}/${path}`);
    const commands = text.match(/\bnpm (?:ci|install)\b.*--prefix/g) ?? [];
    assertEquals(commands.length > 0, true, path);
    const loose = commands.filter((command) => !command.startsWith("npm ci"));
    assertEquals(loose, [], path);
  }
});
