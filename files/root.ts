// Copyright 2026 the pystd authors. MIT license.

/**
 * The directory that is served, and what may be reached in it.
 *
 * A path is looked up in three steps: where does it really lead, is that
 * within the directory, is it a file or a directory. Deno's
 * `--allow-read=DIR` follows symbolic links out of DIR, so that the second
 * step is ours to do.
 *
 * Between that look-up and the opening somebody may put a link in the place
 * of a file or of one of its parents. So an opened file is compared with what
 * was looked up, and looked up again.
 *
 * The calls are synchronous: each takes some 3 µs where its asynchronous form
 * takes 50.
 *
 * @module
 */

import { SEPARATOR } from "@std/path/constants";

/** What a path leads to. */
export type Located =
  | { kind: "file" | "directory"; path: string; info: Deno.FileInfo }
  | { kind: "missing" };

const MISSING: Located = { kind: "missing" };

/** A file that has been opened for reading. Whoever has it closes it. */
export interface OpenedFile {
  /** The file. */
  file: Deno.FsFile;
  /** What it was when it was opened. */
  info: Deno.FileInfo;
}

/** A directory, and whether links may lead out of it. */
export class Root {
  /** The directory as it was given. */
  readonly directory: string;
  /** Whether links that lead out of the directory are followed. */
  readonly followSymlinks: boolean;

  /**
   * Stores its arguments: the directory need not exist yet.
   *
   * @param directory The directory.
   * @param followSymlinks Whether links that lead out of it are followed.
   */
  constructor(directory: string, followSymlinks: boolean) {
    this.directory = directory;
    this.followSymlinks = followSymlinks;
  }

  /**
   * The directory's real path, as it is now: it may be a link itself, that is
   * changed when a site is deployed.
   *
   * @returns The path, `undefined` if there is no such directory.
   */
  realPath(): string | undefined {
    try {
      return Deno.realPathSync(this.directory);
    } catch {
      return undefined;
    }
  }

  /**
   * Finds what a path leads to.
   *
   * @param path A path, absolute or relative to the working directory.
   * @returns A regular file or a directory, with its real path; missing is
   * also what must not be read, what leads out, and what is neither.
   */
  locate(path: string): Located {
    try {
      const real = Deno.realPathSync(path);
      if (!this.followSymlinks && !this.contains(real)) return MISSING;
      const info = Deno.lstatSync(real);
      // A path that ends in a slash is that of a directory.
      if (info.isFile && !path.endsWith("/")) {
        return { kind: "file", path: real, info };
      }
      if (info.isDirectory) return { kind: "directory", path: real, info };
    } catch {
      // Not there, not readable, a loop of links, or a name that cannot be.
    }
    return MISSING;
  }

  /**
   * Opens a file that was located.
   *
   * @param path Its real path.
   * @param info What `locate` found there.
   * @returns The file, `undefined` if it is not the one that was located.
   */
  open(path: string, info: Deno.FileInfo): OpenedFile | undefined {
    let file: Deno.FsFile;
    try {
      file = Deno.openSync(path);
    } catch {
      return undefined;
    }
    try {
      const opened = file.statSync();
      const again = this.locate(path);
      if (
        isSame(opened, info) && again.kind === "file" &&
        again.path === path && isSame(opened, again.info)
      ) return { file, info: opened };
    } catch {
      // As if it were another.
    }
    file.close();
    return undefined;
  }

  /**
   * Whether a path is the directory's own or lies in it.
   *
   * @param real A real path.
   * @returns Whether it is within the directory.
   */
  contains(real: string): boolean {
    const root = this.realPath();
    if (root === undefined) return false;
    return real === root || real.startsWith(root + SEPARATOR) ||
      root === SEPARATOR;
  }
}

/**
 * Whether two results are about one file: device and inode are equal. Where a
 * system has no inodes, there is nothing to compare.
 *
 * @param a One result.
 * @param b The other.
 * @returns Whether they are about the same file.
 */
export function isSame(a: Deno.FileInfo, b: Deno.FileInfo): boolean {
  return a.ino === b.ino && a.dev === b.dev;
}

/**
 * Whether a file is as it was: the same one, of the same size and time.
 *
 * @param a One result.
 * @param b The other.
 * @returns Whether nothing has changed in between.
 */
export function isUnchanged(a: Deno.FileInfo, b: Deno.FileInfo): boolean {
  return isSame(a, b) && a.size === b.size &&
    a.mtime?.getTime() === b.mtime?.getTime();
}
