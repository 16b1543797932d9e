// Copyright 2026 the pystd authors. MIT license.

/**
 * The folders of cached files. A file is used only as long as its folder is the
 * one it was read from: a folder may be moved out of the served directory, and a
 * link to it put in its place.
 *
 * @module
 */

import type { Freshness } from "./freshness.ts";
import { isSameFile } from "./file_identity.ts";
import type { ServedDirectory } from "./served_directory.ts";

/** Most folders to remember. */
const MAX_FOLDERS = 4096;

/** A folder of cached files. */
export interface Folder {
  /** Its requested path. */
  readonly path: string;
  /** Its real path. */
  readonly real: string;
  /**
   * Its metadata, if it is directly in the served directory. To compare them
   * takes half as long as to resolve its path again.
   */
  readonly info: Deno.FileInfo | undefined;
  /** Mark of the last check. */
  checked: number;
  /** The result of that check. */
  inPlace: boolean;
}

/** The folders of one served directory. */
export class Folders {
  #servedDirectory: ServedDirectory;
  #freshness: Freshness;
  #folders = new Map<string, Folder>();

  /**
   * Stores its arguments.
   *
   * @param servedDirectory The served directory.
   * @param freshness How long a check is valid.
   */
  constructor(servedDirectory: ServedDirectory, freshness: Freshness) {
    this.#servedDirectory = servedDirectory;
    this.#freshness = freshness;
  }

  /**
   * Returns the folder of a file that has been opened. Files of one folder share
   * it.
   *
   * @param path The requested path of the folder.
   * @param real Its real path.
   * @returns The folder.
   */
  get(path: string, real: string): Folder {
    const known = this.#folders.get(path);
    if (known?.real === real && this.isInPlace(known)) return known;
    const directory = this.#servedDirectory;
    const checked = this.#freshness.mark();
    const isChild = path.indexOf("/", directory.path.length + 1) === -1;
    const found = isChild ? directory.lstat(path) : undefined;
    const info = found?.ino ? found : undefined;
    const folder = { path, real, info, checked, inPlace: true };
    if (this.#folders.size >= MAX_FOLDERS) this.#folders.clear();
    this.#folders.set(path, folder);
    return folder;
  }

  /**
   * Tells whether a folder is still the same, and not replaced by a link.
   *
   * @param folder The folder.
   * @returns Whether it is.
   */
  isInPlace(folder: Folder): boolean {
    if (!this.#freshness.isValid(folder.checked)) {
      folder.checked = this.#freshness.mark();
      folder.inPlace = this.#isSame(folder);
    }
    return folder.inPlace;
  }

  #isSame({ path, real, info }: Folder): boolean {
    if (info === undefined) {
      return this.#servedDirectory.realPath(path) === real;
    }
    const now = this.#servedDirectory.lstat(path);
    return now !== undefined && now.isDirectory && isSameFile(now, info);
  }
}
