// Copyright 2026 the pystd authors. MIT license.

/**
 * The folder that may be written to, and how a path leads to a place in it.
 *
 * A folder is looked up as for a download: a link that leads out of the served
 * directory leads nowhere. What comes back is a real path, in which no link is
 * left to follow. A name in another Unicode normal form is the same name, as for
 * a download: otherwise an upload could take the place of a file for those who
 * ask for it in that form.
 *
 * @module
 */

import { RequestError } from "../protocol/request_error.ts";
import { checkUploadName } from "../protocol/upload_name.ts";
import { findInOtherNormalForm, storedName } from "./normal_form.ts";
import { join, PLATFORM, SEPARATOR } from "./paths.ts";
import { type Located, ServedDirectory } from "./served_directory.ts";

/** More levels than people make; each level costs each look-up time. */
const DEFAULT_MAX_DEPTH = 128;

/** Where uploads may go, and under which names. */
export interface UploadFolderOptions {
  /**
   * The folder below the served directory that may be written to.
   *
   * @default {""}
   */
  subdirectory?: string;
  /**
   * Whether links that lead out of the served directory are followed.
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
   * How many folders deep a path may lead, from the served directory on.
   *
   * @default {128}
   */
  maxDepth?: number;
}

/** Finds places for what is uploaded. */
export class UploadFolder {
  /** The folder that may be written to, as it was given. */
  readonly path: string;
  /** Whether names may start with a dot. */
  readonly dotfiles: boolean;
  #servedDirectory: ServedDirectory;
  #maxDepth: number;

  /**
   * Stores its arguments.
   *
   * @param directory The directory that is served, an absolute path
   * @param options See {@linkcode UploadFolderOptions}
   */
  constructor(directory: string, options: UploadFolderOptions = {}) {
    const { subdirectory = "", followSymlinks = false, dotfiles = false } =
      options;
    this.#servedDirectory = new ServedDirectory(directory, { followSymlinks });
    this.dotfiles = dotfiles;
    this.#maxDepth = options.maxDepth ?? DEFAULT_MAX_DEPTH;
    this.path = join(directory, subdirectory);
  }

  /**
   * The served directory's real path, which no link may lead out of.
   *
   * @returns The path; `undefined` if links are followed
   */
  top(): string | undefined {
    return this.#servedDirectory.followSymlinks
      ? undefined
      : this.#servedDirectory.realPath();
  }

  /**
   * Whether there is such a folder, within the served directory.
   *
   * @returns Whether it can be found
   */
  exists(): boolean {
    return this.#servedDirectory.locate(this.path).kind === "directory";
  }

  /**
   * Checks a name that something is to be saved under.
   *
   * @param name The name, unescaped
   * @throws {RequestError} 400 or 403 if it is refused
   */
  checkName(name: string): void {
    switch (checkUploadName(name, this.dotfiles, PLATFORM)) {
      case "unsafe":
        throw new RequestError(400, "Bad file name");
      case "hidden":
        throw new RequestError(403, "Hidden names are not allowed");
    }
  }

  /**
   * Finds a folder.
   *
   * @param names The names that lead to it from the served directory
   * @param create Whether it is made if it is not there, parents and all
   * @returns Its real path
   * @throws {RequestError} 400 or 403 if a name is refused, the path is too deep
   * or the folder must not be written to, 409 if it is not there
   */
  find(names: readonly string[], create = false): string {
    if (names.length > this.#maxDepth) {
      throw new RequestError(
        400,
        `The path is more than ${this.#maxDepth} folders deep`,
      );
    }
    for (const name of names) this.checkName(name);
    // What is there speaks for the whole site: to get a certificate, say.
    if (names[0] === ".well-known") {
      throw new RequestError(403, "Uploads are not allowed here");
    }
    let located = this.#locate(names);
    if (located.kind === "missing" && create) located = this.#make(names);
    if (located.kind === "missing") throw missing();
    if (located.kind === "file") throw isFile();
    if (!this.#contains(located.path)) {
      throw new RequestError(403, "Uploads are not allowed here");
    }
    return located.path;
  }

  /**
   * Whether a folder is there.
   *
   * @param names The names that lead to it from the served directory
   * @returns Whether it is
   */
  has(names: readonly string[]): boolean {
    return this.#locate(names).kind === "directory";
  }

  /**
   * Finds the name that a file or a folder has, or gets, in a folder.
   *
   * @param folder The folder, as of {@linkcode UploadFolder.find}
   * @param name A name that {@linkcode UploadFolder.checkName} let pass
   * @returns The name that the same text is stored under; `name` if there is
   * none
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

  /** Makes the folders that are missing, below the deepest one that is there. */
  #make(names: readonly string[]): Located {
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
      makeFolder(path);
      // A link may have been put above it: then it was made elsewhere.
      if (Deno.realPathSync(path) !== path) {
        Deno.removeSync(path);
        throw missing();
      }
    }
    return this.#servedDirectory.locate(path);
  }

  /** Whether a real path is one that may be written to. */
  #contains(real: string): boolean {
    const located = this.#servedDirectory.locate(this.path);
    if (located.kind === "missing") return false;
    const top = located.path.endsWith(SEPARATOR)
      ? located.path
      : located.path + SEPARATOR;
    if (real !== located.path && !real.startsWith(top)) return false;
    // A link may lead to a hidden folder, which is not served either.
    return this.dotfiles ||
      !real.slice(top.length).split(SEPARATOR)
        .some((name) => name.startsWith("."));
  }
}

function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
    const { isDirectory } = Deno.lstatSync(path);
    // Another request has just made it. A link that leads nowhere is no folder.
    if (!isDirectory) throw missing();
  }
}

function isFile(): RequestError {
  return new RequestError(409, "A file has the name of this folder");
}

function missing(): RequestError {
  return new RequestError(409, "There is no such folder");
}
