// Copyright 2026 the pystd authors. MIT license.

/**
 * Moves the objects of a folder:
 *
 * 1. Copy all of them.
 * 2. Remove what else is at the new place, if that is replaced.
 * 3. Write a marker into the folder: its copy is complete.
 * 4. Remove the versions that were copied, and the marker at last.
 *
 * So nothing is lost wherever it ends. After the third step, the folder may have
 * only a part of its objects. If the same move begins again then, the marker tells
 * that the others are at the new place, where nothing is removed any more.
 *
 * @module
 */

import { encodeHex } from "@std/encoding/hex";
import { temporaryKind, temporaryName } from "../../protocol/upload_name.ts";
import { type SourceEntry, SourceError } from "../source.ts";
import { atOnce } from "./at_once.ts";
import type { ObjectStore, ObjectVersion } from "./object_store.ts";

/** A folder to move. */
export interface FolderMove {
  /** The prefix of its keys, with a slash at its end. */
  readonly from: string;
  /** The new prefix. */
  readonly to: string;
  /** What is at the new place; it is replaced. */
  readonly present: SourceEntry | undefined;
  /** Most objects. */
  readonly maxObjects: number;
}

/** The objects of the folder. */
interface Members {
  /** All but the markers. */
  readonly files: ObjectVersion[];
  readonly markers: ObjectVersion[];
}

/**
 * Moves a folder.
 *
 * @param store The bucket.
 * @param move See {@linkcode FolderMove}.
 * @throws {SourceError} If not all objects can be moved.
 */
export async function moveFolder(
  store: ObjectStore,
  move: FolderMove,
): Promise<void> {
  const { from, to, present } = move;
  const marker = from + await markerName(to);
  const { files, markers } = await membersOf(store, move);
  await copyAll(store, files, move);
  const isComplete = markers.some(({ key }) => key === marker);
  if (present !== undefined && !isComplete) {
    await removeReplaced(store, files, move);
  }
  if (!isComplete) await store.putEmpty(marker);
  await removeCopied(store, files);
  await store.remove([...markers, { key: marker }]);
}

/**
 * Removes objects that were copied.
 *
 * @param store The bucket.
 * @param copied The copied versions.
 * @throws {SourceError} 409 if one has changed.
 */
export async function removeCopied(
  store: ObjectStore,
  copied: readonly ObjectVersion[],
): Promise<void> {
  try {
    await store.remove(copied);
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
  store: ObjectStore,
  { from, to, maxObjects }: FolderMove,
): Promise<Members> {
  const files: ObjectVersion[] = [];
  const markers: ObjectVersion[] = [];
  for await (const objects of store.list(from)) {
    for (const { key, size, etag } of objects) {
      if (key === undefined || !store.isKey(to + key.slice(from.length))) {
        throw new SourceError(409, "Some files cannot have the new names");
      }
      store.checkCopySize(size);
      if (isMarker(key, size)) markers.push({ key });
      else files.push({ key, etag });
    }
    if (files.length > maxObjects) {
      throw new SourceError(
        409,
        `The folder has more than ${maxObjects} files: move parts of it`,
      );
    }
  }
  if (files.length + markers.length === 0) {
    throw new SourceError(404, "File not found");
  }
  return { files, markers };
}

async function copyAll(
  store: ObjectStore,
  files: readonly ObjectVersion[],
  { from, to, present }: FolderMove,
): Promise<void> {
  await atOnce(files, store.copiesAtOnce, async ({ key, etag }) => {
    const isCopied = await store.copy({
      from: key,
      to: to + key.slice(from.length),
      etag,
      overwrite: present !== undefined,
    });
    if (isCopied) return;
    throw new SourceError(503, "A file in the folder has just changed");
  });
}

/** Removes what the folder replaces, but for the objects that it has itself. */
async function removeReplaced(
  store: ObjectStore,
  files: readonly ObjectVersion[],
  { from, to, present }: FolderMove,
): Promise<void> {
  const names = new Set(files.map(({ key }) => key.slice(from.length)));
  for await (const objects of store.list(to)) {
    // Keys that no request can have stay.
    await store.remove(
      objects.flatMap(({ key }) =>
        key === undefined || names.has(key.slice(to.length)) ? [] : [{ key }]
      ),
    );
  }
  if (present?.kind === "file") {
    await store.remove([{ key: to.slice(0, -1), etag: present.etag }]);
  }
}

/** The name of the marker for one new place. */
async function markerName(to: string): Promise<string> {
  const bytes = new TextEncoder().encode(to);
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return temporaryName(encodeHex(digest.subarray(0, 16)), "moved");
}

function isMarker(key: string, size: number): boolean {
  const name = key.slice(key.lastIndexOf("/") + 1);
  return size === 0 && temporaryKind(name) === "moved";
}
