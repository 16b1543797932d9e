// Copyright 2026 the pystd authors. MIT license.

/**
 * All files below a folder, in order, under the rules of a single download:
 * what a link leads to outside is not there, nor what is hidden.
 *
 * @module
 */

import { isTemporaryName } from "../protocol/upload_name.ts";
import { SEPARATOR } from "./paths.ts";
import type { Found, Root } from "./root.ts";

/** How deep it goes: what lies deeper cannot be asked for by its path either. */
const MAX_DEPTH = 128;

/** Something below a folder. */
export interface WalkEntry {
  /** Its path from the folder, with slashes; that of a folder ends in one. */
  readonly name: string;
  /** Where it is, and what. */
  readonly found: Found;
}

/**
 * Walks through a folder. A folder comes before what is in it; one that leads
 * back to itself by a link is not entered again. What cannot be read is left
 * out.
 *
 * @param root The served directory
 * @param folder The folder
 * @returns What is there, sorted by name folder by folder
 */
export function walk(root: Root, folder: Found): Generator<WalkEntry> {
  return walkBelow(root, folder, "", [folder.path]);
}

function* walkBelow(
  root: Root,
  folder: Found,
  prefix: string,
  trail: readonly string[],
): Generator<WalkEntry> {
  for (const name of namesIn(root, folder)) {
    if (isTemporaryName(name)) continue;
    const found = root.locate(joinName(folder.path, name));
    if (found.kind === "missing") continue;
    if (found.kind === "file") {
      yield { name: prefix + name, found };
    } else if (trail.length < MAX_DEPTH && !trail.includes(found.path)) {
      const below = `${prefix}${name}/`;
      yield { name: below, found };
      yield* walkBelow(root, found, below, [...trail, found.path]);
    }
  }
}

function namesIn(root: Root, folder: Found): string[] {
  try {
    return (root.list(folder) ?? []).map(({ name }) => name).sort();
  } catch {
    return [];
  }
}

function joinName(folder: string, name: string): string {
  return folder.endsWith(SEPARATOR) ? folder + name : folder + SEPARATOR + name;
}
