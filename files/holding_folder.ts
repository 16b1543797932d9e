// Copyright 2026 the pystd authors. MIT license.

/**
 * A hidden folder beside an entry. It holds the entry while this is deleted or
 * replaced, or a copy until it is complete.
 *
 *     create -> take -> remove      (or putBack)
 *
 * Its name is random, and only this process may look into it (mode 700). So no
 * other user can exchange anything on the path of the held entry for a link, and
 * a path through the folder cannot lead to a file elsewhere: if the parent folder
 * is exchanged for a link, the path does not exist there. Deno deletes a tree with
 * `openat()` and `unlinkat()`, which follow no links.
 *
 * The entry keeps its name in the folder. After a crash, the next start thus knows
 * the place of what was being replaced (`leftovers.ts`).
 *
 * @module
 */

import { type TemporaryKind, temporaryName } from "../protocol/upload_name.ts";
import { lstatIfExists, noFolder } from "./incoming.ts";
import { joinName } from "./paths.ts";
import { isSameFile } from "./file_identity.ts";
import { FILE_SYSTEM } from "./served_directory.ts";
import { isFreeOfLinks } from "./symlink_race.ts";

/** Most attempts to put back an entry while other processes exchange folders. */
export const MAX_ATTEMPTS = 10_000;

/** A name in a folder. */
export interface Place {
  /** The real path of the folder. */
  readonly folder: string;
  /** The name. */
  readonly name: string;
  /**
   * The real path of the served directory; `undefined` if links are followed.
   */
  readonly root: string | undefined;
}

/**
 * Returns the path of a place.
 *
 * @param place The place.
 * @returns The path.
 */
export function pathOf({ folder, name }: Place): string {
  return joinName(folder, name);
}

/**
 * Returns the metadata of the entry at a place, not following links.
 *
 * @param place The place.
 * @returns The metadata; `undefined` if there is no entry.
 * @throws {RequestError} 409 if the folder was replaced by a link.
 */
export function entryAt(place: Place): Deno.FileInfo | undefined {
  const start = Date.now();
  const info = lstatIfExists(pathOf(place));
  if (info !== undefined && !isAt(place, info, start)) throw noFolder();
  return info;
}

/**
 * Tells whether an entry is at a place, on a path without links.
 *
 * @param place The place.
 * @param info The metadata of the entry.
 * @param start When the caller began, in epoch ms.
 * @returns Whether it is.
 */
export function isAt(
  place: Place,
  info: Deno.FileInfo,
  start: number,
): boolean {
  const { folder, root } = place;
  const path = pathOf(place);
  const isIt = (): boolean => isSameFile(info, Deno.lstatSync(path));
  try {
    // The location of the served directory itself is up to the operator.
    if (root === undefined || folder === root) return isIt();
    return isIt() && isFreeOfLinks(folder, root, start, isIt, FILE_SYSTEM);
  } catch {
    return false;
  }
}

/** A hidden folder that holds an entry. */
export class HoldingFolder {
  /** The folder in which it is, a real path. */
  readonly parent: string;
  #path: string;
  /** An open file in it, whose lock tells other processes that it is in use. */
  #lock: Deno.FsFile | undefined;

  /**
   * Stores its arguments: see {@linkcode HoldingFolder.create}.
   *
   * @param parent The folder in which it is, a real path.
   * @param path Its own path.
   */
  constructor(parent: string, path: string) {
    this.parent = parent;
    this.#path = path;
  }

  /** Its own path. */
  get path(): string {
    return this.#path;
  }

  /**
   * Creates a folder.
   *
   * @param parent The folder in which to create it, a real path.
   * @param root See {@linkcode Place}.
   * @param kind What it will hold.
   * @returns The folder.
   * @throws {RequestError} 409 if the parent was replaced by a link.
   * @throws {Error} If it cannot be created.
   */
  static create(
    parent: string,
    root: string | undefined,
    kind: TemporaryKind,
  ): HoldingFolder {
    const start = Date.now();
    const id = crypto.randomUUID().replaceAll("-", "");
    const name = temporaryName(id, kind);
    const path = joinName(parent, name);
    Deno.mkdirSync(path, { mode: 0o700 });
    const info = lstatIfExists(path);
    if (
      info === undefined || !isAt({ folder: parent, name, root }, info, start)
    ) {
      removeMisplaced(path);
      throw noFolder();
    }
    const holding = new HoldingFolder(parent, path);
    if (kind !== "trash") holding.#hold(joinName(path, temporaryName(id)));
    return holding;
  }

  /**
   * Returns the path of an entry of this folder.
   *
   * @param name The name of the entry.
   * @returns The path.
   */
  at(name: string): string {
    return joinName(this.path, name);
  }

  /**
   * Moves an entry of the parent folder into this one.
   *
   * @param name The name of the entry.
   * @param info Its metadata, from {@linkcode entryAt}.
   * @throws {RequestError} 409 if another entry has that name now.
   * @throws {Error} If it cannot be moved.
   */
  take(name: string, info: Deno.FileInfo): void {
    Deno.renameSync(joinName(this.parent, name), this.at(name));
    if (isSameFile(info, Deno.lstatSync(this.at(name)))) return;
    this.putBack(name);
    throw noFolder();
  }

  /**
   * Moves the entry back, unless its name is in use now. If that is impossible, the
   * entry stays, and the next start moves it back.
   *
   * @param name The name of the entry.
   * @param place Its path outside of this folder.
   */
  putBack(name: string, place = joinName(this.parent, name)): void {
    for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
      try {
        if (lstatIfExists(place) !== undefined) return;
        Deno.renameSync(this.at(name), place);
        return;
      } catch {
        // The parent folder leads elsewhere at this moment, or it is gone.
        if (lstatIfExists(this.at(name)) === undefined && tries > 0) return;
      }
    }
  }

  /**
   * Removes the folder with the entry. A crash does not bring the entry back.
   *
   * @param name The name of the entry.
   * @returns The names in the entry that cannot be removed; `undefined` if all is
   * removed.
   */
  async remove(name: string): Promise<string[] | undefined> {
    this.#release();
    this.#becomeTrash();
    try {
      await Deno.remove(this.path, { recursive: true });
      return undefined;
    } catch {
      // Something cannot be removed: remove the rest.
    }
    const failed: string[] = [];
    for (const child of childrenOf(this.at(name))) {
      try {
        await Deno.remove(joinName(this.at(name), child), { recursive: true });
      } catch {
        failed.push(child);
      }
    }
    return failed;
  }

  /** Removes the folder if it holds nothing. */
  close(): void {
    this.#release();
    removeIfEmpty(this.path);
  }

  #hold(path: string): void {
    this.#lock = Deno.openSync(path, { createNew: true, write: true });
    try {
      this.#lock.tryLockSync(true);
    } catch {
      // The file system has no locks, so no other process has one either.
    }
  }

  #becomeTrash(): void {
    const path = this.path.replace(/\.\w+$/, ".trash");
    if (path === this.path) return;
    try {
      Deno.renameSync(this.path, path);
      this.#path = path;
    } catch {
      // Removed before, or its parent folder leads elsewhere at this moment.
    }
  }

  #release(): void {
    if (this.#lock === undefined) return;
    unlock(this.#lock);
    this.#lock.close();
    this.#lock = undefined;
    try {
      const name = this.path.slice(this.path.lastIndexOf(".pystd-"));
      Deno.removeSync(this.at(name.replace(/\.\w+$/, ".part")));
    } catch {
      // Removed with the folder.
    }
  }
}

/**
 * Gives a lock up at once. Closing the file is not enough: a program that is being
 * started has a copy of its descriptor for a moment.
 */
function unlock(file: Deno.FsFile): void {
  try {
    file.unlockSync();
  } catch {
    // The file system has no locks.
  }
}

function childrenOf(path: string): string[] {
  try {
    if (!Deno.lstatSync(path).isDirectory) return [];
    return Array.from(Deno.readDirSync(path), ({ name }) => name);
  } catch {
    return [];
  }
}

/** Removes an empty folder that is in the wrong place. */
function removeMisplaced(path: string): void {
  for (let tries = 0; tries < MAX_ATTEMPTS; tries++) {
    try {
      Deno.removeSync(path);
      return;
    } catch {
      // The path leads elsewhere at this moment: try again.
    }
  }
}

function removeIfEmpty(path: string): void {
  try {
    Deno.removeSync(path);
  } catch {
    // Not empty, removed before, or left for the next start.
  }
}
