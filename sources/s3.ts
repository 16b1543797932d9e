// Copyright 2026 the pystd authors. MIT license.

/**
 * {@linkcode S3Source}: the objects of a bucket, in a store that speaks S3's
 * protocol. A key's slashes make folders.
 *
 * @example A bucket
 * ```ts ignore
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import { ThreadingHTTPServer } from "@pystd/http-server/server";
 * import { S3Source } from "@pystd/http-server/sources/s3";
 *
 * const source = new S3Source({
 *   bucket: "photos",
 *   endpoint: "http://127.0.0.1:9000",
 *   credentials: { accessKeyId: "key", secretAccessKey: "secret" },
 * });
 * await using httpd = new ThreadingHTTPServer(
 *   ["127.0.0.1", 8000],
 *   ShareHTTPRequestHandler.with({ source }),
 * );
 * await httpd.serveForever();
 * ```
 *
 * @module
 */

import { BucketChanges } from "./bucket/changes.ts";
import { isKey, S3Client, type S3ClientOptions } from "./s3/client.ts";
import { keyOf, listPage, listPages, sizeOf, tagOf } from "./s3/list.ts";
import { S3Objects } from "./s3/objects.ts";
import { uploadParts } from "./s3/upload_parts.ts";
import type { XmlRecord } from "./s3/xml.ts";
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
import { UploadMemory } from "./upload_memory.ts";

export type { S3ClientOptions, S3Credentials } from "./s3/client.ts";

/** The memory of the uploads to all buckets. */
const memory = new UploadMemory();

/** A bucket, and which of its objects are served. */
export interface S3SourceOptions extends S3ClientOptions {
  /**
   * The folder of the bucket that is served: a prefix of keys.
   *
   * @default {""}
   */
  readonly prefix?: string;
  /**
   * Size of the parts of an upload, in bytes: at least 5 MiB (S3's limit). One is
   * in memory for each upload; `maxUploadMemory` limits all of them.
   *
   * @default {8388608}
   */
  readonly partBytes?: number;
}

/**
 * The objects of a bucket, as files. An object whose key ends with a slash is an
 * empty folder. Where an object has the name of a folder, both can be reached:
 * the folder with a slash at the end of its URL.
 *
 * Requests that fail for a moment are sent again. A file is read with the entity
 * tag that it was found with, so that a response never mixes two versions.
 *
 * Source: the S3 API reference, version 2006-03-01.
 *
 * @example Usage
 * ```ts
 * import { S3Source } from "@pystd/http-server/sources/s3";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const source = new S3Source({ bucket: "photos", prefix: "2026" });
 * assertEquals(source.label, "s3://photos/2026/");
 * ```
 */
export class S3Source implements Source {
  /**
   * Most memory for parts of uploads, in bytes: 16 parts. Others wait. While a
   * part is sent, `fetch` holds a copy of it.
   */
  static maxUploadMemory = 134217728;
  /** Longest wait of a new upload for memory, in ms; then 503. */
  static maxUploadWait = 30000;
  /**
   * Lowest rate of an upload while others wait, in bytes per second: a part of 8
   * MiB then takes two minutes. A slower one is 503.
   */
  static minUploadRate = 65536;
  /**
   * Lowest rate at which the store sends a file, in bytes per second, as `minRate`
   * of handlers for clients. Only time spent waiting for the store counts. A slower
   * one is a fault: 504, or the response is cut off.
   */
  static minReadRate = 2048;
  /**
   * Longest wait for the store, in ms in all, at a rate below `minReadRate`: as
   * `stallTimeout` of handlers.
   */
  static maxReadStall = 30000;
  /** Most objects of a folder that is moved; a larger one is 409. */
  static maxMovedObjects = 10000;

  /** The bucket and the prefix. */
  readonly label: string;
  /** The last name of the prefix, or the bucket. */
  readonly name: string;
  #client: S3Client;
  #prefix: string;
  #partBytes: number;
  #changes: BucketChanges;

  /**
   * Stores its options. Nothing is asked yet.
   *
   * @param options See {@linkcode S3SourceOptions}.
   * @throws {TypeError} If the endpoint is no URL of http or https, or names a user.
   */
  constructor(options: S3SourceOptions) {
    const { bucket, prefix = "", partBytes = 8 * 1024 * 1024 } = options;
    this.#client = new S3Client(options);
    this.#prefix = prefix.replace(/^\/+|\/+$/g, "").replace(/.$/, "$&/");
    this.#partBytes = partBytes;
    this.#changes = new BucketChanges({
      store: new S3Objects(this.#client),
      prefix: this.#prefix,
      source: this,
    });
    this.label = `s3://${bucket}/${this.#prefix}`;
    this.name = this.#prefix.split("/").at(-2) ?? bucket;
  }

  /**
   * Finds an object, or a folder that has objects.
   *
   * @param path The path.
   * @param kind The only kind that is wanted.
   * @returns The entry; `undefined` if there is none.
   * @throws {SourceError} If the store cannot tell.
   */
  async find(
    path: string,
    kind?: "directory",
  ): Promise<SourceEntry | undefined> {
    const key = this.#prefix + path;
    if (!isKey(key)) return undefined;
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (kind === undefined) {
      // Without the right to list, a store answers 403 for a missing object.
      const request = { method: "HEAD", key } as const;
      const found = await this.#client.send(request, [200, 403, 404]);
      await found.body?.cancel();
      if (found.status === 200) {
        const entry = entryOf(name, found.headers);
        if (entry === undefined) {
          throw this.#client.broken(request, "no length");
        }
        return entry;
      }
    }
    // A file may have the longest key that there is.
    if (!isKey(this.#folder(path))) return undefined;
    const page = await listPage(this.#client, {
      prefix: this.#folder(path),
      delimiter: "/",
      "max-keys": "1",
    });
    const isThere = page.children.some(({ name }) =>
      name === "Contents" || name === "CommonPrefixes"
    );
    return isThere ? { name, kind: "directory", size: 0 } : undefined;
  }

  /**
   * Lists a folder.
   *
   * @param path The folder.
   * @returns Its entries, in pages of at most 1,000.
   * @throws {SourceError} 404 if there is no such folder.
   */
  async *list(path: string): AsyncGenerator<SourceEntry[]> {
    const folder = this.#folder(path);
    let isFirst = true;
    const query = { prefix: folder, delimiter: "/" };
    for await (const page of listPages(this.#client, query)) {
      const { entries, count } = entriesOf(page, folder);
      if (isFirst && count === 0 && path !== "") throw missing();
      isFirst = false;
      yield entries;
    }
  }

  /**
   * Reads a part of an object, by a request for this range.
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
    const key = this.#prefix + path;
    const headers: Record<string, string> = {
      range: `bytes=${start}-${end - 1}`,
    };
    if (entry.etag !== undefined) headers["if-match"] = entry.etag;
    const request = { method: "GET", key, headers } as const;
    const response = await this.#client.send(request, [
      200,
      206,
      404,
      412,
      416,
    ]);
    const isWhole = start === 0 && end === entry.size;
    const tag = tagOf(response.headers.get("etag") ?? undefined);
    // Some stores ignore `If-Match`.
    const isOther = response.ok && tag !== entry.etag;
    if (
      !isOther &&
      (response.status === 206 || (response.status === 200 && isWhole))
    ) {
      const length = response.headers.get("content-length");
      const range = response.headers.get("content-range");
      if (
        (length === null || Number(length) === end - start) &&
        (range === null || range.startsWith(`bytes ${start}-${end - 1}/`))
      ) {
        const limits = this.constructor as typeof S3Source;
        return this.#client.streamOf(request, response, limits);
      }
    }
    await response.body?.cancel();
    if (response.status === 404) throw missing();
    if (isOther || response.status === 412 || response.status === 416) {
      throw new SourceError(503, "The file has just changed");
    }
    throw this.#client.broken(request, "not the range that was asked for");
  }

  /**
   * Writes an object: a small one at once, a large one in parts. It appears when
   * it is complete.
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
    { overwrite, ifMatch, type, size }: WriteOptions,
  ): Promise<Written> {
    const key = this.#prefix + path;
    const head = await this.#client.send({ method: "HEAD", key }, [
      200,
      403,
      404,
    ]);
    await head.body?.cancel();
    const isThere = head.status === 200;
    if (isThere && !overwrite) return "exists";
    const written = await uploadParts(this.#client, content, {
      key,
      type: type ?? "application/octet-stream",
      partBytes: this.#partBytes,
      size,
      memory,
      limits: this.constructor as typeof S3Source,
      // Another process may write the object meanwhile.
      condition: !overwrite
        ? { "if-none-match": "*" }
        : ifMatch === undefined
        ? {}
        : { "if-match": ifMatch },
    });
    if (!written) return "exists";
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
   * Removes an object, or a folder: the objects whose keys begin with its path, one
   * by one. If that ends early, the others stay.
   *
   * @param path The object or folder.
   * @param options See {@linkcode RemoveOptions}. The store checks `ifMatch`.
   * @throws {SourceError} 412 if the object has another version, 404 if no object
   * is in the folder, 409 if no request can have the key of one.
   */
  remove(path: string, options: RemoveOptions): Promise<void> {
    return this.#changes.remove(path, options);
  }

  /**
   * Moves an object, or all objects of a folder: the store copies them, and then
   * they are removed. Other clients may see both places meanwhile. If it ends
   * early, nothing is lost: what was not removed is in both places, and the same
   * move can be made again. What it replaces is removed when the copy is complete.
   *
   * @param from The object or folder.
   * @param to Its new path.
   * @param options See {@linkcode MoveOptions}.
   * @returns What became of it.
   * @throws {SourceError} 404 if it does not exist, 412 if the object has another
   * version, 413 if an object is larger than 5 GiB, 409 if the folder has more than
   * `maxMovedObjects`, or one with a key that no request can have, or if an object
   * changed after it was copied, 503 if it changed before.
   */
  move(from: string, to: string, options: MoveOptions): Promise<Written> {
    const { maxMovedObjects } = this.constructor as typeof S3Source;
    return this.#changes.move(from, to, options, maxMovedObjects);
  }

  /**
   * Copies an object with the fields that are stored with it. The store does it.
   *
   * @param from The object.
   * @param to The path of the copy.
   * @param options See {@linkcode CopyOptions}.
   * @returns What became of it.
   * @throws {SourceError} 404 if the object does not exist, 412 if it has another
   * version, 413 if it is larger than 5 GiB, 503 if it changed meanwhile.
   */
  copy(from: string, to: string, options: CopyOptions): Promise<Written> {
    return this.#changes.copy(from, to, options);
  }

  /**
   * Removes the parts of uploads that were never completed, since the process
   * that received them ended.
   *
   * @param before Only uploads that began before this time, in epoch ms.
   * @returns The number of uploads.
   * @throws {SourceError} If the store does not list or remove them.
   */
  async removeLeftovers(before: number): Promise<number> {
    let removed = 0;
    let marker: Record<string, string> = {};
    for (;;) {
      const page = await this.#client.sendForXml({
        method: "GET",
        query: { uploads: "", prefix: this.#prefix, ...marker },
      });
      for (const { name, texts } of page.children) {
        const key = texts.get("Key");
        const uploadId = texts.get("UploadId");
        const began = Date.parse(texts.get("Initiated") ?? "");
        if (name !== "Upload" || !key || !uploadId || !(began < before)) {
          continue;
        }
        const request = { method: "DELETE", key, query: { uploadId } } as const;
        await (await this.#client.send(request, [204, 404])).body?.cancel();
        removed++;
      }
      const next = page.texts.get("NextKeyMarker");
      if (page.texts.get("IsTruncated") !== "true" || !next) return removed;
      marker = {
        "key-marker": next,
        "upload-id-marker": page.texts.get("NextUploadIdMarker") ?? "",
      };
    }
  }

  #folder(path: string): string {
    return path === "" ? this.#prefix : `${this.#prefix}${path}/`;
  }
}

/** Returns the entry of an object; `undefined` if its length is missing. */
function entryOf(name: string, headers: Headers): SourceEntry | undefined {
  const size = sizeOf(headers.get("content-length"));
  if (size === undefined) return undefined;
  const modified = Date.parse(headers.get("last-modified") ?? "");
  return {
    name,
    kind: "file",
    size,
    modified: Number.isNaN(modified) ? undefined : modified,
    etag: tagOf(headers.get("etag") ?? undefined),
    type: headers.get("content-type") ?? undefined,
    coding: codingOf(headers),
    fields: ["Content-Disposition", "Content-Language"].flatMap((name) => {
      const value = headers.get(name);
      return value === null ? [] : [[name, value] as const];
    }),
  };
}

/**
 * Returns the content codings of an object. `aws-chunked` is left of an upload, not
 * of the object.
 */
function codingOf(headers: Headers): string | undefined {
  const codings = (headers.get("content-encoding") ?? "").split(",")
    .map((coding) => coding.trim())
    .filter((coding) => !/^(?:aws-chunked|identity|)$/i.test(coding));
  return codings.length === 0 ? undefined : codings.join(", ");
}

/**
 * Returns the entries of a page, and how many keys it had. Keys that the list may
 * not have are left out: of another folder, or not in UTF-8.
 */
function entriesOf(
  page: XmlRecord,
  folder: string,
): { entries: SourceEntry[]; count: number } {
  const nameOf = (text = ""): string | undefined => {
    const key = keyOf(page, text);
    return key?.startsWith(folder) ? key.slice(folder.length) : undefined;
  };
  const entries: SourceEntry[] = [];
  let count = 0;
  for (const { name: element, texts } of page.children) {
    if (element === "CommonPrefixes") {
      count++;
      const name = nameOf(texts.get("Prefix"));
      if (!name?.endsWith("/")) continue;
      entries.push({ name: name.slice(0, -1), kind: "directory", size: 0 });
    } else if (element === "Contents") {
      count++;
      const name = nameOf(texts.get("Key"));
      const size = sizeOf(texts.get("Size"));
      // The folder itself has no name.
      if (!name || size === undefined) continue;
      const modified = Date.parse(texts.get("LastModified") ?? "");
      entries.push({
        name,
        kind: "file",
        size,
        modified: Number.isNaN(modified) ? undefined : modified,
        etag: tagOf(texts.get("ETag")),
      });
    }
  }
  return { entries, count };
}

function missing(): SourceError {
  return new SourceError(404, "File not found");
}
