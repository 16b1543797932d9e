// Copyright 2026 the pystd authors. MIT license.

/**
 * Names that are stored in another Unicode normal form than they are asked for
 * in: macOS writes "é" as two characters, browsers and keyboards as one.
 *
 * @module
 */

import { isLargeDirectory } from "./list_directory.ts";
import { SEPARATOR } from "./paths.ts";
import type { ServedDirectory } from "./served_directory.ts";

const BEYOND_ASCII = /[^\0-\x7f]/;

/**
 * Finds a path whose names are the same text in another normal form. A name
 * that is there as it was asked for is taken as it is.
 *
 * @param servedDirectory The served directory.
 * @param path A path below it that leads nowhere.
 * @returns The path as it is stored; `undefined` if there is none, or more than
 * one name for the same text.
 */
export function findInOtherNormalForm(
  servedDirectory: ServedDirectory,
  path: string,
): string | undefined {
  if (!BEYOND_ASCII.test(path)) return undefined;
  let found = servedDirectory.path;
  for (const name of path.slice(found.length).split("/").filter(Boolean)) {
    const stored = storedName(servedDirectory, found, name);
    if (stored === undefined) return undefined;
    found = join(found, stored);
  }
  return path.endsWith("/") ? `${found}/` : found;
}

/**
 * Finds the name that a name is stored under in a folder. A large folder is not
 * read: that takes as long as many requests.
 *
 * @param servedDirectory The served directory.
 * @param folder A folder below it.
 * @param name A name.
 * @returns The name if it is there; else the one name that is the same text in
 * another normal form; `undefined` if there is none, or more than one.
 */
export function storedName(
  servedDirectory: ServedDirectory,
  folder: string,
  name: string,
): string | undefined {
  if (servedDirectory.locate(join(folder, name)).kind !== "missing") {
    return name;
  }
  if (!BEYOND_ASCII.test(name)) return undefined;
  const located = servedDirectory.locate(folder);
  if (located.kind !== "directory" || isLargeDirectory(folder)) {
    return undefined;
  }
  const text = name.normalize("NFC");
  let entries: Deno.DirEntry[] | undefined;
  try {
    entries = servedDirectory.list(located);
  } catch {
    return undefined;
  }
  const same = entries?.filter(({ name }) => name.normalize("NFC") === text);
  return same?.length === 1 ? same[0].name : undefined;
}

function join(folder: string, name: string): string {
  return folder.endsWith(SEPARATOR) ? folder + name : `${folder}/${name}`;
}
