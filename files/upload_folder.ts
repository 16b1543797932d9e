// Copyright 2026 the pystd authors. MIT license.

/**
 * The folder that may be written to, and how a path leads to a place in it.
 *
 * A place is found name by name, each looked up as downloads are: a link that
 * leads out of the served directory leads nowhere, be it the parent of a
 * parent. What comes back is a real path, in which nothing is left to follow.
 *
 * @module
 */

import { RequestError } from "../protocol/request_error.ts";
import { checkUploadName } from "../protocol/upload_name.ts";
import { join, PLATFORM, SEPARATOR } from "./paths.ts";
import { Root } from "./root.ts";

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
}

/** Finds places for what is uploaded. */
export class UploadFolder {
  /** The folder that may be written to, as it was given. */
  readonly path: string;
  #root: Root;
  #dotfiles: boolean;

  /**
   * Stores its arguments.
   *
   * @param directory The directory that is served, an absolute path
   * @param options See {@linkcode UploadFolderOptions}
   */
  constructor(directory: string, options: UploadFolderOptions = {}) {
    const { subdirectory = "", followSymlinks = false, dotfiles = false } =
      options;
    this.#root = new Root(directory, { followSymlinks });
    this.#dotfiles = dotfiles;
    this.path = join(directory, subdirectory);
  }

  /**
   * Whether there is such a folder, within the served directory.
   *
   * @returns Whether it can be found
   */
  exists(): boolean {
    return this.#root.locate(this.path).kind === "directory";
  }

  /**
   * Checks a name that something is to be saved under.
   *
   * @param name The name, unescaped
   * @throws {RequestError} 400 or 403 if it is refused
   */
  checkName(name: string): void {
    switch (checkUploadName(name, this.#dotfiles, PLATFORM)) {
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
   * @throws {RequestError} 400 or 403 if a name is refused or the folder is
   * none that may be written to, 409 if it is not there
   */
  find(names: readonly string[], create = false): string {
    for (const name of names) this.checkName(name);
    let real = this.#root.realPath();
    if (real === undefined) throw missing();
    for (const name of names) {
      const next = join(real, name);
      let located = this.#root.locate(next);
      if (located.kind === "missing" && create && this.#contains(real)) {
        makeFolder(next);
        located = this.#root.locate(next);
      }
      if (located.kind !== "directory") throw missing();
      real = located.path;
    }
    if (!this.#contains(real)) {
      throw new RequestError(403, "Uploads are not allowed here");
    }
    return real;
  }

  /** Whether a real path is one that may be written to. */
  #contains(real: string): boolean {
    const located = this.#root.locate(this.path);
    if (located.kind === "missing") return false;
    const top = located.path.endsWith(SEPARATOR)
      ? located.path
      : located.path + SEPARATOR;
    if (real !== located.path && !real.startsWith(top)) return false;
    // A link may lead to a hidden folder, which is not served either.
    return this.#dotfiles ||
      !real.slice(top.length).split(SEPARATOR)
        .some((name) => name.startsWith("."));
  }
}

function makeFolder(path: string): void {
  try {
    Deno.mkdirSync(path);
  } catch (error) {
    // A link that leads nowhere is there, and no folder.
    if (error instanceof Deno.errors.AlreadyExists) throw missing();
    throw error;
  }
}

function missing(): RequestError {
  return new RequestError(409, "There is no such folder");
}
