// Copyright 2026 the pystd authors. MIT license.

import { atOnce } from "../bucket/at_once.ts";
import type {
  ListedObject,
  ObjectCopy,
  ObjectStore,
  ObjectVersion,
} from "../bucket/object_store.ts";
import { SourceError } from "../source.ts";
import { isKey, type S3Client } from "./client.ts";
import { objectsBelow } from "./list.ts";
import { parseXml } from "./xml.ts";

/** Largest object that a store copies by one request (S3 API, CopyObject). */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

/** Most requests at once about the objects of a folder. */
const AT_ONCE = 16;

/** The objects of a bucket, for changes. */
export class S3Objects implements ObjectStore {
  /** Most copies at once. */
  readonly copiesAtOnce = AT_ONCE;
  #client: S3Client;

  /**
   * Stores its arguments.
   *
   * @param client Asks the bucket.
   */
  constructor(client: S3Client) {
    this.#client = client;
  }

  /** Tells whether a request can have a key. */
  isKey(key: string): boolean {
    return isKey(key);
  }

  /** Checks that the store copies an object of some size. */
  checkCopySize(size: number): void {
    if (size <= MAX_COPY_BYTES) return;
    throw new SourceError(413, "The storage copies files of up to 5 GiB");
  }

  /** Lists all objects with a prefix. */
  list(prefix: string): AsyncIterable<ListedObject[]> {
    return objectsBelow(this.#client, prefix);
  }

  /** Copies an object, in the store. */
  async copy({ from, to, etag, overwrite }: ObjectCopy): Promise<boolean> {
    const headers: Record<string, string> = {
      "x-amz-copy-source": this.#client.copySource(from),
    };
    if (etag !== undefined) headers["x-amz-copy-source-if-match"] = etag;
    if (!overwrite) headers["if-none-match"] = "*";
    const request = { method: "PUT", key: to, headers } as const;
    const response = await this.#client.send(request, [200, 404, 409, 412]);
    const text = await this.#client.readText(request, response);
    switch (response.status) {
      case 200:
        // A failure comes with the status 200 if the store has begun to answer.
        if ((await parseXml(text))?.name === "CopyObjectResult") return true;
        throw this.#client.broken(request, text);
      case 404:
        throw new SourceError(404, "File not found");
    }
    return false;
  }

  /** Writes an empty object. */
  async putEmpty(key: string): Promise<void> {
    const request = { method: "PUT", key, body: new Uint8Array() } as const;
    const response = await this.#client.send(request, [200]);
    await response.body?.cancel();
  }

  /**
   * Removes objects, by a DELETE for each: not all stores remove several by one
   * request, and none of them several under conditions.
   */
  async remove(objects: readonly ObjectVersion[]): Promise<void> {
    await atOnce(objects, AT_ONCE, (object) => this.#remove(object));
  }

  async #remove({ key, etag }: ObjectVersion): Promise<void> {
    const headers: Record<string, string> = etag === undefined
      ? {}
      : { "if-match": etag };
    const request = { method: "DELETE", key, headers } as const;
    const response = await this.#client.send(request, [
      200,
      204,
      404,
      409,
      412,
    ]);
    await response.body?.cancel();
    if (response.status === 409 || response.status === 412) {
      throw new SourceError(412, "Precondition Failed");
    }
  }
}
