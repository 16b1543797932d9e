// Copyright 2026 the pystd authors. MIT license.

/**
 * The served directory, and access to its contents.
 *
 * Looking up a path takes three steps: get its real path, check that this is
 * within the directory, and check whether it is a file or a directory. The second
 * step is necessary since Deno's `--allow-read=DIR` follows symbolic links out of
 * DIR.
 *
 * Between lookup and opening, another process may replace the file or one of its
 * parents by a link. So the file is opened without blocking (a FIFO would block),
 * and must be a regular file, the one at its path, on a path without links: see
 * `symlink_race.ts`.
 *
 * The calls are synchronous: each takes some 3 µs, an asynchronous call 50.
 *
 * @module
 */

import { isSameFile } from "./file_identity.ts";
import { hiddenPaths } from "./hidden.ts";
import { type FileSystem, isFreeOfLinks, parentOf } from "./symlink_race.ts";
import { mayExist, OpenFile } from "./open_file.ts";
import { joinName, PLATFORM, SEPARATOR } from "./paths.ts";

/** The file or directory at a path. */
export interface Found {
  /** Its kind. */
  kind: "file" | "directory";
  /** Its real path. */
  path: string;
  /** The real path of the served directory. */
  root: string;
  /** Its metadata. */
  info: Deno.FileInfo;
}

/** The result of looking up a path. */
export type Located = Found | { kind: "missing" };

const MISSING: Located = { kind: "missing" };

/** A file opened for reading. The caller closes it. */
export interface OpenedFile {
  /** The file. */
  file: OpenFile;
  /** Its metadata when it was opened. */
  info: Deno.FileInfo;
}

/** The real file system calls; tests pass others. */
export const FILE_SYSTEM: FileSystem = {
  now: () => Date.now(),
  realPath: (path) => Deno.realPathSync(path),
  lstat: (path) => Deno.lstatSync(path),
  open: (path) => OpenFile.open(path),
  list: (path) => [...Deno.readDirSync(path)],
  mayExist,
};

/** Options of {@linkcode ServedDirectory}. */
export interface ServedDirectoryOptions {
  /**
   * Whether to follow links that lead out of the directory.
   *
   * @default {false}
   */
  readonly followSymlinks?: boolean;
  /**
   * Whether names that start with a dot are accessible.
   *
   * @default {true}
   */
  readonly dotfiles?: boolean;
  /**
   * Tells which names are not accessible.
   *
   * @param name The name of a file or folder, without its path.
   * @returns Whether it is hidden.
   */
  readonly hide?: (name: string) => boolean;
  /**
   * Name of the only file of the directory that is accessible. The directory
   * must be a real path then, and need not be readable.
   */
  readonly file?: string;
  /**
   * Tells which paths may be read; all by default. Not with `followSymlinks`.
   *
   * @param below A real path below the directory; empty for the directory.
   * @returns Whether it may be read. If not, it counts as missing.
   */
  readonly mayRead?: (below: string) => boolean;
}

/**
 * A directory that is served.
 *
 * @example Look up a path in a handler
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
  /** The path of the directory, as given. */
  readonly path: string;
  /** Whether to follow links that lead out of the directory. */
  readonly followSymlinks: boolean;
  /** Whether names that start with a dot are accessible. */
  readonly dotfiles: boolean;
  /** Names that are not accessible, besides dotfiles. */
  readonly hide: ((name: string) => boolean) | undefined;
  /** Name of the only accessible file; `undefined` if there are others. */
  readonly file: string | undefined;
  /** Tells which real paths may be read; `undefined` if all. */
  readonly mayRead: ((below: string) => boolean) | undefined;
  #hides: ((path: string) => boolean) | undefined;
  #system: FileSystem;
  #whole: ServedDirectory = this;

  /**
   * Stores its arguments. The directory need not exist yet.
   *
   * @param directory The path of the directory.
   * @param options See {@linkcode ServedDirectoryOptions}.
   * @param system The file system calls.
   */
  constructor(
    directory: string,
    options: ServedDirectoryOptions = {},
    system: FileSystem = FILE_SYSTEM,
  ) {
    this.path = directory;
    this.followSymlinks = options.followSymlinks ?? false;
    this.dotfiles = options.dotfiles ?? true;
    this.hide = options.hide;
    this.file = options.file;
    this.mayRead = options.mayRead;
    this.#hides = hiddenPaths(this.dotfiles, this.hide, PLATFORM);
    this.#system = system;
  }

  /**
   * Returns the same directory, of which only some paths may be read. Links out
   * of it are not followed.
   *
   * @param mayRead See {@linkcode ServedDirectoryOptions}.
   * @returns The restricted directory.
   */
  restrictedTo(mayRead: (below: string) => boolean): ServedDirectory {
    const { path, dotfiles, hide, file } = this;
    const options = { dotfiles, hide, file, mayRead };
    const restricted = new ServedDirectory(path, options, this.#system);
    restricted.#whole = this.#whole;
    return restricted;
  }

  /** The same directory without a restriction of what may be read. */
  get whole(): ServedDirectory {
    return this.#whole;
  }

  /**
   * Returns the current real path of a path. The directory itself may be a link
   * that a deployment changes.
   *
   * @param path The path; that of the directory by default.
   * @returns Its real path; `undefined` if it does not exist.
   */
  realPath(path: string = this.path): string | undefined {
    if (this.file !== undefined && path === this.path) return path;
    try {
      return this.#system.realPath(path);
    } catch {
      return undefined;
    }
  }

  /**
   * Returns the metadata of a path; does not follow a link at its end.
   *
   * @param path The path.
   * @returns The metadata; `undefined` if it does not exist.
   */
  lstat(path: string): Deno.FileInfo | undefined {
    try {
      return this.#system.lstat(path);
    } catch {
      return undefined;
    }
  }

  /**
   * Looks up a path.
   *
   * @param path A path, absolute or relative to the working directory.
   * @returns The regular file or directory. Everything else counts as missing:
   * what cannot be read, lies outside, is hidden, or is a special file.
   */
  locate(path: string): Located {
    if (this.file !== undefined && !this.#isFile(path)) return MISSING;
    try {
      if (this.#system.mayExist?.(path) === false) return MISSING;
      const real = this.#system.realPath(path);
      const root = this.realPath();
      if (root === undefined) return MISSING;
      if (!this.followSymlinks && !isWithin(real, root)) return MISSING;
      if (this.#isHidden(path, real, root)) return MISSING;
      if (this.mayRead?.(real.slice(root.length)) === false) return MISSING;
      const info = this.#system.lstat(real);
      // A path with a trailing slash can only be a directory.
      if (info.isFile && !path.endsWith("/")) {
        return { kind: "file", path: real, root, info };
      }
      if (info.isDirectory) {
        return { kind: "directory", path: real, root, info };
      }
    } catch {
      // It does not exist, is not readable, has a link loop or an invalid name.
    }
    return MISSING;
  }

  /**
   * Looks up an entry of a directory, as `locate` does. Unless it is a link, one
   * system call is enough: the directory's path is a real path.
   *
   * @param directory The result of `locate` for the directory.
   * @param name The name of an entry that `list` returned.
   * @returns The regular file or directory.
   */
  locateEntry({ path, root }: Found, name: string): Located {
    const real = joinName(path, name);
    const info = this.lstat(real);
    if (info?.isSymlink) return this.locate(real);
    const kind = info?.isFile ? "file" : info?.isDirectory && "directory";
    return kind && info ? { kind, path: real, root, info } : MISSING;
  }

  /**
   * Opens a file. It may have been replaced since `locate`, but it is a regular
   * file at that path.
   *
   * @param found The result of `locate`.
   * @returns The file; `undefined` if something changed in between: then try
   * `locate` again.
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
      // Handled like a file that has changed.
    }
    file.close();
    return undefined;
  }

  /**
   * Reads a directory.
   *
   * @param found The result of `locate`.
   * @returns Its entries without hidden ones; `undefined` if something changed in
   * between: then try `locate` again.
   * @throws {Error} If it cannot be read.
   */
  list(found: Found): Deno.DirEntry[] | undefined {
    const start = this.#system.now();
    const entries = this.#system.list(found.path);
    if (!this.confirms(found, start, entries)) return undefined;
    return this.#hides === undefined && this.mayRead === undefined
      ? entries
      : entries.filter((entry) => this.shows(found.path, entry));
  }

  /**
   * Tells whether the entries that a caller has read are those of a directory.
   * `list` does this by itself.
   *
   * @param found The result of `locate`.
   * @param start When the caller began to read, in epoch ms.
   * @param entries The entries.
   * @returns Whether they are.
   */
  confirms(
    { path, root }: Found,
    start: number,
    entries: readonly { readonly name: string }[],
  ): boolean {
    if (this.followSymlinks || path === root) return true;
    const system = this.#system;
    // If none of several names exists, another directory was read. A single name
    // would not be enough, since entries come and go.
    const isThere = (random: number): boolean =>
      entries.length === 0 ||
      [1, 31, 1009].some((step) =>
        this.lstat(
          joinName(path, entries[random * step % entries.length].name),
        ) !== undefined
      );
    try {
      return isFreeOfLinks(path, root, start, isThere, system);
    } catch {
      return false;
    }
  }

  /**
   * Tells whether a listing shows an entry. Hidden names, paths that may not be
   * read, and links to those are not shown. Links that lead out are shown: they
   * reveal nothing. So are broken links, unless some paths may not be read: then
   * they would reveal which paths exist.
   *
   * @param directory The directory's real path.
   * @param entry The entry.
   * @returns Whether to show it.
   */
  shows(directory: string, { name, isSymlink }: Deno.DirEntry): boolean {
    if (!this.dotfiles && name.startsWith(".")) return false;
    if (this.hide?.(name)) return false;
    const { mayRead } = this;
    const hides = this.#hides;
    if (hides === undefined && mayRead === undefined) return true;
    const path = joinName(directory, name);
    const root = mayRead || isSymlink ? this.realPath() ?? "" : "";
    if (mayRead?.(path.slice(root.length)) === false) return false;
    if (!isSymlink) return true;
    try {
      const real = this.#system.realPath(path);
      if (!isWithin(real, root)) return true;
      const below = real.slice(root.length);
      return hides?.(below) !== true && mayRead?.(below) !== false;
    } catch {
      return mayRead === undefined;
    }
  }

  /**
   * Tells whether a path is that of the directory or below it.
   *
   * @param real A real path.
   * @returns Whether it is.
   */
  contains(real: string): boolean {
    const root = this.realPath();
    return root !== undefined && isWithin(real, root);
  }

  #isFreeOfLinks(
    { path, root }: Found,
    file: OpenFile,
    start: number,
  ): boolean {
    if (this.followSymlinks) return true;
    const directory = parentOf(path, root);
    // The location of the served directory is up to the operator, and the file
    // in it is the one that was checked.
    if (directory === root) return true;
    const isIt = (): boolean => isSameFile(file, this.#system.lstat(path));
    return isFreeOfLinks(directory, root, start, isIt, this.#system);
  }

  /**
   * Tells whether a path has a hidden name.
   *
   * @param path A path below the directory, which need not exist.
   * @returns Whether it has.
   */
  hasHiddenName(path: string): boolean {
    return this.#hides?.(path) ?? false;
  }

  /** Whether a path is that of the only accessible file. */
  #isFile(path: string): boolean {
    return path.startsWith(this.path) &&
      path.slice(this.path.length).replace(/^[\\/]+/, "") === this.file;
  }

  #isHidden(path: string, real: string, root: string): boolean {
    const hides = this.#hides;
    if (hides === undefined || this.file !== undefined) return false;
    const directory = this.path;
    // A path with another prefix is a real path found before.
    const asked = path.startsWith(directory)
      ? path.slice(directory.length)
      : "";
    return hides(asked) ||
      hides(isWithin(real, root) ? real.slice(root.length) : real);
  }
}

function isWithin(real: string, root: string): boolean {
  return real.startsWith(root) &&
    (real.length === root.length || root.endsWith(SEPARATOR) ||
      real[root.length] === SEPARATOR);
}
