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

import { inParts, type Part } from "./parts.ts";
import {
  type ReadOptions,
  type Source,
  type SourceEntry,
  SourceError,
  type WriteOptions,
  type Written,
} from "./source.ts";
import { UploadMemory } from "./upload_memory.ts";

/** The memory of the uploads to all buckets. */
const memory = new UploadMemory();

/** What this module reads of an object in R2. */
export interface R2Object {
  /** Its key. */
  readonly key: string;
  /** Its size, in bytes. */
  readonly size: number;
  /** Its entity tag, with quotes. */
  readonly httpEtag: string;
  /** Its entity tag, without quotes. */
  readonly etag: string;
  /** When it was written. */
  readonly uploaded: Date;
  /** The fields that are stored with it; a list leaves them out. */
  readonly httpMetadata?: {
    /** `Content-Type`. */
    readonly contentType?: string;
    /** `Content-Encoding`. */
    readonly contentEncoding?: string;
    /** `Content-Disposition`. */
    readonly contentDisposition?: string;
    /** `Content-Language`. */
    readonly contentLanguage?: string;
  };
}

/** A page of a list of R2. */
export interface R2Objects {
  /** The objects. */
  readonly objects: readonly R2Object[];
  /** The prefixes that end with the delimiter. */
  readonly delimitedPrefixes: readonly string[];
  /** Whether there are more. */
  readonly truncated: boolean;
  /** Where they begin, if there are more. */
  readonly cursor?: string;
}

/** An upload in parts. */
export interface R2MultipartUpload {
  /** Sends a part. */
  uploadPart(number: number, content: Uint8Array): Promise<R2UploadedPart>;
  /** Makes an object of the parts. */
  complete(parts: R2UploadedPart[]): Promise<R2Object>;
  /** Discards the parts. */
  abort(): Promise<void>;
}

/** A part that was sent. */
export interface R2UploadedPart {
  /** Its number, from 1. */
  partNumber: number;
  /** Its entity tag. */
  etag: string;
}

/** How an object is written. */
export interface R2PutOptions {
  /** The fields that are stored with it. */
  readonly httpMetadata: { readonly contentType: string };
  /** The condition under which it is written. */
  readonly onlyIf?: Headers;
}

/**
 * What this module uses of a bucket: the binding of a worker has it, and
 * `R2Bucket` of `@cloudflare/workers-types`.
 */
export interface R2Bucket {
  /** Finds an object. */
  head(key: string): Promise<R2Object | null>;
  /** Reads a part of an object. */
  get(
    key: string,
    options: {
      range: { offset: number; length: number };
      onlyIf?: { etagMatches: string };
    },
  ): Promise<R2Object | (R2Object & { body: ReadableStream }) | null>;
  /** Lists objects. */
  list(options: {
    prefix: string;
    delimiter: string;
    limit?: number;
    cursor?: string;
  }): Promise<R2Objects>;
  /** Writes an object. */
  put(
    key: string,
    content: Uint8Array,
    options: R2PutOptions,
  ): Promise<R2Object | null>;
  /** Begins an upload in parts. */
  createMultipartUpload(
    key: string,
    options: { httpMetadata: { contentType: string } },
  ): Promise<R2MultipartUpload>;
}

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

  /** The prefix. */
  readonly label: string;
  #bucket: R2Bucket;
  #prefix: string;
  #partBytes: number;

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
    this.#partBytes = partBytes;
    this.label = `r2:${this.#prefix}`;
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
   * it is complete. Two uploads in parts of the same new file may both succeed:
   * R2 has no condition for them.
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
      type = "application/octet-stream",
      size,
    }: WriteOptions,
  ): Promise<Written> {
    const key = this.#prefix + path;
    const isThere = await ask(this.#bucket.head(key)) !== null;
    if (isThere && !overwrite) return "exists";
    const httpMetadata = { contentType: type };
    // Another worker may write the object meanwhile.
    const condition = !overwrite
      ? { onlyIf: new Headers({ "if-none-match": "*" }) }
      : ifMatch === undefined
      ? {}
      : { onlyIf: new Headers({ "if-match": ifMatch }) };
    const parts = inParts(content, {
      sizeOf: () => this.#partBytes,
      size,
      memory,
      limits: this.constructor as typeof R2Source,
    });
    const options = { httpMetadata, ...condition };
    if (!await this.#writeParts(key, parts, options)) return "exists";
    return isThere ? "replaced" : "created";
  }

  /**
   * Makes a folder: an object whose key ends with a slash.
   *
   * @param path The folder.
   * @returns Whether it was made; if not, the name is taken.
   * @throws {SourceError} If it cannot be made.
   */
  async makeDirectory(path: string): Promise<boolean> {
    if (await this.find(path) !== undefined) return false;
    const options = {
      httpMetadata: { contentType: "application/x-directory" },
    };
    const key = this.#folder(path);
    await ask(this.#bucket.put(key, new Uint8Array(), options));
    return true;
  }

  /** Writes an object; returns whether the condition of the options holds. */
  async #writeParts(
    key: string,
    parts: AsyncIterable<Part>,
    options: R2PutOptions,
  ): Promise<boolean> {
    const { httpMetadata } = options;
    const sent: R2UploadedPart[] = [];
    let upload: R2MultipartUpload | undefined;
    try {
      for await (const { bytes, isLast } of parts) {
        if (isLast && upload === undefined) {
          return await ask(this.#bucket.put(key, bytes, options)) !== null;
        }
        upload ??= await ask(
          this.#bucket.createMultipartUpload(key, { httpMetadata }),
        );
        sent.push(await ask(upload.uploadPart(sent.length + 1, bytes)));
      }
      await ask(upload!.complete(sent));
      return true;
    } catch (error) {
      await upload?.abort().catch(() => {});
      throw error;
    }
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

async function ask<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const reason = error instanceof Error ? error.message : `${error}`;
    throw new SourceError(502, "The storage failed", `R2: ${reason}`);
  }
}

function missing(): SourceError {
  return new SourceError(404, "File not found");
}
