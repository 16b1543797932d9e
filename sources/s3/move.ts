// Copyright 2026 the pystd authors. MIT license.

/**
 * Moves the objects of a folder: copies all of them, and then removes them in the
 * versions that were copied. So nothing is lost wherever it ends, nor if it begins
 * again: what another folder has at the new place stays.
 *
 * @module
 */

import { SourceError } from "../source.ts";
import { atOnce } from "./at_once.ts";
import { isKey, type S3Client } from "./client.ts";
import { checkCopySize, copyObject } from "./copy.ts";
import { objectsBelow } from "./list.ts";
import { removeObject } from "./remove.ts";

/** A folder to move. */
export interface FolderMove {
  /** The prefix of its keys, with a slash at its end. */
  readonly from: string;
  /** The new prefix. */
  readonly to: string;
  /** Whether objects that are there are replaced. */
  readonly overwrite: boolean;
  /** Most objects. */
  readonly maxObjects: number;
}

/** An object of the folder. */
interface Member {
  /** The rest of its key. */
  readonly name: string;
  readonly etag: string | undefined;
}

/**
 * Moves a folder.
 *
 * @param client Asks the bucket.
 * @param move See {@linkcode FolderMove}.
 * @throws {SourceError} If not all objects can be moved.
 */
export async function moveFolder(
  client: S3Client,
  move: FolderMove,
): Promise<void> {
  const { from, to, overwrite } = move;
  const members = await membersOf(client, move);
  await atOnce(members, async ({ name, etag }) => {
    const copy = { from: from + name, to: to + name, etag, overwrite };
    if (await copyObject(client, copy)) return;
    throw new SourceError(503, "A file in the folder has just changed");
  });
  await atOnce(
    members,
    ({ name, etag }) => removeCopied(client, from + name, etag),
  );
}

/**
 * Removes an object that was copied.
 *
 * @param client Asks the bucket.
 * @param key Its key.
 * @param etag The entity tag of the copied version.
 * @throws {SourceError} 409 if it has changed.
 */
export async function removeCopied(
  client: S3Client,
  key: string,
  etag: string | undefined,
): Promise<void> {
  try {
    await removeObject(client, key, etag);
  } catch (error) {
    if (!(error instanceof SourceError) || error.status !== 412) throw error;
    throw new SourceError(
      409,
      "A file has just changed: it was copied, and stays in its old place, too",
    );
  }
}

/** Lists the folder, and checks that all of its objects can be moved. */
async function membersOf(
  client: S3Client,
  { from, to, maxObjects }: FolderMove,
): Promise<Member[]> {
  const members: Member[] = [];
  for await (const objects of objectsBelow(client, from)) {
    for (const { key, size, etag } of objects) {
      const name = key?.slice(from.length);
      if (name === undefined || !isKey(to + name)) {
        throw new SourceError(409, "Some files cannot have the new names");
      }
      checkCopySize(size);
      members.push({ name, etag });
    }
    if (members.length > maxObjects) {
      throw new SourceError(
        409,
        `The folder has more than ${maxObjects} files: move parts of it`,
      );
    }
  }
  if (members.length === 0) throw new SourceError(404, "File not found");
  return members;
}
