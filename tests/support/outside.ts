// Copyright 2026 the pystd authors. MIT license.

/**
 * The package as another project sees it: by its name, from an unrelated
 * folder.
 *
 * @module
 */

import { ROOT } from "./command.ts";

/** The parts of a `deno.json` used here. */
interface Config {
  name: string;
  exports: Record<string, string>;
  imports: Record<string, string>;
  links?: string[];
  compilerOptions: Record<string, unknown>;
}

function readConfig(folder: string): Config {
  return JSON.parse(Deno.readTextFileSync(`${folder}/deno.json`));
}

/** The entry points by import name. */
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
 * Returns a `deno.json` for another folder. It points to the clone's files
 * where a user's points to JSR.
 *
 * @returns The text of the file.
 */
export function outsideConfig(): string {
  const { imports, links = [], compilerOptions } = readConfig(ROOT);
  // Entry points of the wrappers, if there are any, come before their packages.
  const ours = [ROOT, ...links.map((link) => ROOT + link.slice(1))]
    .flatMap((folder) => [...entriesOf(folder)]);
  return JSON.stringify({
    imports: { ...imports, ...Object.fromEntries(ours) },
    // Strict. Modules must be emitted as for the other tests, since coverage
    // counts by offsets.
    compilerOptions: { ...compilerOptions, strict: true },
  });
}
