// Copyright 2026 the pystd authors. MIT license.

/**
 * What the changes of a bucket need of its store. Keys are whole, with the prefix
 * of the source.
 *
 * @module
 */

/** An object of a list. */
export interface ListedObject {
  /** Its key; `undefined` if no request can have it. */
  readonly key: string | undefined;
  /** Its size, in bytes. */
  readonly size: number;
  /** Its entity tag, with quotes. */
  readonly etag: string | undefined;
}

/** An object, or one version of it. */
export interface ObjectVersion {
  /** Its key. */
  readonly key: string;
  /** The entity tag of the only version that counts; any if absent. */
  readonly etag?: string;
}

/** An object to copy. */
export interface ObjectCopy {
  /** Its key. */
  readonly from: string;
  /** The key of the copy. */
  readonly to: string;
  /** The entity tag of the only version that is copied. */
  readonly etag: string | undefined;
  /** Whether another object is replaced. */
  readonly overwrite: boolean;
}

/** The objects of a bucket. */
export interface ObjectStore {
  /** Most copies at once. */
  readonly copiesAtOnce: number;
  /**
   * Tells whether an object can have a key.
   *
   * @param key The key.
   * @returns Whether it can.
   */
  isKey(key: string): boolean;
  /**
   * Checks that an object of some size can be copied.
   *
   * @param size The size, in bytes.
   * @throws {SourceError} 413 if it cannot.
   */
  checkCopySize(size: number): void;
  /**
   * Lists all objects whose keys have a prefix, also those that no folder shows.
   *
   * @param prefix The prefix.
   * @returns The objects, in pages.
   * @throws {SourceError} If the store does not list.
   */
  list(prefix: string): AsyncIterable<readonly ListedObject[]>;
  /**
   * Copies an object with the fields that are stored with it.
   *
   * @param copy See {@linkcode ObjectCopy}.
   * @returns Whether it was copied; `false` if a condition does not hold: it has
   * another version, or `to` is in use.
   * @throws {SourceError} 404 if there is no such object.
   */
  copy(copy: ObjectCopy): Promise<boolean>;
  /**
   * Writes an empty object.
   *
   * @param key Its key.
   * @throws {SourceError} If it cannot be written.
   */
  putEmpty(key: string): Promise<void>;
  /**
   * Removes objects. One that is gone already is no failure.
   *
   * @param objects The objects.
   * @throws {SourceError} 412 if one has another version: it stays.
   */
  remove(objects: readonly ObjectVersion[]): Promise<void>;
}
