// Copyright 2026 the pystd authors. MIT license.

/**
 * The folder for uploads, and the lookup of paths in it.
 *
 * Folders are looked up as for downloads: a link that leads out of the served
 * directory counts as missing. The result is a real path, without links. A name in
 * another Unicode normal form is the same name, as for downloads: otherwise an
 * upload could hide a file from clients that request it in that form.
 *
 * @module
 */

import { RequestError } from "../protocol/request_error.ts";
import { checkUploadName } from "../protocol/upload_name.ts";
import type { NameFilter } from "./hidden.ts";
import type { Place } from "./holding_folder.ts";
import { findInOtherNormalForm, storedName } from "./normal_form.ts";
import { join, joinName, PLATFORM, SEPARATOR } from "./paths.ts";
import {
  type Found,
  type Located,
  ServedDirectory,
} from "./served_directory.ts";

/** More levels than in practice; each level makes every lookup slower. */
const DEFAULT_MAX_DEPTH = 128;

/** Options of {@linkcode UploadFolder}. */
export interface UploadFolderOptions {
  /**
   * The folder for uploads, below the served directory.
   *
   * @default {""}
   */
  subdirectory?: string;
  /**
   * Whether to follow links that lead out of the served directory.
   *
   * @default {false}
   */
  followSymlinks?: boolean;
  /**
   * Whether names may start with a dot.
   *
   * @default {false}
   */
  dotfiles?: boolean;
  /**
   * Tells which names are refused.
   *
   * @param name The name of a file or folder, without its path.
   * @returns Whether it is refused.
   */
  hide?: (name: string) => boolean;
  /**
   * Most folders in a path below the served directory.
   *
   * @default {128}
   */
  maxDepth?: number;
  /**
   * Tells which paths may be written; all by default. Links out of the served
   * directory are not followed then.
   *
   * @param below A path below the served directory; empty for the directory.
   * @returns Whether it may be created or changed.
   */
  mayWrite?: (below: string) => boolean;
}

/** The folder for uploads. */
export class UploadFolder {
  /** The path of the folder, as given. */
  readonly path: string;
  /** Whether names may start with a dot. */
  readonly dotfiles: boolean;
  /** Most folders in a path below the served directory. */
  readonly maxDepth: number;
  #options: UploadFolderOptions;
  #hide: NameFilter | undefined;
  #servedDirectory: ServedDirectory;

  /**
   * Stores its arguments.
   *
   * @param directory The served directory, an absolute path
   * @param options See {@linkcode UploadFolderOptions}
   */
  constructor(directory: string, options: UploadFolderOptions = {}) {
    const { subdirectory = "", dotfiles = false } = options;
    const followSymlinks = options.followSymlinks === true &&
      options.mayWrite === undefined;
    this.#servedDirectory = new ServedDirectory(directory, { followSymlinks });
    this.#options = options;
    this.dotfiles = dotfiles;
    this.#hide = options.hide;
    this.maxDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH;
    this.path = join(directory, subdirectory);
  }

  /**
   * Returns the same folder, of which only some paths may be written.
   *
   * @param mayWrite See {@linkcode UploadFolderOptions}; `undefined` for all
   * @returns The restricted folder
   */
  restrictedTo(mayWrite: UploadFolderOptions["mayWrite"]): UploadFolder {
    if (mayWrite === undefined) return this;
    const options = { ...this.#options, mayWrite };
    return new UploadFolder(this.#servedDirectory.path, options);
  }

  /**
   * Returns the real path of the served directory, which no link may leave.
   *
   * @returns The path; `undefined` if links are followed
   */
  root(): string | undefined {
    return this.#servedDirectory.followSymlinks
      ? undefined
      : this.#servedDirectory.realPath();
  }

  /**
   * Tells whether the folder exists within the served directory.
   *
   * @returns Whether it does
   */
  exists(): boolean {
    return this.#servedDirectory.locate(this.path).kind === "directory";
  }

  /**
   * Checks the name of an upload.
   *
   * @param name The name, unescaped
   * @throws {RequestError} 400 or 403 if it is refused
   */
  checkName(name: string): void {
    const problem = checkUploadName(name, this.dotfiles, PLATFORM);
    if (problem === "unsafe") throw new RequestError(400, "Bad file name");
    if (problem === "hidden" || this.#hide?.(name)) {
      throw new RequestError(403, "Hidden names are not allowed");
    }
  }

  /**
   * Finds a folder into which something is written.
   *
   * @param names The names of its path below the served directory
   * @param create Whether to create it and its parents if it is missing
   * @returns Its real path
   * @throws {RequestError} 400 or 403 if a name is refused, the path is too deep
   * or uploads are not allowed there, 409 if it is missing
   */
  find(names: readonly string[], create = false): string {
    this.#checkAccess(names);
    const located = this.#find(names, create);
    const below = located.path.slice(located.root.length);
    if (this.#options.mayWrite?.(below) === false) throw missing();
    return located.path;
  }

  /**
   * Finds the place of an entry to create or change.
   *
   * @param names The names of its path below the served directory
   * @param create Whether to create its folder if that is missing
   * @returns The place; the name is the stored one
   * @throws {RequestError} 403 for the served directory itself, and as `find`
   */
  place(names: readonly string[], create = false): Place {
    const asked = names.at(-1);
    if (asked === undefined) {
      throw new RequestError(403, "The shared folder itself cannot be changed");
    }
    this.checkName(asked);
    checkTop(names);
    this.#checkAccess(names);
    const { path: folder, root } = this.#find(names.slice(0, -1), create);
    const name = this.storedName(folder, asked);
    const below = joinName(folder, name).slice(root.length);
    if (this.#options.mayWrite?.(below) === false) throw missing();
    return { folder, name, root: this.root() };
  }

  #find(names: readonly string[], create: boolean): Found {
    if (names.length > this.maxDepth) {
      throw new RequestError(
        400,
        `The path is more than ${this.maxDepth} folders deep`,
      );
    }
    for (const name of names) this.checkName(name);
    checkTop(names);
    let located = this.#locate(names);
    if (located.kind === "missing" && create) {
      located = this.#makeMissing(names);
    }
    if (located.kind === "missing") throw missing();
    if (located.kind === "file") throw isFile();
    if (!this.#contains(located.path)) throw notAllowed();
    return located;
  }

  /** Checks a path as it was requested, before anything is looked up. */
  #checkAccess(names: readonly string[]): void {
    const below = names.map((name) => SEPARATOR + name).join("");
    if (this.#options.mayWrite?.(below) === false) throw notAllowed();
  }

  /**
   * Tells whether a folder exists.
   *
   * @param names The names of its path below the served directory
   * @returns Whether it does
   */
  has(names: readonly string[]): boolean {
    const located = this.#locate(names);
    return located.kind === "directory" &&
      this.#options.mayWrite?.(located.path.slice(located.root.length)) !==
        false;
  }

  /**
   * Finds the stored name of a file or folder, in any Unicode normal form.
   *
   * @param folder The folder, as returned by {@linkcode UploadFolder.find}
   * @param name A name accepted by {@linkcode UploadFolder.checkName}
   * @returns The stored name; `name` if there is none
   */
  storedName(folder: string, name: string): string {
    return storedName(this.#servedDirectory, folder, name) ?? name;
  }

  #locate(names: readonly string[]): Located {
    const path = join(this.#servedDirectory.path, ...names);
    const located = this.#servedDirectory.locate(path);
    if (located.kind !== "missing") return located;
    const stored = findInOtherNormalForm(this.#servedDirectory, path);
    return stored === undefined
      ? located
      : this.#servedDirectory.locate(stored);
  }

  #makeMissing(names: readonly string[]): Located {
    let there = names.length;
    let parent: Located;
    do {
      parent = this.#locate(names.slice(0, --there));
    } while (parent.kind === "missing" && there > 0);
    if (parent.kind === "file") throw isFile();
    if (parent.kind === "missing" || !this.#contains(parent.path)) {
      throw missing();
    }
    let { path } = parent;
    for (const name of names.slice(there)) {
      path = join(path, name);
      const below = path.slice(parent.root.length);
      if (this.#options.mayWrite?.(below) === false) throw missing();
      makeFolder(path);
      // If a parent was replaced by a link, the folder is elsewhere: remove it.
      if (Deno.realPathSync(path) !== path) {
        Deno.removeSync(path);
        throw missing();
      }
    }
    return this.#servedDirectory.locate(path);
  }

  /** Whether uploads to a real path are allowed. */
  #contains(real: string): boolean {
    const located = this.#servedDirectory.locate(this.path);
    if (located.kind === "missing") return false;
    const top = located.path.endsWith(SEPARATOR)
      ? located.path
      : located.path + SEPARATOR;
    if (real !== located.path && !real.startsWith(top)) return false;
    // Links to hidden folders are not served either.
    return !real.slice(top.length).split(SEPARATOR).some((name) =>
      (!this.dotfiles && name.startsWith(".")) || this.#hide?.(name)
    );
  }
}

/** Files there speak for the whole site: to get a certificate, for example. */
function checkTop(names: readonly string[]): void {
  if (names[0] === ".well-known") throw notAllowed();
}

function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    const { isDirectory } = Deno.lstatSync(path);
    // Another request has created it, unless it is a broken link.
    if (!isDirectory) throw missing();
  }
}

function notAllowed(): RequestError {
  return new RequestError(403, "Uploads are not allowed here");
}

function isFile(): RequestError {
  return new RequestError(409, "A file with this name already exists");
}

function missing(): RequestError {
  return new RequestError(409, "The folder does not exist");
}
