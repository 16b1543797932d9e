// Copyright 2026 the pystd authors. MIT license.

/**
 * The package as somebody else's project sees it: by its name, from a folder
 * that has nothing of ours.
 *
 * @module
 */

import { ROOT } from "./command.ts";

/** What is read of a `deno.json`. */
interface Config {
  name: string;
  exports: Record<string, string>;
  imports: Record<string, string>;
  links: string[];
  compilerOptions: Record<string, unknown>;
}

function readConfig(folder: string): Config {
  return JSON.parse(Deno.readTextFileSync(`${folder}/deno.json`));
}

/** The entry points by the names that others import them by. */
function* entriesOf(folder: string): Generator<[name: string, path: string]> {
  const { name, exports } = readConfig(folder);
  for (const [entry, path] of Object.entries(exports)) {
    yield [name + entry.slice(1), `file://${folder}${path.slice(1)}`];
  }
}

/** The entry points of the package, as `./fetch`. */
export const ENTRIES: readonly string[] = Object.keys(readConfig(ROOT).exports);

/** Their modules, as `./fetch.ts`. */
export const ENTRY_PATHS: readonly string[] = Object.values(
  readConfig(ROOT).exports,
);

/**
 * A `deno.json` for a folder elsewhere, which leads to the files of the clone
 * where one of a user leads to JSR.
 *
 * @returns The text of the file.
 */
export function outsideConfig(): string {
  const { imports, links, compilerOptions } = readConfig(ROOT);
  const npm = Object.entries(imports)
    .filter(([, target]) => target.startsWith("npm:"));
  const ours = [ROOT, ...links.map((link) => ROOT + link.slice(1))]
    .flatMap((folder) => [...entriesOf(folder)]);
  return JSON.stringify({
    imports: Object.fromEntries([...npm, ...ours]),
    // Strict, and so that the modules are emitted as they are for the other
    // tests: coverage is counted by offsets.
    compilerOptions: { ...compilerOptions, strict: true },
  });
}
