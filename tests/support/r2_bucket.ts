// Copyright 2026 the pystd authors. MIT license.

/**
 * A bucket of R2 in memory, with small pages and faults on demand.
 * `tests/engines/` uses that of workerd.
 *
 * @module
 */

import type {
  R2Bucket,
  R2Metadata,
  R2MultipartUpload,
  R2Object,
  R2Objects,
  R2PutOptions,
} from "../../sources/r2.ts";

/** Keys of a page. */
const PAGE = 2;

/** A bucket in memory. */
export class MemoryBucket implements R2Bucket {
  /** What it contains, by key. */
  readonly contents: Map<string, Uint8Array<ArrayBuffer>> = new Map();
  /** Uploads in parts that were neither completed nor aborted. */
  readonly open: Set<string> = new Set();
  /** Returns what a method throws in place of its work. */
  fault: (method: keyof R2Bucket, key: string) => Error | undefined = () =>
    undefined;
  /** Bytes of the largest content that it received. */
  largestPart = 0;
  #version = 0;
  #objects = new Map<string, R2Object>();

  /**
   * Stores objects.
   *
   * @param contents Their contents by key.
   */
  constructor(contents: Readonly<Record<string, string | Uint8Array>> = {}) {
    for (const [key, content] of Object.entries(contents)) {
      const bytes = typeof content === "string"
        ? new TextEncoder().encode(content)
        : new Uint8Array(content);
      this.#set(key, bytes);
    }
  }

  /** Stores fields with an object. */
  describe(key: string, httpMetadata: R2Object["httpMetadata"]): void {
    this.#objects.set(key, { ...this.#objects.get(key)!, httpMetadata });
  }

  /** Finds an object. */
  head(key: string): Promise<R2Object | null> {
    return this.#answer("head", key, () => this.#objects.get(key) ?? null);
  }

  /** Reads a part of an object. */
  get(
    key: string,
    { range, onlyIf }: Parameters<R2Bucket["get"]>[1],
  ): ReturnType<R2Bucket["get"]> {
    return this.#answer("get", key, () => {
      const object = this.#objects.get(key);
      if (object === undefined) return null;
      if (onlyIf !== undefined && onlyIf.etagMatches !== object.etag) {
        return object;
      }
      const { offset = 0, length = object.size } = range ?? {};
      const bytes = this.contents.get(key)!.slice(offset, offset + length);
      return { ...object, body: new Blob([bytes]).stream() };
    });
  }

  /** Lists objects, in pages of two. */
  list(
    { prefix, delimiter, limit = PAGE, cursor = "" }: Parameters<
      R2Bucket["list"]
    >[0],
  ): Promise<R2Objects> {
    return this.#answer("list", prefix, () => {
      const names = new Set<string>();
      for (const key of [...this.contents.keys()].sort()) {
        if (!key.startsWith(prefix)) continue;
        const end = delimiter === undefined
          ? -1
          : key.indexOf(delimiter, prefix.length);
        names.add(end === -1 ? key : key.slice(0, end + 1));
      }
      // The folder itself is an object, not a prefix.
      const all = [...names].filter((name) => name > cursor);
      const page = all.slice(0, limit);
      const isFolder = (name: string): boolean =>
        delimiter !== undefined && name.endsWith(delimiter) && name !== prefix;
      return {
        objects: page.filter((name) => !isFolder(name))
          .map((name) => this.#objects.get(name)!),
        delimitedPrefixes: page.filter(isFolder),
        truncated: page.length < all.length,
        cursor: page.at(-1),
      };
    });
  }

  /** Writes an object. */
  put(
    key: string,
    content: Uint8Array,
    { onlyIf, ...metadata }: R2PutOptions,
  ): Promise<R2Object | null> {
    return this.#answer("put", key, () => {
      const present = this.#objects.get(key);
      const isNew = onlyIf?.get("if-none-match") === "*";
      if (isNew && present !== undefined) return null;
      const wanted = onlyIf?.get("if-match") ?? present?.httpEtag;
      if (wanted !== present?.httpEtag) return null;
      return this.#set(key, new Uint8Array(content), metadata);
    });
  }

  /** Removes objects. */
  delete(keys: string[]): Promise<void> {
    if (keys.length > 1000) throw new TypeError("delete: too many keys");
    return this.#answer("delete", keys[0]!, () => {
      for (const key of keys) {
        this.contents.delete(key);
        this.#objects.delete(key);
      }
    });
  }

  /** Begins an upload in parts. */
  createMultipartUpload(
    key: string,
    metadata: R2Metadata,
  ): Promise<R2MultipartUpload> {
    const parts: Uint8Array<ArrayBuffer>[] = [];
    const answer = <T>(answer: () => T) =>
      this.#answer("createMultipartUpload", key, answer);
    return answer(() => {
      this.open.add(key);
      return {
        uploadPart: (partNumber, content) =>
          answer(() => {
            this.largestPart = Math.max(this.largestPart, content.length);
            parts[partNumber - 1] = new Uint8Array(content);
            return { partNumber, etag: `${content.length}` };
          }),
        complete: (sent) =>
          answer(() => {
            this.open.delete(key);
            const used = sent.map(({ partNumber }) => parts[partNumber - 1]!);
            const bytes = new Uint8Array(
              used.reduce((sum, { length }) => sum + length, 0),
            );
            let at = 0;
            for (const part of used) {
              bytes.set(part, at);
              at += part.length;
            }
            return this.#set(key, bytes, metadata);
          }),
        abort: () => {
          this.open.delete(key);
          return Promise.resolve();
        },
      };
    });
  }

  #set(
    key: string,
    bytes: Uint8Array<ArrayBuffer>,
    metadata: R2Metadata = { httpMetadata: {} },
  ): R2Object {
    const etag = `v${++this.#version}`;
    const object = {
      ...metadata,
      key,
      size: bytes.length,
      etag,
      httpEtag: `"${etag}"`,
      uploaded: new Date(),
    };
    this.contents.set(key, bytes);
    this.#objects.set(key, object);
    return object;
  }

  #answer<T>(
    method: keyof R2Bucket,
    key: string,
    answer: () => T,
  ): Promise<T> {
    const fault = this.fault(method, key);
    return fault === undefined
      ? Promise.resolve(answer())
      : Promise.reject(fault);
  }
}
