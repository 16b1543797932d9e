// Copyright 2026 the pystd authors. MIT license.

/**
 * Names that are stored in another Unicode normal form than they are asked for
 * in: macOS writes "é" as two characters, browsers and keyboards as one.
 *
 * @module
 */

import { isLarge } from "./list.ts";
import { SEPARATOR } from "./paths.ts";
import type { Root } from "./root.ts";

/**
 * Finds a path whose names are the same text in another normal form. A name
 * that is there as it was asked for is taken as it is.
 *
 * @param root The served directory.
 * @param path A path below it that leads nowhere.
 * @returns The path as it is stored; `undefined` if there is none, or more than
 * one name for the same text.
 */
export function findInOtherForm(root: Root, path: string): string | undefined {
  if (!/[^\0-\x7f]/.test(path)) return undefined;
  let found = root.directory;
  for (const name of path.slice(found.length).split("/").filter(Boolean)) {
    const stored = root.locate(join(found, name)).kind !== "missing"
      ? name
      : storedName(root, found, name);
    if (stored === undefined) return undefined;
    found = join(found, stored);
  }
  return path.endsWith("/") ? `${found}/` : found;
}

/** Not in a large directory: to read it takes as long as many requests. */
function storedName(
  root: Root,
  folder: string,
  name: string,
): string | undefined {
  const located = root.locate(folder);
  if (located.kind !== "directory" || isLarge(folder)) return undefined;
  const text = name.normalize("NFC");
  let entries: Deno.DirEntry[] | undefined;
  try {
    entries = root.list(located);
  } catch {
    return undefined;
  }
  const same = entries?.filter(({ name }) => name.normalize("NFC") === text);
  return same?.length === 1 ? same[0].name : undefined;
}

function join(folder: string, name: string): string {
  return folder.endsWith(SEPARATOR) ? folder + name : `${folder}/${name}`;
}
