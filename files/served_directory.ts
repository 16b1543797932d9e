// Copyright 2026 the pystd authors. MIT license.

/**
 * The directory that is served, and what may be reached in it.
 *
 * A path is looked up in three steps: where does it really lead, is that
 * within the directory, is it a file or a directory. Deno's
 * `--allow-read=DIR` follows symbolic links out of DIR, so that the second
 * step is ours to do.
 *
 * Between that look-up and the opening somebody may put a link, or anything
 * else, in the place of a file or of one of its parents. So it is opened
 * without waiting (a FIFO would have us wait for ever), and what was opened
 * has to be a regular file, the one that stands at the path, and the path has
 * to be free of links: see `symlink_race.ts`.
 *
 * The calls are synchronous: each takes some 3 µs where its asynchronous form
 * takes 50.
 *
 * @module
 */

import { hasHiddenName } from "./hidden.ts";
import { type FileSystem, isFreeOfLinks, parentOf } from "./symlink_race.ts";
import { mayExist, OpenFile } from "./open_file.ts";
import { PLATFORM, SEPARATOR } from "./paths.ts";

/** A file or directory that a path leads to. */
export interface Found {
  /** What it is. */
  kind: "file" | "directory";
  /** Its real path. */
  path: string;
  /** The real path of the directory that is served. */
  root: string;
  /** What it was when it was looked at. */
  info: Deno.FileInfo;
}

/** What a path leads to. */
export type Located = Found | { kind: "missing" };

const MISSING: Located = { kind: "missing" };

/** A file that has been opened for reading. Whoever has it closes it. */
export interface OpenedFile {
  /** The file. */
  file: OpenFile;
  /** What it was when it was opened. */
  info: Deno.FileInfo;
}

/** What the system is asked by where no test puts another in its place. */
export const FILE_SYSTEM: FileSystem = {
  now: () => Date.now(),
  realPath: (path) => Deno.realPathSync(path),
  lstat: (path) => Deno.lstatSync(path),
  open: (path) => new OpenFile(path),
  list: (path) => [...Deno.readDirSync(path)],
  mayExist,
};

/** What may be reached in a directory. */
export interface ServedDirectoryOptions {
  /**
   * Whether links that lead out of the directory are followed.
   *
   * @default {false}
   */
  readonly followSymlinks?: boolean;
  /**
   * Whether names that start with a dot are there.
   *
   * @default {true}
   */
  readonly dotfiles?: boolean;
}

/**
 * A directory, and what may be reached in it.
 *
 * @example Look, as a handler does
 * ```ts
 * import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Looker extends SimpleHTTPRequestHandler {
 *   do_LOOK(): void {
 *     const found = this.servedDirectory.locate(this.translatePath(this.path));
 *     this.sendError(found.kind === "missing" ? 404 : 400);
 *   }
 * }
 *
 * const request = "LOOK /../no-such-file HTTP/1.1\r\nHost: h\r\n\r\n";
 * assertEquals((await respond(Looker, request)).status, 404);
 * ```
 */
export class ServedDirectory {
  /** The directory as it was given. */
  readonly path: string;
  /** Whether links that lead out of the directory are followed. */
  readonly followSymlinks: boolean;
  /** Whether names that start with a dot are there. */
  readonly dotfiles: boolean;
  #system: FileSystem;

  /**
   * Stores its arguments: the directory need not exist yet.
   *
   * @param directory The directory.
   * @param options What may be reached in it.
   * @param system What the system is asked by.
   */
  constructor(
    directory: string,
    options: ServedDirectoryOptions = {},
    system: FileSystem = FILE_SYSTEM,
  ) {
    this.path = directory;
    this.followSymlinks = options.followSymlinks ?? false;
    this.dotfiles = options.dotfiles ?? true;
    this.#system = system;
  }

  /**
   * A real path, as it is now. The directory itself may be a link that is led
   * elsewhere when a site is deployed.
   *
   * @param path The path; the directory's by default.
   * @returns Its real path, `undefined` if nothing is there.
   */
  realPath(path: string = this.path): string | undefined {
    try {
      return this.#system.realPath(path);
    } catch {
      return undefined;
    }
  }

  /**
   * Finds what a path leads to.
   *
   * @param path A path, absolute or relative to the working directory.
   * @returns A regular file or a directory, with its real path; missing is
   * also what must not be read, what leads out, what is hidden, and what is
   * neither.
   */
  locate(path: string): Located {
    try {
      if (this.#system.mayExist?.(path) === false) return MISSING;
      const real = this.#system.realPath(path);
      const root = this.realPath();
      if (root === undefined) return MISSING;
      if (!this.followSymlinks && !isWithin(real, root)) return MISSING;
      if (!this.dotfiles && this.#isHidden(path, real, root)) return MISSING;
      const info = this.#system.lstat(real);
      // A path that ends in a slash is that of a directory.
      if (info.isFile && !path.endsWith("/")) {
        return { kind: "file", path: real, root, info };
      }
      if (info.isDirectory) {
        return { kind: "directory", path: real, root, info };
      }
    } catch {
      // Not there, not readable, a loop of links, or a name that cannot be.
    }
    return MISSING;
  }

  /**
   * Opens a file that was located. It need not be the same one by now: a file
   * may be replaced at any time. But it is a regular one that stands at the
   * path.
   *
   * @param found What `locate` found.
   * @returns The file, `undefined` if something has changed in between: then
   * it may be located and opened anew.
   */
  open(found: Found): OpenedFile | undefined {
    const { path } = found;
    const system = this.#system;
    const start = system.now();
    let file: OpenFile;
    try {
      file = system.open(path);
    } catch {
      return undefined;
    }
    try {
      const info = system.lstat(path);
      if (isSameFile(file, info) && this.#isFreeOfLinks(found, file, start)) {
        return { file, info };
      }
    } catch {
      // As if it were another.
    }
    file.close();
    return undefined;
  }

  /**
   * Reads a directory that was located.
   *
   * @param found What `locate` found.
   * @returns Its entries, without hidden ones; `undefined` if something has
   * changed in between: then it may be located and read anew.
   * @throws {Error} If it cannot be read.
   */
  list(found: Found): Deno.DirEntry[] | undefined {
    const start = this.#system.now();
    const entries = this.#system.list(found.path);
    if (!this.confirms(found, start, entries)) return undefined;
    return this.dotfiles
      ? entries
      : entries.filter((entry) => this.shows(found.path, entry));
  }

  /**
   * Whether what was read is a directory that was located, for those who read
   * it themselves: `list` does this.
   *
   * @param found What `locate` found.
   * @param start When they began to read it, in epoch ms.
   * @param entries What they read.
   * @returns Whether it was that directory.
   */
  confirms(
    { path, root }: Found,
    start: number,
    entries: readonly { readonly name: string }[],
  ): boolean {
    if (this.followSymlinks || path === root) return true;
    const system = this.#system;
    // Where none of some names is, it was another place that was read. Of one
    // alone that would not be sure: entries come and go.
    const isThere = (random: number): boolean =>
      entries.length === 0 ||
      [1, 31, 1009].some((step) =>
        this.#exists(
          path + SEPARATOR + entries[random * step % entries.length].name,
        )
      );
    try {
      return isFreeOfLinks(path, root, start, isThere, system);
    } catch {
      return false;
    }
  }

  /**
   * Whether a listing shows an entry: it has no hidden name, and is no link to
   * what has one. A link that leads nowhere, or out, is shown: it tells
   * nothing.
   *
   * @param directory The directory's path.
   * @param entry The entry.
   * @returns Whether it is shown.
   */
  shows(directory: string, { name, isSymlink }: Deno.DirEntry): boolean {
    if (this.dotfiles) return true;
    if (name.startsWith(".")) return false;
    if (!isSymlink) return true;
    try {
      const real = this.#system.realPath(directory + SEPARATOR + name);
      const root = this.realPath() ?? "";
      return !isWithin(real, root) ||
        !hasHiddenName(real.slice(root.length), PLATFORM);
    } catch {
      return true;
    }
  }

  /**
   * Whether a path is the directory's own or lies in it.
   *
   * @param real A real path.
   * @returns Whether it is within the directory.
   */
  contains(real: string): boolean {
    const root = this.realPath();
    return root !== undefined && isWithin(real, root);
  }

  #exists(path: string): boolean {
    try {
      this.#system.lstat(path);
      return true;
    } catch {
      return false;
    }
  }

  #isFreeOfLinks(
    { path, root }: Found,
    file: OpenFile,
    start: number,
  ): boolean {
    if (this.followSymlinks) return true;
    const directory = parentOf(path, root);
    // Where the served directory is, is the operator's; and the file is the
    // one that was looked at in it.
    if (directory === root) return true;
    const isIt = (): boolean => isSameFile(file, this.#system.lstat(path));
    return isFreeOfLinks(directory, root, start, isIt, this.#system);
  }

  #isHidden(path: string, real: string, root: string): boolean {
    const directory = this.path;
    // A path that does not start there is one that was found before.
    const asked = path.startsWith(directory)
      ? path.slice(directory.length)
      : "";
    return hasHiddenName(asked, PLATFORM) ||
      hasHiddenName(
        isWithin(real, root) ? real.slice(root.length) : real,
        PLATFORM,
      );
  }
}

/** Whether a real path is that of a directory or lies in it. */
function isWithin(real: string, root: string): boolean {
  return real.startsWith(root) &&
    (real.length === root.length || root.endsWith(SEPARATOR) ||
      real[root.length] === SEPARATOR);
}

/** What tells a file from others. */
export interface FileIdentity {
  /** Its device. */
  readonly dev: number;
  /** Its inode. */
  readonly ino: number | null;
}

/**
 * Whether two results are about one file: device and inode are equal. Where a
 * system does not tell them (`null` or 0, on Windows), there is nothing to
 * compare.
 *
 * @param a One result.
 * @param b The other.
 * @returns Whether they are about the same file.
 */
export function isSameFile(a: FileIdentity, b: FileIdentity): boolean {
  if (!a.ino || !b.ino) return true;
  return a.ino === b.ino && (a.dev === b.dev || !a.dev || !b.dev);
}

/**
 * Whether a file is as it was: the same one, of the same size and times. The
 * time of the last change (`ctime`) cannot be set back as that of modification
 * can.
 *
 * @param a One result.
 * @param b The other.
 * @returns Whether nothing has changed in between.
 */
export function isUnchanged(a: Deno.FileInfo, b: Deno.FileInfo): boolean {
  return isSameFile(a, b) && a.size === b.size &&
    a.mtime?.getTime() === b.mtime?.getTime() &&
    a.ctime?.getTime() === b.ctime?.getTime();
}
