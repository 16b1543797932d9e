// Copyright 2026 the pystd authors. MIT license.

/**
 * Removes objects, by a DELETE for each: not all stores remove several by one
 * request, and none of them several under conditions.
 *
 * @module
 */

import { SourceError } from "../source.ts";
import { atOnce } from "./at_once.ts";
import type { S3Client } from "./client.ts";
import { objectsBelow } from "./list.ts";

/**
 * Removes an object. One that is gone already is no failure.
 *
 * @param client Asks the bucket.
 * @param key Its key.
 * @param etag The entity tag of the only version that is removed.
 * @throws {SourceError} 412 if it has another version.
 */
export async function removeObject(
  client: S3Client,
  key: string,
  etag?: string,
): Promise<void> {
  const headers: Record<string, string> = etag === undefined
    ? {}
    : { "if-match": etag };
  const request = { method: "DELETE", key, headers } as const;
  const response = await client.send(request, [200, 204, 404, 409, 412]);
  await response.body?.cancel();
  if (response.status === 409 || response.status === 412) {
    throw new SourceError(412, "Precondition Failed");
  }
}

/**
 * Removes all objects of a folder, while it is listed.
 *
 * @param client Asks the bucket.
 * @param folder The prefix of their keys, with a slash at its end.
 * @throws {SourceError} 404 if there is none; 409 if no request can have the key of
 * one: the others are removed.
 */
export async function removeFolder(
  client: S3Client,
  folder: string,
): Promise<void> {
  let count = 0;
  let left = 0;
  for await (const objects of objectsBelow(client, folder)) {
    const keys = objects.map(({ key }) => key)
      .filter((key) => key !== undefined);
    count += objects.length;
    left += objects.length - keys.length;
    await atOnce(keys, (key) => removeObject(client, key));
  }
  if (count === 0) throw new SourceError(404, "File not found");
  if (left > 0) {
    throw new SourceError(409, "Some files have names that nothing can delete");
  }
}
