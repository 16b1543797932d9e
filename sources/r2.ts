// Copyright 2026 the pystd authors. MIT license.

/**
 * Serves an R2 bucket of Cloudflare, by the binding that a worker has.
 *
 * @example A worker
 * ```ts
 * import { toFetchHandler } from "@pystd/http-server/fetch";
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import { type R2Bucket, R2Source } from "@pystd/http-server/sources/r2";
 * import { assertEquals } from "@std/assert/equals";
 *
 * type Handler = ReturnType<typeof toFetchHandler>;
 * let handler: Handler | undefined;
 *
 * function handlerOf(bucket: R2Bucket): Handler {
 *   const source = new R2Source(bucket);
 *   return toFetchHandler(ShareHTTPRequestHandler.with({ source }));
 * }
 *
 * const worker = {
 *   fetch(request: Request, env: { FILES: R2Bucket }): Promise<Response> {
 *     return (handler ??= handlerOf(env.FILES))(request);
 *   },
 * };
 * // In the module of a worker: export default worker;
 * assertEquals(typeof worker.fetch, "function");
 * ```
 *
 * @module
 */

import { BucketChanges } from "./bucket/changes.ts";
import type { R2Bucket, R2Object, R2Objects } from "./r2/bucket.ts";
import { ask, R2Store } from "./r2/objects.ts";
import {
  type CopyOptions,
  type MakeDirectoryOptions,
  type MoveOptions,
  type ReadOptions,
  type RemoveOptions,
  type Source,
  type SourceEntry,
  SourceError,
  type WriteOptions,
  type Written,
} from "./source.ts";

export type {
  R2Bucket,
  R2HTTPMetadata,
  R2Metadata,
  R2MultipartUpload,
  R2Object,
  R2Objects,
  R2PutOptions,
  R2UploadedPart,
} from "./r2/bucket.ts";

/** Which objects of a bucket are served. */
export interface R2SourceOptions {
  /**
   * The folder of the bucket that is served: a prefix of keys.
   *
   * @default {""}
   */
  readonly prefix?: string;
  /**
   * Size of the parts of an upload, in bytes: at least 5 MiB (R2's limit). One is
   * in memory for each upload; `maxUploadMemory` limits all of them.
   *
   * @default {8388608}
   */
  readonly partBytes?: number;
}

/**
 * The objects of an R2 bucket, as files. An object whose key ends with a slash is
 * an empty folder.
 *
 * A file is read with the entity tag that it was found with, so that a response
 * never mixes two versions.
 *
 * Source: the Workers API reference of R2.
 *
 * @example Usage
 * ```ts
 * import { type R2Bucket, R2Source } from "@pystd/http-server/sources/r2";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const env = {} as { FILES: R2Bucket };
 * const source = new R2Source(env.FILES, { prefix: "2026" });
 * assertEquals(source.label, "r2:2026/");
 * ```
 */
export class R2Source implements Source {
  /**
   * Most memory for parts of uploads, in bytes: 4 parts, since a worker has 128 MiB
   * in all. Others wait.
   */
  static maxUploadMemory = 33554432;
  /** Longest wait of a new upload for memory, in ms; then 503. */
  static maxUploadWait = 30000;
  /** Lowest rate of an upload while others wait, in bytes per second; then 503. */
  static minUploadRate = 65536;
  /**
   * Most objects of a folder that is moved; a larger one is 409. A worker may send
   * 1,000 requests to R2 while it answers one; each object needs three.
   */
  static maxMovedObjects = 300;

  /** The prefix. */
  readonly label: string;
  /** The last name of the prefix, if there is one. */
  readonly name: string | undefined;
  #bucket: R2Bucket;
  #prefix: string;
  #store: R2Store;
  #changes: BucketChanges;

  /**
   * Stores its arguments. Nothing is asked yet.
   *
   * @param bucket The binding.
   * @param options See {@linkcode R2SourceOptions}.
   */
  constructor(bucket: R2Bucket, options: R2SourceOptions = {}) {
    const { prefix = "", partBytes = 8 * 1024 * 1024 } = options;
    this.#bucket = bucket;
    this.#prefix = prefix.replace(/^\/+|\/+$/g, "").replace(/.$/, "$&/");
    const limits = this.constructor as typeof R2Source;
    this.#store = new R2Store(bucket, { partBytes, limits });
    this.#changes = new BucketChanges({
      store: this.#store,
      prefix: this.#prefix,
      source: this,
    });
    this.label = `r2:${this.#prefix}`;
    this.name = this.#prefix.split("/").at(-2);
  }

  /**
   * Finds an object, or a folder that has objects.
   *
   * @param path The path.
   * @param kind The only kind that is wanted.
   * @returns The entry; `undefined` if there is none.
   * @throws {SourceError} If the bucket cannot tell.
   */
  async find(
    path: string,
    kind?: "directory",
  ): Promise<SourceEntry | undefined> {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (kind === undefined) {
      const object = await ask(this.#bucket.head(this.#prefix + path));
      if (object !== null) return entryOf(name, object);
    }
    const { objects, delimitedPrefixes } = await this.#list(path, { limit: 1 });
    return objects.length + delimitedPrefixes.length > 0
      ? { name, kind: "directory", size: 0 }
      : undefined;
  }

  /**
   * Lists a folder.
   *
   * @param path The folder.
   * @returns Its entries, in pages of at most 1,000.
   * @throws {SourceError} 404 if there is no such folder.
   */
  async *list(path: string): AsyncGenerator<SourceEntry[]> {
    const start = this.#folder(path).length;
    let cursor: string | undefined;
    let isFirst = true;
    do {
      const page = await this.#list(
        path,
        cursor === undefined ? {} : { cursor },
      );
      const { objects, delimitedPrefixes: prefixes } = page;
      if (isFirst && path !== "" && objects.length + prefixes.length === 0) {
        throw missing();
      }
      isFirst = false;
      const files = objects
        // The folder itself.
        .filter(({ key }) => key.length > start)
        .map((object) => entryOf(object.key.slice(start), object));
      const folders = prefixes.map((prefix): SourceEntry => ({
        name: prefix.slice(start, -1),
        kind: "directory",
        size: 0,
      }));
      yield [...folders, ...files];
      cursor = page.truncated ? page.cursor : undefined;
    } while (cursor !== undefined);
  }

  /**
   * Reads a part of an object.
   *
   * @param path The object.
   * @param options See {@linkcode ReadOptions}.
   * @returns The bytes.
   * @throws {SourceError} If it is gone, has changed, or cannot be read.
   */
  async read(
    path: string,
    { start, end, entry }: ReadOptions,
  ): Promise<ReadableStream<Uint8Array>> {
    const object = await ask(
      this.#bucket.get(this.#prefix + path, {
        range: { offset: start, length: end - start },
        onlyIf: { etagMatches: entry.etag!.slice(1, -1) },
      }),
    );
    if (object === null) throw missing();
    // Without a body, the condition does not hold.
    if (!("body" in object)) {
      throw new SourceError(503, "The file has just changed");
    }
    return object.body;
  }

  /**
   * Writes an object: a small one at once, a large one in parts. It appears when
   * it is complete. Two uploads in parts of the same new file may both succeed if
   * they end at the same moment: R2 has no condition for them.
   *
   * @param path The object.
   * @param content The content.
   * @param options See {@linkcode WriteOptions}.
   * @returns What became of it.
   * @throws {SourceError} If it cannot be written; 503 if there are too many
   * uploads at once.
   */
  async write(
    path: string,
    content: AsyncIterable<Uint8Array>,
    {
      overwrite,
      ifMatch,
      type: contentType = "application/octet-stream",
      size,
    }: WriteOptions,
  ): Promise<Written> {
    const key = this.#prefix + path;
    const isThere = await ask(this.#bucket.head(key)) !== null;
    if (isThere && !overwrite) return "exists";
    const isWritten = await this.#store.write(key, content, {
      size,
      metadata: { httpMetadata: { contentType } },
      // Another worker may write the object meanwhile.
      condition: !overwrite ? "new" : ifMatch,
    });
    if (!isWritten) return "exists";
    return isThere ? "replaced" : "created";
  }

  /**
   * Makes a folder: an object whose key ends with a slash.
   *
   * @param path The folder.
   * @param options See {@linkcode MakeDirectoryOptions}.
   * @returns Whether it was made; if not, the name is taken.
   * @throws {SourceError} If it cannot be made.
   */
  makeDirectory(
    path: string,
    options?: MakeDirectoryOptions,
  ): Promise<boolean> {
    return this.#changes.makeDirectory(path, options);
  }

  /**
   * Removes an object, or a folder: the objects whose keys begin with its path. If
   * that ends early, the others stay.
   *
   * @param path The object or folder.
   * @param options See {@linkcode RemoveOptions}. R2 has no condition for this, so
   * `ifMatch` is compared just before.
   * @throws {SourceError} 412 if the object has another version, 404 if no object
   * is in the folder.
   */
  remove(path: string, options: RemoveOptions): Promise<void> {
    return this.#changes.remove(path, options);
  }

  /**
   * Moves an object, or all objects of a folder: they are copied, and then removed.
   * Other clients may see both places meanwhile. If it ends early, nothing is lost:
   * what was not removed is in both places, and the same move can be made again.
   * What it replaces is removed when the copy is complete.
   *
   * @param from The object or folder.
   * @param to Its new path.
   * @param options See {@linkcode MoveOptions}.
   * @returns What became of it.
   * @throws {SourceError} 404 if it does not exist, 412 if the object has another
   * version, 409 if the folder has more than `maxMovedObjects`, or if an object
   * changed after it was copied, 503 if it changed before, or if there are too many
   * uploads.
   */
  move(from: string, to: string, options: MoveOptions): Promise<Written> {
    const { maxMovedObjects } = this.constructor as typeof R2Source;
    return this.#changes.move(from, to, options, maxMovedObjects);
  }

  /**
   * Copies an object with all that is stored with it. It passes through the worker,
   * within the memory of uploads: R2 cannot copy.
   *
   * @param from The object.
   * @param to The path of the copy.
   * @param options See {@linkcode CopyOptions}.
   * @returns What became of it.
   * @throws {SourceError} 404 if the object does not exist, 412 if it has another
   * version, 503 if it changed meanwhile, or if there are too many uploads.
   */
  copy(from: string, to: string, options: CopyOptions): Promise<Written> {
    return this.#changes.copy(from, to, options);
  }

  #folder(path: string): string {
    return path === "" ? this.#prefix : `${this.#prefix}${path}/`;
  }

  #list(
    path: string,
    more: { limit?: number; cursor?: string },
  ): Promise<R2Objects> {
    const prefix = this.#folder(path);
    return ask(this.#bucket.list({ prefix, delimiter: "/", ...more }));
  }
}

function entryOf(
  name: string,
  { size, uploaded, httpEtag: etag, httpMetadata = {} }: R2Object,
): SourceEntry {
  const { contentType, contentEncoding, contentDisposition, contentLanguage } =
    httpMetadata;
  const fields = [
    ["Content-Disposition", contentDisposition],
    ["Content-Language", contentLanguage],
  ] as const;
  return {
    name,
    kind: "file",
    size,
    modified: uploaded.getTime(),
    etag,
    type: contentType,
    coding: contentEncoding,
    fields: fields.flatMap(([field, value]) =>
      value === undefined ? [] : [[field, value] as const]
    ),
  };
}

function missing(): SourceError {
  return new SourceError(404, "File not found");
}
