// Copyright 2026 the pystd authors. MIT license.

/**
 * What a response says of a file.
 *
 * @module
 */

import type { FileDescription, ReadyFile } from "../../files/lookup.ts";
import type { Validators } from "../../protocol/conditions.ts";
import { formatHttpDate } from "../../protocol/date.ts";
import { codedEtag, formatEtag } from "../../protocol/etag.ts";
import { HeaderBlock } from "../../protocol/header_block.ts";

type Field = [name: string, value: string];

/**
 * Earlier times tell no versions apart. Nix, OSTree and reproducible archives
 * give all files the time 0 or 1 s, or the first that zip knows, 1 January 1980
 * in some time zone.
 */
const FIRST_REAL_TIME = Date.UTC(1980, 0, 3);

/**
 * Makes the values of the fields.
 *
 * @param type The file's media type.
 * @param info What the system says of it.
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
 * Makes the entity tag of a file.
 *
 * @param info What the system says of it.
 * @returns The tag.
 */
export function etagOf({ size, mtime, ctime, ino }: Deno.FileInfo): string {
  const time = mtime?.getTime();
  if (time === undefined || !(time < FIRST_REAL_TIME)) {
    // A time that is beyond all dates is NaN.
    return formatEtag(size, time || 0);
  }
  // Versions that differ have other inodes, or were changed at other times.
  const changed = (ctime ?? mtime)!.getTime();
  return codedEtag(formatEtag(size, changed), (ino ?? 0).toString(36));
}

/**
 * What the preconditions of a request are held against.
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
 * The fields of a response that has all of a file, or parts of it, which tell
 * its version.
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

/** The fields of a response that has all of a file, for each that was sent. */
const wholeFileBlocks = new WeakMap<ReadyFile, HeaderBlock>();

/**
 * The fields of a response that has all of a file, made once for each.
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
    ]);
    wholeFileBlocks.set(file, block);
  }
  return block;
}
