// Copyright 2026 the pystd authors. MIT license.

import { SourceError } from "../source.ts";
import type { S3Client } from "./client.ts";
import { parseXml } from "./xml.ts";

/** Largest object that a store copies by one request (S3 API, CopyObject). */
const MAX_COPY_BYTES = 5 * 1024 ** 3;

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

/**
 * Checks that a store copies an object of some size.
 *
 * @param size The size, in bytes.
 * @throws {SourceError} 413 if it does not.
 */
export function checkCopySize(size: number): void {
  if (size <= MAX_COPY_BYTES) return;
  throw new SourceError(413, "The storage copies files of up to 5 GiB");
}

/**
 * Copies an object in the store, with the fields that are stored with it.
 *
 * @param client Asks the bucket.
 * @param copy See {@linkcode ObjectCopy}.
 * @returns Whether it was copied; `false` if a condition does not hold: it has
 * another version, or `to` is in use.
 * @throws {SourceError} 404 if there is no such object.
 */
export async function copyObject(
  client: S3Client,
  { from, to, etag, overwrite }: ObjectCopy,
): Promise<boolean> {
  const headers: Record<string, string> = {
    "x-amz-copy-source": client.copySource(from),
  };
  if (etag !== undefined) headers["x-amz-copy-source-if-match"] = etag;
  if (!overwrite) headers["if-none-match"] = "*";
  const request = { method: "PUT", key: to, headers } as const;
  const response = await client.send(request, [200, 404, 409, 412]);
  const text = await client.readText(request, response);
  switch (response.status) {
    case 200:
      // A failure comes with the status 200 if the store has begun to answer.
      if (parseXml(text)?.name === "CopyObjectResult") return true;
      throw client.broken(request, text);
    case 404:
      throw new SourceError(404, "File not found");
  }
  return false;
}
