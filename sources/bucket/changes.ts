// Copyright 2026 the pystd authors. MIT license.

/**
 * Makes folders of a bucket, and deletes, moves and copies its files, whatever its
 * store is.
 *
 * @module
 */

import {
  type CopyOptions,
  type MakeDirectoryOptions,
  type MoveOptions,
  type RemoveOptions,
  type Source,
  type SourceEntry,
  SourceError,
  type Written,
} from "../source.ts";
import { moveFolder, removeCopied } from "./move_folder.ts";
import type { ObjectStore } from "./object_store.ts";

/** What is changed. */
export interface BucketChangesOptions {
  /** The objects of the bucket. */
  readonly store: ObjectStore;
  /** The prefix of the keys. */
  readonly prefix: string;
  /** Finds files and folders. */
  readonly source: Source;
}

/** The changes of a source that is a bucket. */
export class BucketChanges {
  #store: ObjectStore;
  #prefix: string;
  #source: Source;

  /**
   * Stores its arguments.
   *
   * @param options See {@linkcode BucketChangesOptions}.
   */
  constructor({ store, prefix, source }: BucketChangesOptions) {
    this.#store = store;
    this.#prefix = prefix;
    this.#source = source;
  }

  /**
   * Makes a folder: an object whose key ends with a slash.
   *
   * @param path The folder.
   * @param options See {@linkcode MakeDirectoryOptions}.
   * @returns Whether it was made; if not, the name is taken.
   * @throws {SourceError} If it cannot be made.
   */
  async makeDirectory(
    path: string,
    { overwrite = false }: MakeDirectoryOptions = {},
  ): Promise<boolean> {
    const kind = overwrite ? "directory" : undefined;
    if (await this.#source.find(path, kind) !== undefined) return false;
    await this.#store.putEmpty(this.#folder(path));
    return true;
  }

  /**
   * Removes an object, or all objects of a folder.
   *
   * @param path The object or folder.
   * @param options See {@linkcode RemoveOptions}.
   * @throws {SourceError} 412, 404 or 409: see `Source`.
   */
  async remove(path: string, { kind, ifMatch }: RemoveOptions): Promise<void> {
    if (kind === "directory") return await this.#removeFolder(path);
    await this.#store.remove([{ key: this.#prefix + path, etag: ifMatch }]);
  }

  /**
   * Moves an object, or all objects of a folder.
   *
   * @param from The object or folder.
   * @param to Its new path.
   * @param options See {@linkcode MoveOptions}.
   * @param maxObjects Most objects of a folder.
   * @returns What became of it.
   * @throws {SourceError} 404, 409, 412, 413 or 503: see `Source`.
   */
  async move(
    from: string,
    to: string,
    { kind, overwrite, ifMatch }: MoveOptions,
    maxObjects: number,
  ): Promise<Written> {
    if (kind === "file") {
      const entry = await this.#object(from, ifMatch);
      const written = await this.#copyTo(from, to, entry, overwrite);
      if (written === "exists") return written;
      const { etag } = entry;
      await removeCopied(this.#store, [{ key: this.#prefix + from, etag }]);
      return written;
    }
    const present = await this.#source.find(to);
    if (present !== undefined && !overwrite) return "exists";
    await moveFolder(this.#store, {
      from: this.#folder(from),
      to: this.#folder(to),
      present,
      maxObjects,
    });
    return present === undefined ? "created" : "replaced";
  }

  /**
   * Copies an object.
   *
   * @param from The object.
   * @param to The path of the copy.
   * @param options See {@linkcode CopyOptions}.
   * @returns What became of it.
   * @throws {SourceError} 404, 412, 413 or 503: see `Source`.
   */
  async copy(
    from: string,
    to: string,
    { overwrite, ifMatch }: CopyOptions,
  ): Promise<Written> {
    const entry = await this.#object(from, ifMatch);
    return await this.#copyTo(from, to, entry, overwrite);
  }

  /** Finds the object that is to be copied, in the version that is wanted. */
  async #object(path: string, ifMatch?: string): Promise<SourceEntry> {
    const entry = await this.#source.find(path);
    if (entry?.kind !== "file") throw new SourceError(404, "File not found");
    if (ifMatch !== undefined && entry.etag !== ifMatch) {
      throw new SourceError(412, "Precondition Failed");
    }
    this.#store.checkCopySize(entry.size);
    return entry;
  }

  /** Copies an object as it was found. A folder at the new path is removed then. */
  async #copyTo(
    from: string,
    to: string,
    { etag }: SourceEntry,
    overwrite: boolean,
  ): Promise<Written> {
    const present = await this.#source.find(to);
    if (present !== undefined && !overwrite) return "exists";
    const isCopied = await this.#store.copy({
      from: this.#prefix + from,
      to: this.#prefix + to,
      etag,
      overwrite,
    });
    if (!isCopied) {
      if (!overwrite && await this.#source.find(to) !== undefined) {
        return "exists";
      }
      throw new SourceError(503, "The file has just changed");
    }
    if (present?.kind === "directory") await this.#removeFolder(to);
    return present === undefined ? "created" : "replaced";
  }

  /** Removes all objects of a folder, while it is listed. */
  async #removeFolder(path: string): Promise<void> {
    let count = 0;
    let left = 0;
    for await (const objects of this.#store.list(this.#folder(path))) {
      const named = objects.flatMap(({ key }) =>
        key === undefined ? [] : [{ key }]
      );
      count += objects.length;
      left += objects.length - named.length;
      await this.#store.remove(named);
    }
    if (count === 0) throw new SourceError(404, "File not found");
    if (left > 0) {
      throw new SourceError(
        409,
        "Some files have names that nothing can delete",
      );
    }
  }

  #folder(path: string): string {
    return `${this.#prefix}${path}/`;
  }
}
