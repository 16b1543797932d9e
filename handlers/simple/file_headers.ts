// Copyright 2026 the pystd authors. MIT license.

/**
 * Header fields and validators of a file.
 *
 * @module
 */

import type { FileDescription, ReadyFile } from "../../files/file_store.ts";
import type { Validators } from "../../protocol/conditions.ts";
import { formatHttpDate } from "../../protocol/date.ts";
import { codedEtag, formatEtag } from "../../protocol/etag.ts";
import { HeaderBlock } from "../../protocol/header_block.ts";

type Field = [name: string, value: string];

/**
 * Earlier times do not identify a version. Nix, OSTree and reproducible
 * archives give all files the time 0 or 1 s, or the first time that zip has,
 * 1 January 1980 in some time zone.
 */
const FIRST_REAL_TIME = Date.UTC(1980, 0, 3);

/**
 * Returns the values of the header fields of a file.
 *
 * @param type The file's media type.
 * @param info The file's metadata.
 * @returns The values.
 */
export function describe(type: string, info: Deno.FileInfo): FileDescription {
  const mtime = info.mtime?.getTime();
  // RFC 9110 8.8.2.1: no date in the future.
  const known = mtime !== undefined && mtime >= FIRST_REAL_TIME &&
    mtime <= Date.now();
  return {
    type,
    etag: etagOf(info),
    lastModified: known ? formatHttpDate(mtime) : "",
  };
}

/**
 * Returns the entity tag of a file.
 *
 * @param info The file's metadata.
 * @returns The tag.
 */
export function etagOf({ size, mtime, ctime, ino }: Deno.FileInfo): string {
  const time = mtime?.getTime();
  if (time === undefined || !(time < FIRST_REAL_TIME)) {
    // A time outside the range of `Date` is NaN.
    return formatEtag(size, time || 0);
  }
  // Different versions differ in their inode or in their change time.
  const changed = (ctime ?? mtime)!.getTime();
  return codedEtag(formatEtag(size, changed), (ino ?? 0).toString(36));
}

/**
 * Returns the validators that preconditions are compared with.
 *
 * @param file The file.
 * @returns Its validators.
 */
export function validatorsOf(file: ReadyFile): Validators {
  const { etag, info, lastModified: date } = file;
  const lastModified = date === "" ? undefined : info.mtime!.getTime();
  return { etag, lastModified, date };
}

/**
 * Returns the fields that identify the version of a file.
 *
 * @param file The file.
 * @returns The fields.
 */
export function validatorFields(
  { lastModified, etag }: FileDescription,
): Field[] {
  const fields: Field[] = [["ETag", etag], ["Accept-Ranges", "bytes"]];
  if (lastModified !== "") fields.unshift(["Last-Modified", lastModified]);
  return fields;
}

/**
 * Returns the fields that are stored with a file: nothing for a directory's.
 *
 * @param file The file.
 * @returns The fields.
 */
export function storedFields(
  { coding, fields = [] }: FileDescription,
): readonly (readonly [name: string, value: string])[] {
  return coding === undefined
    ? fields
    : [["Content-Encoding", coding], ...fields];
}

/** Fields of a 200 response, by file. */
const wholeFileBlocks = new WeakMap<ReadyFile, HeaderBlock>();

/**
 * Returns the fields of a 200 response, formatted once for each file.
 *
 * @param file The file.
 * @returns The fields.
 */
export function wholeFileHeaders(file: ReadyFile): HeaderBlock {
  let block = wholeFileBlocks.get(file);
  if (block === undefined) {
    block = new HeaderBlock([
      ["Content-type", file.type],
      ["Content-Length", `${file.info.size}`],
      ...validatorFields(file),
      ...storedFields(file),
    ]);
    wholeFileBlocks.set(file, block);
  }
  return block;
}
