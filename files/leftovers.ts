// Copyright 2026 the pystd authors. MIT license.

/**
 * What a crash leaves behind: partial uploads and copies, which are removed,
 * deletions, which are completed, and what was being moved or replaced, which gets
 * a name. See `TemporaryKind`.
 *
 * @module
 */

import { isTemporaryName, temporaryKind } from "../protocol/upload_name.ts";
import { lstatIfExists } from "./incoming.ts";
import { joinName } from "./paths.ts";

/**
 * Cleans up a folder and its subfolders. Does not follow links.
 *
 * @param folder The folder
 * @param before Leaves alone what was changed after this time, in epoch ms
 * @returns The number of files and folders removed or restored
 */
export async function removeLeftovers(
  folder: string,
  before: number = Date.now(),
): Promise<number> {
  let removed = 0;
  const holding: string[] = [];
  try {
    for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
      const path = joinName(folder, name);
      if (isFile && isTemporaryName(name)) {
        if (withLock(path, before, () => Deno.removeSync(path))) removed++;
      } else if (isDirectory && isTemporaryName(name)) holding.push(name);
      else if (isDirectory) removed += await removeLeftovers(path, before);
    }
  } catch {
    // A folder that cannot be read contains no uploads.
  }
  // A new entry gets its name before the old one that it replaces.
  const isOld = (name: string): number => Number(temporaryKind(name) === "old");
  holding.sort((a, b) => isOld(a) - isOld(b));
  for (const name of holding) {
    if (await removeFolder(folder, name, before)) removed++;
  }
  return removed;
}

async function removeFolder(
  parent: string,
  name: string,
  before: number,
): Promise<boolean> {
  const path = joinName(parent, name);
  const kind = temporaryKind(name);
  try {
    if ((Deno.lstatSync(path).mtime?.getTime() ?? 0) > before) return false;
    const lock = joinName(path, name.replace(/\.\w+$/, ".part"));
    const mayGo = kind === "trash" || lstatIfExists(lock) === undefined ||
      withLock(lock, Infinity, () => {});
    if (!mayGo) return false;
    if (kind === "old" || kind === "moved") restore(parent, path, kind);
    await Deno.remove(path, { recursive: true });
    return true;
  } catch {
    return false;
  }
}

/** Gives what a folder holds its name. */
function restore(parent: string, path: string, kind: "old" | "moved"): void {
  for (const { name } of Deno.readDirSync(path)) {
    if (isTemporaryName(name)) continue;
    let place = joinName(parent, name);
    for (let i = 1; lstatIfExists(place) !== undefined; i++) {
      if (kind === "old") return;
      place = joinName(parent, `${name} (recovered ${i})`);
    }
    Deno.renameSync(joinName(path, name), place);
  }
}

/**
 * Runs an action if a file is old enough and no process has locked it.
 *
 * @returns Whether the action was run.
 */
function withLock(path: string, before: number, action: () => void): boolean {
  let file: Deno.FsFile | undefined;
  try {
    file = Deno.openSync(path, { write: true });
    const modified = file.statSync().mtime?.getTime() ?? 0;
    if (modified > before || !file.tryLockSync(true)) return false;
    action();
    return true;
  } catch {
    return false;
  } finally {
    file?.close();
  }
}
