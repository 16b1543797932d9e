// Copyright 2026 the pystd authors. MIT license.

/**
 * Copies files and folders as clients see them: by the rules of downloads, and
 * within the limits of uploads.
 *
 * A file or folder is copied into a hidden folder, and gets its name when it is
 * complete and on the disk. So a copy never appears in part, and what it replaces
 * stays until then.
 *
 * @module
 */

import { RequestError } from "../protocol/request_error.ts";
import { checkApart } from "./check_apart.ts";
import { HoldingFolder, pathOf, type Place } from "./holding_folder.ts";
import type { Placement } from "./incoming.ts";
import { placeCopy } from "./move.ts";
import { joinName } from "./paths.ts";
import type { Found, ServedDirectory } from "./served_directory.ts";
import type { UploadQuota } from "./upload_quota.ts";
import { walk } from "./walk.ts";

/** Bytes that are read, and then written, at once. */
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
  const staging = HoldingFolder.create(to.folder, to.root, "part");
  let copiedBytes = 0;
  try {
    const place = { ...to, folder: staging.path };
    copiedBytes = await copyFile(source, place, options);
    const placement = await placeCopy(pathOf(place), to, options.overwrite);
    copiedBytes = 0;
    return { placement, failed: [] };
  } finally {
    options.quota.giveBack(copiedBytes);
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

/**
 * Copies a file into a hidden folder, and returns its size. A path through that
 * folder leads nowhere else, and it is removed if the copy fails.
 */
async function copyFile(
  found: Found,
  to: Place,
  { servedDirectory, quota, maxBytes }: CopyOptions,
): Promise<number> {
  if (found.info.size > maxBytes) throw tooLarge();
  quota.check(to.folder, found.info.size);
  const opened = servedDirectory.open(found);
  if (opened === undefined) {
    throw new RequestError(403, "The file changed, or cannot be read");
  }
  using stack = new DisposableStack();
  stack.defer(() => opened.file.close());
  using file = Deno.openSync(pathOf(to), { createNew: true, write: true });
  let size = 0;
  try {
    const buffer = new Uint8Array(PIECE_BYTES);
    for (;;) {
      const count = await opened.file.read(buffer);
      if (count === null) break;
      quota.take(count);
      size += count;
      if (size > maxBytes) throw tooLarge();
      await writeAll(file, buffer.subarray(0, count));
    }
    const { mtime } = opened.info;
    if (mtime !== null) file.utimeSync(mtime, mtime);
    await file.sync();
    return size;
  } catch (error) {
    quota.giveBack(size);
    Deno.removeSync(pathOf(to));
    throw error;
  }
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let rest = bytes; rest.length > 0;) {
    rest = rest.subarray(await file.write(rest));
  }
}

function tooLarge(): RequestError {
  return new RequestError(413, "Content Too Large");
}
