// Copyright 2026 the pystd authors. MIT license.

/**
 * Deletes and moves files, folders and links.
 *
 * In the served directory itself, a move is one `rename()`: an entry has its old
 * name or the new one, also after a crash. In a folder below, another process might
 * exchange the folder for a link. So the entry goes through a hidden folder beside
 * its old place, and one beside its new place (`holding_folder.ts`); if a folder
 * leads elsewhere at that moment, the `rename()` fails. After a crash, the next
 * start gives the entry its old name back, or its new one.
 *
 * A hidden folder also holds what must make room. Between two disks, the entry is
 * copied while a hidden folder holds it, and removed when the copy has its name.
 *
 * @module
 */

import { RequestError } from "../protocol/request_error.ts";
import { type TemporaryKind, temporaryName } from "../protocol/upload_name.ts";
import {
  entryAt,
  HoldingFolder,
  isAt,
  MAX_ATTEMPTS,
  pathOf,
  type Place,
} from "./holding_folder.ts";
import { checkApart } from "./check_apart.ts";
import { copyTree } from "./copy_tree.ts";
import {
  lacksHardLinks,
  lstatIfExists,
  noFolder,
  type Placement,
  syncFolder,
} from "./incoming.ts";
import { joinName, SEPARATOR } from "./paths.ts";
import { isSameFile } from "./file_identity.ts";
import { queueShortWork } from "./time_slices.ts";

/** The name that a misplaced file gets in a hidden folder. */
const ASIDE = temporaryName("0".repeat(32));

/** Checks before a file is removed from a folder that leads elsewhere. */
const CHECKS = 40;

/** Options of {@linkcode deleteEntry} and {@linkcode moveEntry}. */
export interface EntryOptions {
  /**
   * Called at the last moment with the metadata of the entry. Throws if the
   * request must not go on.
   */
  check?: (info: Deno.FileInfo) => void;
}

/** Options of {@linkcode moveEntry}. */
export interface MoveOptions extends EntryOptions {
  /** Whether to replace an entry with the new name. */
  overwrite: boolean;
}

/**
 * Deletes a file, a link, or a folder with its content. The name is free at once,
 * and comes back if something in the folder cannot be deleted.
 *
 * @param place The place of the entry
 * @param options See {@linkcode EntryOptions}
 * @returns The names in the folder that cannot be deleted
 * @throws {RequestError} 404 if there is no entry, 403 if it cannot be deleted
 * @throws {Error} If `check` throws, or the system refuses
 */
export async function deleteEntry(
  place: Place,
  { check }: EntryOptions = {},
): Promise<string[]> {
  const { folder, name } = place;
  const holding = await queueShortWork(() => {
    const info = existing(place);
    check?.(info);
    return held(place, info, "trash");
  });
  const failed = await holding.remove(name);
  if (failed === undefined) {
    await syncFolder(folder);
    return [];
  }
  holding.putBack(name);
  holding.close();
  if (failed.length > 0) return failed;
  throw new RequestError(403, "The server has no permission to delete this");
}

/**
 * Moves an entry to another place, or gives it another name. Of a link, the link
 * itself is moved.
 *
 * @param from The place of the entry
 * @param to Its new place
 * @param options See {@linkcode MoveOptions}
 * @returns Whether another entry was replaced
 * @throws {RequestError} 404 if there is no entry, 412 if the new name is in use
 * and must not be replaced, 403 if one place is in the other
 * @throws {Error} If `check` throws, or the system refuses
 */
export async function moveEntry(
  from: Place,
  to: Place,
  { overwrite, check }: MoveOptions,
): Promise<Placement> {
  checkApart(pathOf(from), pathOf(to));
  let moved: Moved;
  try {
    moved = await queueShortWork(() => moveNow(from, to, { overwrite, check }));
  } catch (error) {
    if (!isOtherDisk(error)) throw error;
    return await moveToOtherDisk(from, to, overwrite);
  }
  const { placement, isLinked, held } = moved;
  // A hard link of the entry: the new name exists, and the old one goes.
  if (isLinked && held.length === 0) await deleteEntry(from);
  for (const [holding, name] of held) await holding.remove(name);
  await syncFolder(to.folder);
  if (from.folder !== to.folder) await syncFolder(from.folder);
  return placement;
}

/**
 * Gives a complete copy its final name.
 *
 * @param path The path of the copy, in a hidden folder
 * @param to Its place
 * @param overwrite Whether to replace an entry with this name
 * @returns Whether another entry was replaced
 * @throws {RequestError} 412 if the name is in use and must not be replaced
 */
export async function placeCopy(
  path: string,
  to: Place,
  overwrite: boolean,
): Promise<Placement> {
  const { placement, isLinked, held } = await queueShortWork(() =>
    place(path, Deno.lstatSync(path), to, overwrite)
  );
  if (isLinked) Deno.removeSync(path);
  for (const [holding, name] of held) await holding.remove(name);
  await syncFolder(to.folder);
  return placement;
}

function existing(place: Place): Deno.FileInfo {
  const info = entryAt(place);
  if (info === undefined) throw new RequestError(404, "File not found");
  return info;
}

function held(
  { folder, name, root }: Place,
  info: Deno.FileInfo,
  kind: TemporaryKind,
): HoldingFolder {
  const holding = HoldingFolder.create(folder, root, kind);
  try {
    holding.take(name, info);
  } catch (error) {
    holding.close();
    throw isBusy(error) || isOtherDisk(error) ? inUse() : error;
  }
  return holding;
}

/** The outcome of a move on one disk. */
interface Moved {
  readonly placement: Placement;
  /** Whether the entry has both names now. */
  readonly isLinked: boolean;
  /** Hidden folders to remove, and the name of what they hold. */
  readonly held: readonly (readonly [HoldingFolder, name: string])[];
}

/**
 * Moves an entry within one disk. Runs synchronously, so that no other request of
 * this process comes between the checks and the move.
 */
function moveNow(
  from: Place,
  to: Place,
  { overwrite, check }: MoveOptions,
): Moved {
  const info = existing(from);
  check?.(info);
  if (entryAt(to) !== undefined && !overwrite) throw nameInUse();
  using undo = new DisposableStack();
  const emptied: (readonly [HoldingFolder, string])[] = [];
  let path = pathOf(from);
  if (mayBeExchanged(from)) {
    const holding = held(from, info, "moved");
    undo.defer(() => {
      holding.putBack(from.name);
      holding.close();
    });
    path = holding.at(from.name);
    emptied.push([holding, from.name]);
  }
  if (mayBeExchanged(to)) {
    const before = path;
    const staging = HoldingFolder.create(to.folder, to.root, "moved");
    undo.defer(() => staging.close());
    path = staging.at(to.name);
    Deno.renameSync(before, path);
    undo.defer(() => staging.putBack(to.name, before));
    emptied.push([staging, to.name]);
  }
  const placed = place(path, info, to, overwrite);
  undo.move();
  return { ...placed, held: [...emptied, ...placed.held] };
}

/** Whether another process might exchange the folder for a link. */
function mayBeExchanged({ folder, root }: Place): boolean {
  return root !== undefined && folder !== root;
}

/** Gives an entry, in a place that cannot be exchanged, its final name. */
function place(
  source: string,
  info: Deno.FileInfo,
  to: Place,
  overwrite: boolean,
): Moved {
  const target = pathOf(to);
  const present = entryAt(to);
  if (present !== undefined && !overwrite) throw nameInUse();
  const mayLink = present === undefined && !overwrite && info.isFile;
  if (mayLink && linkTo(source, info, to)) {
    return { placement: "created", isLinked: true, held: [] };
  }
  const isSpelling = present !== undefined && isSameFile(present, info) &&
    isOtherSpelling(source, target);
  const isReplaced = present === undefined || isSpelling ||
    !(present.isDirectory || info.isDirectory || isSameFile(present, info));
  using undo = new DisposableStack();
  const old = isReplaced ? undefined : held(to, present, "old");
  undo.defer(() => {
    old?.putBack(to.name);
    old?.close();
  });
  const start = Date.now();
  try {
    Deno.renameSync(source, target);
  } catch (error) {
    throw isBusy(error) ? inUse() : error;
  }
  if (!isAt(to, info, start)) {
    moveBack(source, target);
    throw noFolder();
  }
  undo.move();
  return {
    placement: present === undefined ? "created" : "replaced",
    isLinked: false,
    held: old === undefined ? [] : [[old, to.name]],
  };
}

/**
 * Gives a file a second name, which fails if the name is in use: another process
 * may have created it since the last check.
 *
 * @returns Whether it has this name now; if not, the caller has to rename it.
 */
function linkTo(source: string, info: Deno.FileInfo, to: Place): boolean {
  const start = Date.now();
  try {
    Deno.linkSync(source, pathOf(to));
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) throw nameInUse();
    if (lacksHardLinks(error) || isOtherDisk(error)) return false;
    throw error;
  }
  if (isAt(to, info, start)) return true;
  if (mayBeExchanged(to)) unlink(source, info, pathOf(to));
  throw noFolder();
}

/**
 * Takes the second name of a file away. Another file may have it at any moment, as
 * the folder may be exchanged for a link. So the name first goes into the hidden
 * folder of the source, which exists in one of the two only.
 */
function unlink(source: string, info: Deno.FileInfo, target: string): void {
  const folder = source.slice(0, source.lastIndexOf(SEPARATOR));
  const aside = joinName(folder, ASIDE);
  for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
    try {
      Deno.renameSync(target, aside);
      if (isSameFile(info, Deno.lstatSync(aside))) Deno.removeSync(aside);
      else moveBack(target, aside);
      return;
    } catch {
      // The folder leads elsewhere at this moment, perhaps to the second name.
    }
    try {
      if (isElsewhere(source, info, target)) return Deno.removeSync(target);
      if (Deno.lstatSync(source).nlink === 1) return;
    } catch {
      // Try again.
    }
  }
}

/**
 * Whether the hidden folder of a file is not found, and its second name is. Both
 * are checked in random order, so that nobody can exchange folders in step.
 */
function isElsewhere(
  source: string,
  info: Deno.FileInfo,
  target: string,
): boolean {
  return crypto.getRandomValues(new Uint8Array(CHECKS)).every((random) =>
    random % 2 === 0
      ? lstatIfExists(source) === undefined
      : isSameFile(info, Deno.lstatSync(target))
  );
}

async function moveToOtherDisk(
  from: Place,
  to: Place,
  overwrite: boolean,
): Promise<Placement> {
  const holding = await queueShortWork(() =>
    held(from, existing(from), "moved")
  );
  try {
    const staging = HoldingFolder.create(to.folder, to.root, "part");
    try {
      await copyTree(holding.at(from.name), staging.at(to.name));
      const placement = await placeCopy(
        staging.at(to.name),
        to,
        overwrite,
      );
      await holding.remove(from.name);
      return placement;
    } finally {
      await staging.remove(to.name);
    }
  } catch (error) {
    holding.putBack(from.name);
    holding.close();
    throw error;
  }
}

function moveBack(source: string, target: string): void {
  try {
    if (lstatIfExists(source) === undefined) Deno.renameSync(target, source);
  } catch {
    // One of the folders leads elsewhere at this moment.
  }
}

/** On some file systems `A.txt` and `a.txt` are one name. */
function isOtherSpelling(source: string, target: string): boolean {
  const plain = (path: string): string => path.normalize("NFC").toLowerCase();
  return plain(source) === plain(target);
}

function isOtherDisk(error: unknown): boolean {
  return (error as { code?: string }).code === "EXDEV";
}

/** A mount point, or a folder in use. */
function isBusy(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === "EBUSY" || code === "ENOTEMPTY";
}

function inUse(): RequestError {
  return new RequestError(409, "The system uses this file or folder");
}

function nameInUse(): RequestError {
  return new RequestError(412, "The destination exists");
}
