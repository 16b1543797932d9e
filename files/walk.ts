// Copyright 2026 the pystd authors. MIT license.

/**
 * All files below a folder, in order, under the rules of a single download:
 * what a link leads to outside is not there, nor what is hidden.
 *
 * @module
 */

import { SEPARATOR } from "@std/path/constants";
import { isTemporaryName } from "../protocol/upload_name.ts";
import type { Located, Root } from "./root.ts";

/** Something below a folder. */
export interface WalkEntry {
  /** Its path from the folder, with slashes; that of a folder ends in one. */
  readonly name: string;
  /** Where it is, and what. */
  readonly located: Exclude<Located, { kind: "missing" }>;
}

/**
 * Walks through a folder. A folder comes before what is in it; one that leads
 * back to itself by a link is not entered again. What cannot be read is left
 * out.
 *
 * @param root The served directory
 * @param folder The folder's real path
 * @param dotfiles Whether names that start with a dot are among them
 * @returns What is there, sorted by name folder by folder
 */
export function walk(
  root: Root,
  folder: string,
  dotfiles: boolean,
): Generator<WalkEntry> {
  return walkBelow(root, folder, dotfiles, "", [folder]);
}

function* walkBelow(
  root: Root,
  folder: string,
  dotfiles: boolean,
  prefix: string,
  trail: readonly string[],
): Generator<WalkEntry> {
  for (const name of namesIn(folder)) {
    if (isTemporaryName(name) || (!dotfiles && name.startsWith("."))) continue;
    const located = root.locate(joinName(folder, name));
    if (located.kind === "missing") continue;
    const { path } = located;
    if (!dotfiles && leadsToHidden(root, path)) continue;
    if (located.kind === "file") {
      yield { name: prefix + name, located };
    } else if (!trail.includes(path)) {
      const below = `${prefix}${name}/`;
      yield { name: below, located };
      yield* walkBelow(root, path, dotfiles, below, [...trail, path]);
    }
  }
}

function namesIn(folder: string): string[] {
  try {
    return Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
  } catch {
    return [];
  }
}

function joinName(folder: string, name: string): string {
  return folder.endsWith(SEPARATOR) ? folder + name : folder + SEPARATOR + name;
}

/**
 * Whether a real path has a hidden name on its way, below the directory.
 *
 * @param root The served directory
 * @param real The path
 * @returns Whether it has; `.well-known` at the top is not hidden
 */
export function leadsToHidden(root: Root, real: string): boolean {
  const top = root.realPath() ?? "";
  if (!real.startsWith(top)) return false;
  return real.slice(top.length).split(SEPARATOR).filter((name) => name !== "")
    .some((name, i) =>
      name.startsWith(".") && !(i === 0 && name === ".well-known")
    );
}
