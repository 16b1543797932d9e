// Copyright 2026 the pystd authors. MIT license.

/**
 * A file that is being received: written beside its place under a hidden name,
 * and put in its place when all of it is on the disk.
 *
 *     create or resume -> write, write ... -> commit
 *                                         \-> keep or discard
 *
 * A crash at any moment leaves the hidden file, or the whole one: the data is
 * synced before the file gets its name, and it gets it in one step. That step
 * is a hard link, which fails where a file of that name is, or a rename, which
 * replaces it. {@linkcode removeLeftovers} finds what a crash has left.
 *
 * Whoever writes a file holds a lock on it, so that two servers of one
 * directory do not take each other's files for leftovers.
 *
 * Somebody else may put a link in the place of the folder at any time. So the
 * hidden file is shown to lie where it should before its first byte is written,
 * and the named one after it got its name, as reading does it (`symlink_race.ts`).
 * What turns out to lie elsewhere is removed.
 *
 * @module
 */

import { RequestError } from "../protocol/request_error.ts";
import { isTemporaryName, temporaryName } from "../protocol/upload_name.ts";
import type { UploadQuota } from "./upload_quota.ts";
import { isFreeOfLinks } from "./symlink_race.ts";
import { SEPARATOR } from "./paths.ts";
import { FILE_SYSTEM, isSameFile } from "./served_directory.ts";
import { queueShortWork } from "./time_slices.ts";

/** How a file came to its place; `exists` if it did not. */
export type Placement = "created" | "replaced" | "exists";

/** What {@linkcode IncomingFile.commit} may do. */
export interface CommitOptions {
  /**
   * Whether a file of that name is replaced.
   *
   * @default {false}
   */
  overwrite?: boolean;
  /**
   * Called at the last moment, with what is in the place now: throws if that
   * must not be replaced after all.
   */
  check?: (present: Deno.FileInfo | undefined) => void;
  /**
   * When the file was modified, in epoch ms.
   *
   * @default {Date.now()}
   */
  modified?: number;
}

/** The file that is being received has been taken over, or is held by others. */
export class BusyError extends Error {
  override name = "BusyError";
}

/** Where a file may be written, and how much of it. */
export interface IncomingOptions {
  /**
   * The directory that is served, a real path: no link may lead out of it;
   * absent if links are followed.
   */
  readonly top?: string;
  /** How much may be written. */
  readonly allowance?: UploadQuota;
}

/** How often a file that lies elsewhere is looked for, to remove it. */
const REMOVALS = 10_000;

/** A file that is being received. */
export class IncomingFile {
  /** The folder that it is to be in, a real path. */
  readonly folder: string;
  /** Where it is until then. */
  readonly path: string;
  /** Its size so far, in bytes. */
  size = 0;
  #top: string | undefined;
  #allowance: UploadQuota | undefined;
  /** For how many bytes room was taken. */
  #taken = 0;
  #file: Deno.FsFile;
  #open = true;
  #takenOver = false;
  #writing: Promise<unknown> = Promise.resolve();

  /**
   * Wraps an open file: see {@linkcode IncomingFile.create} and
   * {@linkcode IncomingFile.resume}.
   *
   * @param folder The folder that it is to be in, a real path
   * @param path Where it is until then
   * @param file The file, which is closed with this
   * @param options See {@linkcode IncomingOptions}
   */
  constructor(
    folder: string,
    path: string,
    file: Deno.FsFile,
    { top, allowance }: IncomingOptions,
  ) {
    this.folder = folder;
    this.path = path;
    this.#file = file;
    this.#top = top;
    this.#allowance = allowance;
  }

  /**
   * Starts a new file.
   *
   * @param folder The folder that it is to be in, a real path
   * @param options See {@linkcode IncomingOptions}
   * @returns The file, empty
   * @throws {RequestError} 409 if a link was put in the place of the folder
   * @throws {Error} If it cannot be created there
   */
  static create(folder: string, options: IncomingOptions = {}): IncomingFile {
    const start = Date.now();
    const id = crypto.randomUUID().replaceAll("-", "");
    const path = join(folder, temporaryName(id));
    const file = Deno.openSync(path, { createNew: true, write: true });
    return new IncomingFile(folder, path, file, options).#locked().#checked(
      start,
    );
  }

  /**
   * Starts a file, or goes on with one that was kept.
   *
   * @param folder The folder that it is to be in, a real path
   * @param id 32 hexadecimal digits that stand for it
   * @param options See {@linkcode IncomingOptions}
   * @returns The file as far as it has come
   * @throws {BusyError} If somebody else writes it
   * @throws {RequestError} 409 if a link was put in the place of the folder
   * @throws {Error} If it cannot be opened
   */
  static resume(
    folder: string,
    id: string,
    options: IncomingOptions = {},
  ): IncomingFile {
    const start = Date.now();
    const path = join(folder, temporaryName(id));
    const file = Deno.openSync(path, { create: true, read: true, write: true });
    const incoming = new IncomingFile(folder, path, file, options).#locked()
      .#checked(start);
    try {
      // Not what a link leads to, and not what has just been removed.
      const info = file.statSync();
      if (!isSameFile(info, Deno.lstatSync(path))) throw new BusyError();
      incoming.size = info.size;
      file.seekSync(info.size, Deno.SeekMode.Start);
      return incoming;
    } catch (error) {
      incoming.#close();
      throw error instanceof Deno.errors.NotFound ? new BusyError() : error;
    }
  }

  /**
   * Writes what comes next. The write may still be under way when this
   * resolves; the next one waits for it.
   *
   * @param bytes The bytes, which must not be changed after this
   * @throws {BusyError} If the file has been taken over
   * @throws {Error} If the one before could not be written
   */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#writing;
    if (this.#takenOver) throw new BusyError("Cannot write: it was taken over");
    this.#allowance?.take(bytes.length);
    this.#taken += bytes.length;
    this.#writing = this.#writeAll(bytes);
    // It is thrown where it is awaited.
    this.#writing.catch(() => {});
  }

  /**
   * Waits until all is written.
   *
   * @throws {BusyError} If the file has been taken over
   * @throws {Error} If something could not be written
   */
  async written(): Promise<void> {
    await this.#writing;
    if (this.#takenOver) throw new BusyError("Cannot write: it was taken over");
  }

  /**
   * Forgets what is behind an offset.
   *
   * @param size The size that the file is to have, in bytes
   */
  async truncate(size: number): Promise<void> {
    await this.#writing.catch(() => {});
    if (size >= this.size || !this.#open) return;
    this.#file.truncateSync(size);
    this.#giveBack(Math.min(this.#taken, this.size - size));
    this.#file.seekSync(size, Deno.SeekMode.Start);
    this.size = size;
  }

  /**
   * Reads what has been written.
   *
   * @param take Takes the bytes, which are valid until it returns
   */
  async readBack(take: (bytes: Uint8Array) => void): Promise<void> {
    const buffer = new Uint8Array(256 * 1024);
    this.#file.seekSync(0, Deno.SeekMode.Start);
    for (;;) {
      const count = await this.#file.read(buffer);
      if (count === null) break;
      take(buffer.subarray(0, count));
    }
  }

  /**
   * Puts the file in its place. Whatever comes of it, the file is closed, and
   * the hidden name is gone.
   *
   * @param name Its name in the folder
   * @param options See {@linkcode CommitOptions}
   * @returns What has become of it
   * @throws {Error} If it cannot be put there, or `check` throws
   */
  async commit(name: string, options: CommitOptions = {}): Promise<Placement> {
    try {
      await this.written();
      const { modified } = options;
      if (modified !== undefined) {
        this.#file.utimeSync(modified / 1000, modified / 1000);
      }
      await this.#file.sync();
      const placement = await queueShortWork(() => this.#place(name, options));
      if (placement !== "exists") {
        this.#taken = 0;
        await syncFolder(this.folder);
      }
      return placement;
    } finally {
      await this.discard();
    }
  }

  /** Closes and removes the file. */
  async discard(): Promise<void> {
    await this.#writing.catch(() => {});
    if (!this.#open) return;
    this.#giveBack(this.#taken);
    try {
      // After a rename there is none, or one that somebody else has started.
      if (this.#isThere()) Deno.removeSync(this.path);
    } catch {
      // Removed by somebody else, or for the next start to remove.
    }
    this.#close();
  }

  /** Closes the file, and leaves it for {@linkcode IncomingFile.resume}. */
  async keep(): Promise<void> {
    await this.#writing.catch(() => {});
    this.#close();
  }

  /** Makes whoever writes the file stop, and waits for the last write. */
  async takeOver(): Promise<void> {
    this.#takenOver = true;
    await this.keep();
  }

  #giveBack(count: number): void {
    this.#taken -= count;
    this.#allowance?.giveBack(count);
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      const count = await this.#file.write(rest);
      this.size += count;
      rest = rest.subarray(count);
    }
  }

  /** Removes the file again if it does not lie where it should. */
  #checked(start: number): this {
    if (this.#isFreeOfLinks(this.path, start)) return this;
    this.#removeLinks(this.path, 0);
    this.#close();
    throw noFolder();
  }

  /** Whether a path without links leads to the file. */
  #isFreeOfLinks(path: string, start: number): boolean {
    // Where the served directory is, is the operator's affair.
    if (this.#top === undefined || this.folder === this.#top) return true;
    const info = this.#file.statSync();
    const isIt = (): boolean => isSameFile(info, Deno.lstatSync(path));
    try {
      return isIt() && isFreeOfLinks(path, this.#top, start, isIt, FILE_SYSTEM);
    } catch {
      return false;
    }
  }

  /**
   * Removes a name of the file wherever the path leads to it, until it has no
   * more than `left` names.
   */
  #removeLinks(path: string, left: number): void {
    for (let tries = 0; tries < REMOVALS; tries++) {
      const info = this.#file.statSync();
      if (info.nlink === null || info.nlink <= left) return;
      try {
        if (isSameFile(info, Deno.lstatSync(path))) Deno.removeSync(path);
      } catch {
        // It lies where the path leads to at another moment.
      }
    }
  }

  #place(name: string, options: CommitOptions): Placement {
    const start = Date.now();
    const target = join(this.folder, name);
    const placement = this.#giveName(target, options);
    if (placement === "exists" || this.#isFreeOfLinks(target, start)) {
      return placement;
    }
    this.#removeLinks(target, this.#isThere() ? 1 : 0);
    throw noFolder();
  }

  /**
   * Nothing else of this process runs between the look and the step, so that
   * `check` holds against all that comes in here.
   */
  #giveName(target: string, { overwrite, check }: CommitOptions): Placement {
    if (
      Deno.realPathSync(this.folder) !== this.folder || !this.#isThere()
    ) throw noFolder();
    const present = lstatIfExists(target);
    check?.(present);
    if (overwrite) {
      if (present?.isDirectory) return "exists";
      Deno.renameSync(this.path, target);
      return present === undefined ? "created" : "replaced";
    }
    if (present !== undefined) return "exists";
    try {
      Deno.linkSync(this.path, target);
    } catch (error) {
      if (error instanceof Deno.errors.AlreadyExists) return "exists";
      if (!lacksHardLinks(error)) throw error;
      // Still race-free within this process: `present` is of this very turn.
      Deno.renameSync(this.path, target);
    }
    return "created";
  }

  #isThere(): boolean {
    const present = lstatIfExists(this.path);
    return present !== undefined && isSameFile(present, this.#file.statSync());
  }

  #locked(): this {
    let locked = false;
    try {
      locked = this.#file.tryLockSync(true);
    } catch {
      // The file system has no locks: then nobody else has one either.
      return this;
    }
    if (locked) return this;
    this.#close();
    throw new BusyError("Cannot write: somebody else does");
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#file.close();
  }
}

/**
 * Removes what was left when a server was ended in the middle of uploads, in a
 * folder and all below it. Links are not followed.
 *
 * @param folder The folder
 * @param before Only what was written before this time, in epoch ms
 * @returns How many files were removed
 */
export async function removeLeftovers(
  folder: string,
  before: number = Date.now(),
): Promise<number> {
  let removed = 0;
  try {
    for await (const { name, isFile, isDirectory } of Deno.readDir(folder)) {
      const path = join(folder, name);
      if (isDirectory) removed += await removeLeftovers(path, before);
      else if (isFile && isTemporaryName(name)) {
        if (removeLeftover(path, before)) removed++;
      }
    }
  } catch {
    // A folder that cannot be read has none of ours in it.
  }
  return removed;
}

function removeLeftover(path: string, before: number): boolean {
  let file: Deno.FsFile | undefined;
  try {
    file = Deno.openSync(path, { write: true });
    const modified = file.statSync().mtime?.getTime() ?? 0;
    if (modified > before || !file.tryLockSync(true)) return false;
    Deno.removeSync(path);
    return true;
  } catch {
    return false;
  } finally {
    file?.close();
  }
}

function noFolder(): RequestError {
  return new RequestError(409, "There is no such folder");
}

function join(folder: string, name: string): string {
  return folder.endsWith(SEPARATOR) ? folder + name : folder + SEPARATOR + name;
}

/**
 * Looks at what stands at a path, without following a link there.
 *
 * @param path The path.
 * @returns What stands there, `undefined` if nothing does.
 * @throws {Error} If that cannot be told.
 */
export function lstatIfExists(path: string): Deno.FileInfo | undefined {
  try {
    return Deno.lstatSync(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/**
 * How systems say that a file system knows no hard links: FAT, and some of
 * networks. `EISDIR` is what Deno, as libuv does, makes of Windows' "incorrect
 * function".
 */
const NO_LINKS: readonly unknown[] = [
  "EISDIR",
  "ENOSYS",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EPERM",
];

/**
 * Whether making a hard link failed for want of hard links.
 *
 * @param error What was thrown.
 * @returns Whether the file system knows none.
 */
export function lacksHardLinks(error: unknown): boolean {
  return NO_LINKS.includes((error as { code?: unknown }).code) ||
    error instanceof Deno.errors.NotSupported;
}

/** The name is on the disk when this returns, where the system can say so. */
async function syncFolder(folder: string): Promise<void> {
  try {
    using handle = Deno.openSync(folder);
    await handle.sync();
  } catch {
    // Windows has no such call; the file itself is synced.
  }
}
