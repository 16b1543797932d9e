// Copyright 2026 the pystd authors. MIT license.

/**
 * Finds names stored in another Unicode normal form than requested. macOS writes
 * "é" as two characters; browsers and keyboards write one.
 *
 * @module
 */

import { isLargeDirectory } from "./list_directory.ts";
import { SEPARATOR } from "./paths.ts";
import type { ServedDirectory } from "./served_directory.ts";

const BEYOND_ASCII = /[^\0-\x7f]/;

/**
 * Finds a path whose names are the same text in another normal form. A name that
 * exists as requested is used unchanged. The folders on the way need not be
 * readable for the client; the path that is found has to be located.
 *
 * @param servedDirectory The served directory.
 * @param path A path below it that does not exist.
 * @returns The path as stored; `undefined` if there is none, or a name is
 * ambiguous.
 */
export function findInOtherNormalForm(
  servedDirectory: ServedDirectory,
  path: string,
): string | undefined {
  if (!BEYOND_ASCII.test(path)) return undefined;
  const { whole } = servedDirectory;
  let found = whole.path;
  for (const name of path.slice(found.length).split("/").filter(Boolean)) {
    const stored = storedName(whole, found, name);
    if (stored === undefined) return undefined;
    found = join(found, stored);
  }
  return path.endsWith("/") ? `${found}/` : found;
}

/**
 * Finds a name in a folder, in any normal form. Does not read a large folder,
 * which would take as long as many requests.
 *
 * @param servedDirectory The served directory.
 * @param folder A folder below it.
 * @param name A name.
 * @returns The name if it exists; otherwise the one name that is the same text in
 * another normal form; `undefined` if there is none, or several.
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
