// Copyright 2026 the pystd authors. MIT license.

/**
 * Where the uploads of a `SourceUploads` go, and the names that they may have.
 * Other features that write get it here, so that it is not a part of the public
 * interface.
 *
 * @module
 */

import { evaluatePreconditions } from "../../../protocol/conditions.ts";
import { checkUploadName } from "../../../protocol/upload_name.ts";
import type { Source, SourceEntry } from "../../../sources/source.ts";
import { infoOf } from "../../../sources/source_store.ts";
import { etagOf } from "../../simple/file_headers.ts";
import { pathBelow } from "../access.ts";
import type { ShareRequest } from "../request.ts";
import { UploadError } from "./upload_result.ts";

/** Most names in a path, as for requests. */
export const MAX_DEPTH = 128;

/** Where uploads go, and their limits. */
export interface SourceTarget {
  /** The source. */
  readonly source: Source;
  /** Largest file, in bytes. */
  readonly maxBytes: number;
  /** Other origins whose pages may upload, `"*"` for all. */
  readonly origins: readonly string[];
  /** Whether names may start with a dot. */
  readonly dotfiles: boolean;
  /** Tells which names are refused. */
  readonly hide: ((name: string) => boolean) | undefined;
}

const targets = new WeakMap<object, SourceTarget>();

/**
 * Stores the target of a `SourceUploads`.
 *
 * @param uploads The object.
 * @param target Its target.
 */
export function setSourceTarget(uploads: object, target: SourceTarget): void {
  targets.set(uploads, target);
}

/**
 * Returns the target of a `SourceUploads`.
 *
 * @param uploads The object.
 * @returns Its target.
 */
export function sourceTargetOf(uploads: object): SourceTarget {
  return targets.get(uploads)!;
}

/**
 * Checks that a client may write to a path.
 *
 * @param request The request.
 * @param names The names of the path.
 * @param target The target of the uploads.
 * @throws {UploadError} 400 or 403 if it may not.
 */
export function checkNames(
  { access }: ShareRequest,
  names: readonly string[],
  { dotfiles, hide }: SourceTarget,
): void {
  if (names.length > MAX_DEPTH) throw new UploadError(400, "Path too deep");
  // Files there speak for the whole site: to get a certificate, for example.
  if (names[0] === ".well-known") {
    throw new UploadError(403, "Uploads are not allowed here");
  }
  for (const name of names) {
    const problem = checkUploadName(name, dotfiles, "posix");
    if (problem === "unsafe") throw new UploadError(400, "Bad file name");
    if (problem === "hidden" || hide?.(name)) {
      throw new UploadError(403, "Hidden names are not allowed");
    }
  }
  if (access?.mayWrite(pathBelow(names)) === false) {
    throw new UploadError(403, "Uploads are not allowed here");
  }
}

/**
 * Checks the preconditions of a request about a file or a folder.
 *
 * @param request The request.
 * @param entry What is there; `undefined` if nothing is.
 * @returns The entity tag of the file if the request is only about this version;
 * otherwise `undefined`.
 * @throws {UploadError} 412 if they do not hold.
 */
export function checkVersion(
  request: ShareRequest,
  entry: SourceEntry | undefined,
): string | undefined {
  const { command, headers } = request;
  const validators = entry && {
    etag: entry.kind === "file" ? versionOf(entry) : undefined,
    lastModified: entry.modified,
  };
  if (evaluatePreconditions(command, headers, validators) !== "proceed") {
    throw new UploadError(412, "Precondition Failed");
  }
  const isAboutVersion = ["if-match", "if-unmodified-since"]
    .some((name) => request.field(name) !== undefined);
  return isAboutVersion ? entry?.etag : undefined;
}

/** Returns the entity tag of a file; `undefined` if it tells no versions apart. */
function versionOf(entry: SourceEntry): string | undefined {
  const { etag, modified } = entry;
  return etag ?? (modified === undefined ? undefined : etagOf(infoOf(entry)));
}
