// Copyright 2026 the pystd authors. MIT license.

/**
 * Copies files and folders as clients see them: by the rules of downloads, and
 * within the limits of uploads.
 *
 * A file is copied like an upload (`incoming.ts`). A folder is copied into a
 * hidden folder, and gets its name when it is complete. So a copy never appears
 * in part, and what it replaces stays until then.
 *
 * @module
 */

import { RequestError } from "../protocol/request_error.ts";
import { HoldingFolder, pathOf, type Place } from "./holding_folder.ts";
import {
  type CommitOptions,
  IncomingFile,
  type IncomingOptions,
  type Placement,
} from "./incoming.ts";
import { checkApart, placeCopy } from "./move.ts";
import type { OpenFile } from "./open_file.ts";
import { joinName } from "./paths.ts";
import type { Found, ServedDirectory } from "./served_directory.ts";
import type { UploadQuota } from "./upload_quota.ts";
import { walk } from "./walk.ts";

/** Bytes read at once; a piece is written while the next is read. */
const PIECE_BYTES = 256 * 1024;
/** Most failures to report. */
const MAX_FAILURES = 1000;

/** Options of {@linkcode copyEntry}. */
export interface CopyOptions {
  /** Where the source is, with the rules of downloads. */
  servedDirectory: ServedDirectory;
  /** Whether to replace an entry with the new name. */
  overwrite: boolean;
  /** Disk space for uploads. */
  quota: UploadQuota;
  /** Largest file, in bytes. */
  maxBytes: number;
  /** Most levels of the new folder. */
  maxLevels: number;
  /** Whether the content of a folder is copied. */
  recursive: boolean;
}

/** Something in a folder that could not be copied. */
export interface CopyFailure {
  /** Its path below the folder, with slashes. */
  readonly name: string;
  /** The status of the error. */
  readonly status: number;
}

/** The outcome of a copy. */
export interface Copied {
  /** Whether another entry was replaced. */
  readonly placement: Placement;
  /** What could not be copied. */
  readonly failed: readonly CopyFailure[];
}

/**
 * Copies a file, or a folder with its content. Hidden files and links that lead
 * out are left out, as in downloads. A link to a file is copied as that file; a
 * link to a folder below the source is not copied.
 *
 * @param source The source
 * @param to The place of the copy
 * @param options See {@linkcode CopyOptions}
 * @returns The outcome
 * @throws {RequestError} 412 if the new name is in use and must not be replaced,
 * 403 if one place is in the other, 413 or 507 if it is too large
 * @throws {Error} If it cannot be read or written
 */
export async function copyEntry(
  source: Found,
  to: Place,
  options: CopyOptions,
): Promise<Copied> {
  checkApart(source.path, pathOf(to));
  if (source.kind === "directory") return await copyFolder(source, to, options);
  const { overwrite } = options;
  const staging = HoldingFolder.create(to.folder, to.root, "part");
  try {
    await copyFile(source, { ...to, folder: staging.path }, options);
    const placement = await placeCopy(staging.at(to.name), to, overwrite);
    return { placement, failed: [] };
  } finally {
    await staging.remove(to.name);
  }
}

async function copyFolder(
  source: Found,
  to: Place,
  options: CopyOptions,
): Promise<Copied> {
  const staging = HoldingFolder.create(to.folder, to.root, "part");
  let copiedBytes = 0;
  try {
    const top = staging.at(to.name);
    Deno.mkdirSync(top);
    const failed: CopyFailure[] = [];
    if (options.recursive) {
      for await (
        const bytes of copyContent(
          source,
          { ...to, folder: top },
          options,
          failed,
        )
      ) copiedBytes += bytes;
    }
    const placement = await placeCopy(top, to, options.overwrite);
    copiedBytes = 0;
    return { placement, failed };
  } finally {
    options.quota.giveBack(copiedBytes);
    await staging.remove(to.name);
  }
}

/** Yields the sizes of the files it has copied. */
async function* copyContent(
  source: Found,
  into: Place,
  options: CopyOptions,
  failed: CopyFailure[],
): AsyncGenerator<number> {
  const { servedDirectory, maxLevels } = options;
  const unreadable: string[] = [];
  for await (
    const { name, found } of walk(servedDirectory, source, {
      unreadable,
      skipsFolderLinks: true,
    })
  ) {
    const path = name.replace(/\/$/, "");
    const slash = path.lastIndexOf("/");
    try {
      if (path.split("/").length > maxLevels) {
        throw new RequestError(403, "The copy would be too deep");
      }
      const folder = slash === -1
        ? into.folder
        : joinName(into.folder, path.slice(0, slash));
      const place = { ...into, folder, name: path.slice(slash + 1) };
      if (found.kind === "directory") Deno.mkdirSync(pathOf(place));
      else yield await copyFile(found, place, options);
    } catch (error) {
      const status = statusOf(error);
      // Without space, nothing more can be copied.
      if (status === undefined || status === 507) throw error;
      if (failed.length < MAX_FAILURES) failed.push({ name, status });
    }
  }
  for (const name of unreadable) failed.push({ name, status: 403 });
}

function statusOf(error: unknown): number | undefined {
  if (error instanceof RequestError) return error.status;
  const { code } = error as { code?: string };
  return code === "EACCES" || code === "EPERM" || code === "ENOENT"
    ? 403
    : undefined;
}

/** Copies a file into a hidden folder, and returns its size. */
async function copyFile(
  found: Found,
  to: Place,
  { servedDirectory, quota, maxBytes }: CopyOptions,
): Promise<number> {
  if (found.info.size > maxBytes) {
    throw new RequestError(413, "Content Too Large");
  }
  quota.check(to.folder, found.info.size);
  const opened = servedDirectory.open(found);
  if (opened === undefined) {
    throw new RequestError(403, "The file changed, or cannot be read");
  }
  using stack = new DisposableStack();
  stack.defer(() => opened.file.close());
  const writing: IncomingOptions = { root: to.root, quota };
  const file = IncomingFile.create(to.folder, writing);
  try {
    await pump(opened.file, file, maxBytes);
    const { mtime } = opened.info;
    const options: CommitOptions = { modified: mtime?.getTime() };
    const { size } = file;
    await file.commit(to.name, options);
    return size;
  } finally {
    await file.discard();
  }
}

async function pump(
  source: OpenFile,
  file: IncomingFile,
  maxBytes: number,
): Promise<void> {
  let left = maxBytes;
  for (;;) {
    const buffer = new Uint8Array(PIECE_BYTES);
    const count = await source.read(buffer);
    if (count === null) break;
    left -= count;
    if (left < 0) throw new RequestError(413, "Content Too Large");
    await file.write(buffer.subarray(0, count));
  }
  await file.written();
}
