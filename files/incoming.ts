// Copyright 2026 the pystd authors. MIT license.

/**
 * A file that is being uploaded: written to its folder under a hidden temporary
 * name, and given its final name when all of it is on the disk.
 *
 *     create or resume -> write, write ... -> commit
 *                                         \-> keep or discard
 *
 * A crash leaves either the temporary file or the complete file: the data is
 * synced before the file gets its name, and naming is atomic. It is a hard link,
 * which fails if a file with this name exists, or a rename, which replaces that
 * file. {@linkcode removeLeftovers} removes temporary files after a crash.
 *
 * The writer of a file holds a lock on it, so that two servers of one directory
 * do not take each other's files for leftovers.
 *
 * Another process may replace the folder by a link at any time. So the location of
 * the temporary file is checked before its first byte is written, and that of the
 * complete file after it got its name (`symlink_race.ts`). A file in the wrong
 * place is removed.
 *
 * @module
 */

import { BusyError } from "./busy_error.ts";
import { RequestError } from "../protocol/request_error.ts";
import { temporaryName } from "../protocol/upload_name.ts";
import type { UploadQuota } from "./upload_quota.ts";
import { isFreeOfLinks } from "./symlink_race.ts";
import { joinName } from "./paths.ts";
import { isSameFile } from "./file_identity.ts";
import { FILE_SYSTEM } from "./served_directory.ts";
import { queueShortWork } from "./time_slices.ts";

/** The result of naming a file; `exists`: the name is in use. */
export type Placement = "created" | "replaced" | "exists";

/** Options of {@linkcode IncomingFile.commit}. */
export interface CommitOptions {
  /**
   * Whether to replace a file with this name.
   *
   * @default {false}
   */
  overwrite?: boolean;
  /**
   * Called at the last moment with the metadata of the existing file. Throws if
   * it must not be replaced.
   */
  check?: (present: Deno.FileInfo | undefined) => void;
  /**
   * Modification time of the file, in epoch ms.
   *
   * @default {Date.now()}
   */
  modified?: number;
}

/** Where a file may be written, and how large. */
export interface IncomingOptions {
  /**
   * Real path of the served directory: no link may lead out of it. Absent if
   * links are followed.
   */
  readonly root?: string;
  /** Disk space for uploads. */
  readonly quota?: UploadQuota;
}

/** Most attempts to remove a file that is in the wrong place. */
const MAX_REMOVALS = 10_000;
/** Checks before a name is removed from a folder that may be exchanged. */
const CHECKS = 40;

/** A file that is being uploaded. */
export class IncomingFile {
  /** Real path of its folder. */
  readonly folder: string;
  /** Temporary path of the file. */
  readonly path: string;
  /** Its size so far, in bytes. */
  size = 0;
  #root: string | undefined;
  #quota: UploadQuota | undefined;
  #reservedBytes = 0;
  #file: Deno.FsFile;
  #open = true;
  #takenOver = false;
  #writing: Promise<unknown> = Promise.resolve();

  /**
   * Wraps an open file: see {@linkcode IncomingFile.create} and
   * {@linkcode IncomingFile.resume}.
   *
   * @param folder Real path of its folder
   * @param path Temporary path of the file
   * @param file The open file, which this object closes
   * @param options See {@linkcode IncomingOptions}
   */
  constructor(
    folder: string,
    path: string,
    file: Deno.FsFile,
    { root, quota }: IncomingOptions,
  ) {
    this.folder = folder;
    this.path = path;
    this.#file = file;
    this.#root = root;
    this.#quota = quota;
  }

  /**
   * Creates a new file.
   *
   * @param folder Real path of its folder
   * @param options See {@linkcode IncomingOptions}
   * @returns The file, empty
   * @throws {RequestError} 409 if the folder was replaced by a link
   * @throws {Error} If the file cannot be created
   */
  static create(folder: string, options: IncomingOptions = {}): IncomingFile {
    const start = Date.now();
    const path = joinName(folder, temporaryName(randomId()));
    const file = Deno.openSync(path, { createNew: true, write: true });
    return new IncomingFile(folder, path, file, options).#locked().#checked(
      start,
    );
  }

  /**
   * Resumes a file that was kept, or creates it.
   *
   * @param folder Real path of its folder
   * @param id 32 hexadecimal digits that identify the file
   * @param options See {@linkcode IncomingOptions}
   * @returns The file with the bytes received so far
   * @throws {BusyError} If another request or process writes the file
   * @throws {RequestError} 409 if the folder was replaced by a link
   * @throws {Error} If the file cannot be opened
   */
  static resume(
    folder: string,
    id: string,
    options: IncomingOptions = {},
  ): IncomingFile {
    const start = Date.now();
    const path = joinName(folder, temporaryName(id));
    const file = Deno.openSync(path, { create: true, read: true, write: true });
    const incoming = new IncomingFile(folder, path, file, options).#locked()
      .#checked(start);
    try {
      // The path must lead to this file: not to a link, and not removed.
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
   * Writes the next bytes. The write may still be in progress when this resolves;
   * the next call waits for it.
   *
   * @param bytes The bytes, which must not change afterwards
   * @throws {BusyError} If another request has taken over the file
   * @throws {Error} If the previous write failed
   */
  async write(bytes: Uint8Array): Promise<void> {
    await this.#writing;
    if (this.#takenOver) {
      throw new BusyError(
        "Cannot write: another request has taken over the file",
      );
    }
    this.#quota?.take(bytes.length);
    this.#reservedBytes += bytes.length;
    this.#writing = this.#writeAll(bytes);
    // The next call awaits it and throws.
    this.#writing.catch(() => {});
  }

  /**
   * Waits until everything is written.
   *
   * @throws {BusyError} If another request has taken over the file
   * @throws {Error} If a write failed
   */
  async written(): Promise<void> {
    await this.#writing;
    if (this.#takenOver) {
      throw new BusyError(
        "Cannot write: another request has taken over the file",
      );
    }
  }

  /**
   * Truncates the file.
   *
   * @param size Its new size, in bytes
   */
  async truncate(size: number): Promise<void> {
    await this.#writing.catch(() => {});
    if (size >= this.size || !this.#open) return;
    this.#file.truncateSync(size);
    this.#giveBack(Math.min(this.#reservedBytes, this.size - size));
    this.#file.seekSync(size, Deno.SeekMode.Start);
    this.size = size;
  }

  /**
   * Reads the file from its start.
   *
   * @param take Receives the bytes, which are valid until it returns
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
   * Gives the file its final name. In any case closes the file and removes the
   * temporary name.
   *
   * @param name Its name in the folder
   * @param options See {@linkcode CommitOptions}
   * @returns The result
   * @throws {Error} If it cannot be named, or `check` throws
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
        this.#reservedBytes = 0;
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
    this.#giveBack(this.#reservedBytes);
    try {
      // After a rename the path does not exist, or is another upload.
      if (this.#hasTemporaryName()) Deno.removeSync(this.path);
    } catch {
      // Removed by another process, or left for the next start.
    }
    this.#close();
  }

  /** Closes the file and keeps it for {@linkcode IncomingFile.resume}. */
  async keep(): Promise<void> {
    await this.#writing.catch(() => {});
    this.#close();
  }

  /** Stops the request that writes the file, and waits for its last write. */
  async takeOver(): Promise<void> {
    this.#takenOver = true;
    await this.keep();
  }

  #giveBack(count: number): void {
    this.#reservedBytes -= count;
    this.#quota?.giveBack(count);
  }

  async #writeAll(bytes: Uint8Array): Promise<void> {
    let rest = bytes;
    while (rest.length > 0) {
      const count = await this.#file.write(rest);
      this.size += count;
      rest = rest.subarray(count);
    }
  }

  /** Removes the file and throws if it is not in its folder. */
  #checked(start: number): this {
    if (this.#isFreeOfLinks(this.path, start)) return this;
    this.#removeLinks(this.path, 0);
    this.#close();
    throw noFolder();
  }

  /** Whether a path without links leads to the file. */
  #isFreeOfLinks(path: string, start: number): boolean {
    // The location of the served directory itself is up to the operator.
    if (this.#root === undefined || this.folder === this.#root) return true;
    const info = this.#file.statSync();
    const isIt = (): boolean => isSameFile(info, Deno.lstatSync(path));
    try {
      return isIt() &&
        isFreeOfLinks(path, this.#root, start, isIt, FILE_SYSTEM);
    } catch {
      return false;
    }
  }

  /**
   * Removes a name of the file that is in the wrong place, until the file has at
   * most `left` names.
   */
  #removeLinks(path: string, left: number): void {
    for (let tries = 0; tries < MAX_REMOVALS; tries++) {
      const info = this.#file.statSync();
      if (info.nlink === null || info.nlink <= left) return;
      try {
        if (!isSameFile(info, Deno.lstatSync(path))) continue;
        // Nothing else has the temporary name.
        if (path === this.path) Deno.removeSync(path);
        else this.#removeOnly(path, info);
      } catch {
        // The path leads elsewhere at this moment: try again.
      }
    }
  }

  /**
   * Removes a name of the file, but not of another file that has it when the
   * folder is exchanged. A new folder is beside one of the two, and only the
   * name beside it can be moved into it.
   */
  #removeOnly(path: string, info: Deno.FileInfo): void {
    const beside = joinName(this.folder, temporaryName(randomId(), "trash"));
    const inside = joinName(beside, temporaryName(randomId()));
    Deno.mkdirSync(beside, { mode: 0o700 });
    try {
      // In random order, so that nobody can exchange the folder in step.
      const checks = crypto.getRandomValues(new Uint8Array(CHECKS));
      const isBeside = checks.every((random) =>
        random % 2 === 0
          ? lstatIfExists(beside) !== undefined
          : isSameFile(info, Deno.lstatSync(path))
      );
      if (!isBeside) return;
      Deno.renameSync(path, inside);
      removeMisplaced(inside);
    } finally {
      removeMisplaced(beside);
    }
  }

  #place(name: string, options: CommitOptions): Placement {
    const start = Date.now();
    const target = joinName(this.folder, name);
    const placement = this.#giveName(target, options);
    if (placement === "exists" || this.#isFreeOfLinks(target, start)) {
      return placement;
    }
    this.#removeLinks(target, this.#hasTemporaryName() ? 1 : 0);
    throw noFolder();
  }

  /**
   * Runs synchronously, so that no other request of this process comes between
   * `check` and the naming.
   */
  #giveName(target: string, { overwrite, check }: CommitOptions): Placement {
    if (
      Deno.realPathSync(this.folder) !== this.folder ||
      !this.#hasTemporaryName()
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
      // No race within this process, since all of this is synchronous.
      Deno.renameSync(this.path, target);
    }
    return "created";
  }

  #hasTemporaryName(): boolean {
    const present = lstatIfExists(this.path);
    return present !== undefined && isSameFile(present, this.#file.statSync());
  }

  #locked(): this {
    let locked = false;
    try {
      locked = this.#file.tryLockSync(true);
    } catch {
      // The file system has no locks, so no other process has one either.
      return this;
    }
    if (locked) return this;
    this.#close();
    throw new BusyError("Cannot write: the file is locked");
  }

  #close(): void {
    if (!this.#open) return;
    this.#open = false;
    this.#file.close();
  }
}

/** Returns 32 hexadecimal digits. */
function randomId(): string {
  return crypto.randomUUID().replaceAll("-", "");
}

/** Removes what has a random name, which nothing else has. */
function removeMisplaced(path: string): void {
  for (let tries = 0; tries < MAX_REMOVALS; tries++) {
    try {
      return Deno.removeSync(path);
    } catch {
      // The path leads elsewhere at this moment: try again.
    }
  }
}

/**
 * Returns the error for a folder that does not exist, or is a link now.
 *
 * @returns The error: 409.
 */
export function noFolder(): RequestError {
  return new RequestError(409, "The folder does not exist");
}

/**
 * Returns the metadata of a path without following links.
 *
 * @param path The path.
 * @returns The metadata; `undefined` if nothing exists there.
 * @throws {Error} If it cannot be read.
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
 * Error codes of file systems without hard links: FAT and some network file
 * systems. Like libuv, Deno reports `EISDIR` for Windows' "incorrect function".
 */
const NO_LINKS: readonly unknown[] = [
  "EISDIR",
  "ENOSYS",
  "ENOTSUP",
  "EOPNOTSUPP",
  "EPERM",
];

/**
 * Tells whether an error means that the file system has no hard links.
 *
 * @param error The error of creating a hard link.
 * @returns `true` if it does.
 */
export function lacksHardLinks(error: unknown): boolean {
  return NO_LINKS.includes((error as { code?: unknown }).code) ||
    error instanceof Deno.errors.NotSupported;
}

/**
 * Syncs a folder, so that a new name is on the disk.
 *
 * @param folder The folder.
 */
export async function syncFolder(folder: string): Promise<void> {
  try {
    using handle = Deno.openSync(folder);
    await handle.sync();
  } catch {
    // Windows cannot sync folders; the file itself is synced.
  }
}
