// Copyright 2026 the pystd authors. MIT license.

/**
 * The blocks of a tar archive: POSIX.1-2001 ustar, with pax records for long
 * names, names beyond ASCII, and files from 8 GiB on.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { ArchiveEntry } from "./zip.ts";

/** Block size of a tar archive, in bytes. */
const BLOCK = 512;
/** Longest name in a ustar header, in bytes. */
const MAX_NAME_BYTES = 100;
/** Largest number of eleven octal digits. */
const MAX_SIZE = 0o77777777777;

/**
 * Returns the header of an entry.
 *
 * @param entry The entry; its data must have exactly its size.
 * @returns The blocks.
 */
export function tarHeader(entry: ArchiveEntry): Uint8Array {
  const name = Buffer.from(entry.name, "utf8");
  const records: string[] = [];
  if (name.length > MAX_NAME_BYTES || name.length !== entry.name.length) {
    records.push(paxRecord("path", entry.name));
  }
  if (entry.size > MAX_SIZE) records.push(paxRecord("size", `${entry.size}`));
  const type = entry.name.endsWith("/") ? "5" : "0";
  const header = ustar(entry, name, Math.min(entry.size, MAX_SIZE), type);
  if (records.length === 0) return header;
  const pax = Buffer.from(records.join(""), "utf8");
  const paxName = Buffer.from("PaxHeader");
  return Buffer.concat([
    ustar({ ...entry, mode: 0o644 }, paxName, pax.length, "x"),
    pax,
    tarPadding(pax.length),
    header,
  ]);
}

/**
 * Returns the padding after an entry's data.
 *
 * @param size The data's size in bytes.
 * @returns Zeros up to the next block.
 */
export function tarPadding(size: number): Uint8Array {
  return Buffer.alloc((BLOCK - size % BLOCK) % BLOCK);
}

/** The end of an archive: two empty blocks. */
export const TAR_END: Uint8Array = Buffer.alloc(2 * BLOCK);

function ustar(
  { mode, modified }: ArchiveEntry,
  name: Buffer,
  size: number,
  type: string,
): Buffer {
  const header = Buffer.alloc(BLOCK);
  name.copy(header, 0, 0, MAX_NAME_BYTES);
  const seconds = Math.max(0, Math.floor(modified.getTime() / 1000));
  octal(header, 100, 8, mode);
  octal(header, 108, 8, 0);
  octal(header, 116, 8, 0);
  octal(header, 124, 12, size);
  octal(header, 136, 12, Math.min(seconds, MAX_SIZE));
  header.write("        ", 148, "latin1");
  header.write(type, 156, "latin1");
  header.write("ustar\x0000", 257, "latin1");
  const sum = header.reduce((total, byte) => total + byte, 0);
  octal(header, 148, 7, sum);
  return header;
}

/** Writes a number in octal digits, with leading zeros and a NUL at the end. */
function octal(
  header: Buffer,
  at: number,
  length: number,
  value: number,
): void {
  const digits = value.toString(8).padStart(length - 1, "0");
  header.write(`${digits}\0`, at, "latin1");
}

/** Formats `LENGTH KEY=VALUE\n`; the length includes its own digits. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest;
  while (rest + `${length}`.length !== length) {
    length = rest + `${length}`.length;
  }
  return `${length} ${key}=${value}\n`;
}
