// Copyright 2026 the pystd authors. MIT license.

import { atOnce } from "../bucket/at_once.ts";
import type {
  ListedObject,
  ObjectCopy,
  ObjectStore,
  ObjectVersion,
} from "../bucket/object_store.ts";
import { inParts, type Part } from "../parts.ts";
import { SourceError } from "../source.ts";
import { type UploadLimits, UploadMemory } from "../upload_memory.ts";
import type {
  R2Bucket,
  R2Metadata,
  R2MultipartUpload,
  R2Object,
  R2Objects,
  R2UploadedPart,
} from "./bucket.ts";

/** Longest key, in bytes (R2). */
const MAX_KEY_BYTES = 1024;
/** Most objects that one request removes (R2). */
const MAX_REMOVED = 1000;
/** Most open requests of a worker (Cloudflare Workers). */
const MAX_REQUESTS = 6;

/** The memory of the uploads to all buckets. */
const memory = new UploadMemory();

/** How parts are sent. */
export interface R2StoreOptions {
  /** Size of a part, in bytes. */
  readonly partBytes: number;
  /** The limits of the memory for parts. */
  readonly limits: UploadLimits;
}

/** How an object is written. */
export interface R2WriteOptions {
  /** Most bytes, if that is known. */
  readonly size: number | undefined;
  /** What is stored with it. */
  readonly metadata: R2Metadata;
  /** Only a new object, or the entity tag of the only version to replace. */
  readonly condition: "new" | string | undefined;
}

/** The objects of a bucket of R2, for uploads and changes. */
export class R2Store implements ObjectStore {
  /** Most copies at once: each one reads and writes. */
  readonly copiesAtOnce = MAX_REQUESTS / 2;
  #bucket: R2Bucket;
  #options: R2StoreOptions;

  /**
   * Stores its arguments.
   *
   * @param bucket The binding.
   * @param options See {@linkcode R2StoreOptions}.
   */
  constructor(bucket: R2Bucket, options: R2StoreOptions) {
    this.#bucket = bucket;
    this.#options = options;
  }

  /** Tells whether an object can have a key. */
  isKey(key: string): boolean {
    return key.isWellFormed() &&
      new TextEncoder().encode(key).length <= MAX_KEY_BYTES;
  }

  /** An object of any size can be copied, in parts. */
  checkCopySize(): void {}

  /** Lists all objects with a prefix. */
  async *list(prefix: string): AsyncGenerator<ListedObject[]> {
    let cursor: string | undefined;
    do {
      const page: R2Objects = await ask(
        this.#bucket.list({
          prefix,
          ...(cursor === undefined ? {} : { cursor }),
        }),
      );
      yield page.objects.map(({ key, size, httpEtag: etag }) => ({
        key,
        size,
        etag,
      }));
      cursor = page.truncated ? page.cursor : undefined;
    } while (cursor !== undefined);
  }

  /** Copies an object by reading and writing it. */
  async copy({ from, to, etag, overwrite }: ObjectCopy): Promise<boolean> {
    const object = await ask(
      this.#bucket.get(
        from,
        etag === undefined ? {} : { onlyIf: { etagMatches: unquoted(etag) } },
      ),
    );
    if (object === null) throw new SourceError(404, "File not found");
    // Without a body, the condition does not hold.
    if (!("body" in object)) return false;
    const { size, httpMetadata = {}, customMetadata } = object;
    try {
      return await this.write(to, wholeBody(object), {
        size,
        metadata: customMetadata === undefined
          ? { httpMetadata }
          : { httpMetadata, customMetadata },
        condition: overwrite ? undefined : "new",
      });
    } finally {
      // Nothing may have been read of it.
      await object.body.cancel().catch(() => {});
    }
  }

  /** Writes an empty object. */
  async putEmpty(key: string): Promise<void> {
    const httpMetadata = { contentType: "application/x-directory" };
    await ask(this.#bucket.put(key, new Uint8Array(), { httpMetadata }));
  }

  /** Removes objects; their versions are compared just before. */
  async remove(objects: readonly ObjectVersion[]): Promise<void> {
    for (let start = 0; start < objects.length; start += MAX_REMOVED) {
      await this.#removePage(objects.slice(start, start + MAX_REMOVED));
    }
  }

  async #removePage(objects: readonly ObjectVersion[]): Promise<void> {
    const keys: string[] = [];
    await atOnce(objects, MAX_REQUESTS, async ({ key, etag }) => {
      if (await this.#holds(key, etag)) keys.push(key);
    });
    if (keys.length > 0) await ask(this.#bucket.delete(keys));
    if (keys.length < objects.length) {
      throw new SourceError(412, "Precondition Failed");
    }
  }

  /** Whether an object is gone, or has the version that is wanted. */
  async #holds(key: string, etag: string | undefined): Promise<boolean> {
    if (etag === undefined) return true;
    const present = await ask(this.#bucket.head(key));
    return present === null || present.httpEtag === etag;
  }

  /**
   * Writes an object: a small one at once, a large one in parts.
   *
   * @param key Its key.
   * @param content The content.
   * @param options See {@linkcode R2WriteOptions}.
   * @returns Whether the condition holds, and it was written.
   * @throws {SourceError} If it cannot be written; 503 if there are too many
   * uploads at once.
   */
  async write(
    key: string,
    content: AsyncIterable<Uint8Array>,
    { size, metadata, condition }: R2WriteOptions,
  ): Promise<boolean> {
    const { partBytes, limits } = this.#options;
    const parts = inParts(content, {
      sizeOf: () => partBytes,
      size,
      memory,
      limits,
    });
    const sent: R2UploadedPart[] = [];
    let upload: R2MultipartUpload | undefined;
    try {
      for await (const part of parts) {
        if (part.isLast && upload === undefined) {
          return await this.#put(key, part, metadata, condition);
        }
        upload ??= await ask(this.#bucket.createMultipartUpload(key, metadata));
        sent.push(await ask(upload.uploadPart(sent.length + 1, part.bytes)));
      }
      if (!await this.#mayComplete(key, condition)) {
        await ask(upload!.abort());
        return false;
      }
      await ask(upload!.complete(sent));
      return true;
    } catch (error) {
      await upload?.abort().catch(() => {});
      throw error;
    }
  }

  async #put(
    key: string,
    { bytes }: Part,
    metadata: R2Metadata,
    condition: string | undefined,
  ): Promise<boolean> {
    const onlyIf = condition === "new"
      ? new Headers({ "if-none-match": "*" })
      : condition && new Headers({ "if-match": condition });
    const options = onlyIf ? { ...metadata, onlyIf } : metadata;
    return await ask(this.#bucket.put(key, bytes, options)) !== null;
  }

  /** Checks a condition just before an upload in parts is complete. */
  async #mayComplete(
    key: string,
    condition: string | undefined,
  ): Promise<boolean> {
    if (condition === undefined) return true;
    const present = await ask(this.#bucket.head(key));
    return condition === "new"
      ? present === null
      : present?.httpEtag === condition;
  }
}

/** The bytes of an object; fails if they are not all. */
async function* wholeBody(
  { key, size, body }: R2Object & { readonly body: ReadableStream<Uint8Array> },
): AsyncGenerator<Uint8Array> {
  let length = 0;
  try {
    for await (const bytes of body) {
      length += bytes.length;
      if (length > size) break;
      yield bytes;
    }
  } catch (error) {
    throw failed(error);
  }
  if (length !== size) throw failed(`${key} has ${size} bytes, not ${length}`);
}

/**
 * Awaits an answer of the bucket.
 *
 * @param answer The answer.
 * @returns Its value.
 * @throws {SourceError} 502 if the bucket fails.
 */
export async function ask<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    throw failed(error);
  }
}

function failed(error: unknown): SourceError {
  const reason = error instanceof Error ? error.message : `${error}`;
  return new SourceError(502, "The storage failed", `R2: ${reason}`);
}

function unquoted(etag: string): string {
  return etag.slice(1, -1);
}
