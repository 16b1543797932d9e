// Copyright 2026 the pystd authors. MIT license.

/**
 * A zip archive without compression, written front to back: APPNOTE 6.3.10.
 *
 *     header  data  descriptor     for each entry
 *     directory entry              for each entry, kept in memory until then
 *     end, with zip64 where numbers are too large
 *
 * `client-zip` is not used: it writes more than 65,535 entries without zip64,
 * and 8-byte descriptors that the header does not announce.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { crc32 } from "node:zlib";

/** An entry of an archive, as known before its data. */
export interface ArchiveEntry {
  /** Its path, with slashes; the path of a folder ends in one. */
  readonly name: string;
  /** Its size in bytes; 0 for a folder. */
  readonly size: number;
  /** When it was modified. */
  readonly modified: Date;
  /** Its permissions on a POSIX system. */
  readonly mode: number;
}

const LOCAL = 0x04034b50;
const DESCRIPTOR = 0x08074b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const END_64 = 0x06064b50;
const LOCATOR_64 = 0x07064b50;
/** Bit 3: sizes come after the data. Bit 11: names are UTF-8. */
const FLAGS = 0x0808;
/** Value of a field of 32 or 16 bits whose number is in a zip64 field. */
const MAX_32 = 0xffffffff;
const MAX_16 = 0xffff;
/** Version 4.5 has zip64; system 3 is Unix, for the permissions. */
const NEEDS = 45;
const MADE_BY = 3 << 8 | NEEDS;
/** Range of a DOS date. */
const FIRST_YEAR = 1980;
const LAST_YEAR = 2107;

/** Size of the directory's buffers; a buffer an entry would cost 200 bytes. */
const BLOCK_BYTES = 64 * 1024;

const EMPTY: Buffer = Buffer.alloc(0);

/** Formats the parts of an archive; the caller writes the data between them. */
export class ZipWriter {
  /** Full buffers of the directory, and the current one. */
  #central: Buffer[] = [];
  #block: Buffer = EMPTY;
  #blockBytes = 0;
  #centralBytes = 0;
  #entries = 0;
  #offset = 0;
  /** The entry that is being written. */
  #entry: ArchiveEntry | undefined;
  #name: Buffer = Buffer.alloc(0);
  #start = 0;
  #crc = 0;
  #size = 0;

  /**
   * Begins an entry.
   *
   * @param entry The entry; its data may be shorter than its size, not longer.
   * @returns The bytes before its data.
   */
  begin(entry: ArchiveEntry): Uint8Array {
    // On Windows `\` separates names.
    this.#name = Buffer.from(entry.name.replaceAll("\\", "_"), "utf8");
    this.#entry = entry;
    this.#start = this.#offset;
    this.#crc = 0;
    this.#size = 0;
    const time = extendedTime(entry.modified);
    // APPNOTE 4.3.9.2: this field announces a descriptor with 8-byte sizes.
    const sizes = needsZip64(entry.size) ? extra64([0, 0]) : EMPTY;
    const head = Buffer.alloc(30);
    head.writeUInt32LE(LOCAL, 0);
    head.writeUInt16LE(NEEDS, 4);
    head.writeUInt16LE(FLAGS, 6);
    head.writeUInt32LE(dosTime(entry.modified), 10);
    if (sizes.length > 0) {
      head.writeUInt32LE(MAX_32, 18);
      head.writeUInt32LE(MAX_32, 22);
    }
    head.writeUInt16LE(this.#name.length, 26);
    head.writeUInt16LE(time.length + sizes.length, 28);
    return this.#count(Buffer.concat([head, this.#name, sizes, time]));
  }

  /**
   * Updates the checksum and size with data of the entry.
   *
   * @param bytes The data, which the caller writes next.
   */
  data(bytes: Uint8Array): void {
    this.#crc = crc32(bytes, this.#crc);
    this.#size += bytes.length;
    this.#offset += bytes.length;
  }

  /**
   * Ends an entry.
   *
   * @returns The bytes after its data.
   */
  end(): Uint8Array {
    const entry = this.#entry!;
    const large = needsZip64(entry.size);
    const tail = Buffer.alloc(large ? 24 : 16);
    tail.writeUInt32LE(DESCRIPTOR, 0);
    tail.writeUInt32LE(this.#crc, 4);
    if (large) {
      tail.writeBigUInt64LE(BigInt(this.#size), 8);
      tail.writeBigUInt64LE(BigInt(this.#size), 16);
    } else {
      tail.writeUInt32LE(this.#size, 8);
      tail.writeUInt32LE(this.#size, 12);
    }
    this.#addToDirectory(entry);
    return this.#count(tail);
  }

  /**
   * Ends the archive.
   *
   * @returns The directory and the end record.
   */
  *finish(): Generator<Uint8Array> {
    yield* this.#central;
    yield this.#block.subarray(0, this.#blockBytes);
    const tail = Buffer.alloc(22);
    tail.writeUInt32LE(END, 0);
    tail.writeUInt16LE(Math.min(this.#entries, MAX_16), 8);
    tail.writeUInt16LE(Math.min(this.#entries, MAX_16), 10);
    tail.writeUInt32LE(Math.min(this.#centralBytes, MAX_32), 12);
    tail.writeUInt32LE(Math.min(this.#offset, MAX_32), 16);
    const large = this.#entries >= MAX_16 || needsZip64(this.#offset) ||
      needsZip64(this.#centralBytes);
    if (large) yield this.#end64();
    yield tail;
  }

  #end64(): Buffer {
    const tail = Buffer.alloc(56 + 20);
    tail.writeUInt32LE(END_64, 0);
    tail.writeBigUInt64LE(44n, 4);
    tail.writeUInt16LE(MADE_BY, 12);
    tail.writeUInt16LE(NEEDS, 14);
    tail.writeBigUInt64LE(BigInt(this.#entries), 24);
    tail.writeBigUInt64LE(BigInt(this.#entries), 32);
    tail.writeBigUInt64LE(BigInt(this.#centralBytes), 40);
    tail.writeBigUInt64LE(BigInt(this.#offset), 48);
    tail.writeUInt32LE(LOCATOR_64, 56);
    tail.writeBigUInt64LE(BigInt(this.#offset + this.#centralBytes), 64);
    tail.writeUInt32LE(1, 72);
    return tail;
  }

  #addToDirectory({ name, modified, mode }: ArchiveEntry): void {
    const isFolder = name.endsWith("/");
    const size = this.#size;
    const values = [
      ...needsZip64(size) ? [size, size] : [],
      ...needsZip64(this.#start) ? [this.#start] : [],
    ];
    const extra = Buffer.concat([
      values.length > 0 ? extra64(values) : EMPTY,
      extendedTime(modified),
    ]);
    const head = Buffer.alloc(46);
    head.writeUInt32LE(CENTRAL, 0);
    head.writeUInt16LE(MADE_BY, 4);
    head.writeUInt16LE(NEEDS, 6);
    head.writeUInt16LE(FLAGS, 8);
    head.writeUInt32LE(dosTime(modified), 12);
    head.writeUInt32LE(this.#crc, 16);
    head.writeUInt32LE(Math.min(size, MAX_32), 20);
    head.writeUInt32LE(Math.min(size, MAX_32), 24);
    head.writeUInt16LE(this.#name.length, 28);
    head.writeUInt16LE(extra.length, 30);
    const type = isFolder ? 0o040000 : 0o100000;
    // The upper half is the Unix mode, the lowest byte DOS's: 16 is a folder.
    head.writeUInt32LE(((type | mode) << 16 | (isFolder ? 16 : 0)) >>> 0, 38);
    head.writeUInt32LE(Math.min(this.#start, MAX_32), 42);
    const row = Buffer.concat([head, this.#name, extra]);
    this.#keep(row);
    this.#centralBytes += row.length;
    this.#entries++;
  }

  #keep(row: Buffer): void {
    if (this.#blockBytes + row.length > this.#block.length) {
      this.#central.push(this.#block.subarray(0, this.#blockBytes));
      this.#block = Buffer.alloc(Math.max(BLOCK_BYTES, row.length));
      this.#blockBytes = 0;
    }
    this.#blockBytes += row.copy(this.#block, this.#blockBytes);
  }

  #count(bytes: Buffer): Buffer {
    this.#offset += bytes.length;
    return bytes;
  }
}

function needsZip64(value: number): boolean {
  return value >= MAX_32;
}

/** APPNOTE 4.5.3: the zip64 field, with numbers too large for their fields. */
function extra64(values: readonly number[]): Buffer {
  const field = Buffer.alloc(4 + 8 * values.length);
  field.writeUInt16LE(1, 0);
  field.writeUInt16LE(8 * values.length, 2);
  for (const [i, value] of values.entries()) {
    field.writeBigUInt64LE(BigInt(value), 4 + 8 * i);
  }
  return field;
}

/** Info-ZIP's field: seconds since the epoch. DOS times are local. */
function extendedTime(modified: Date): Buffer {
  const seconds = Math.floor(modified.getTime() / 1000);
  if (seconds < -0x80000000 || seconds > 0x7fffffff) return EMPTY;
  const field = Buffer.alloc(9);
  field.writeUInt16LE(0x5455, 0);
  field.writeUInt16LE(5, 2);
  field.writeUInt8(1, 4);
  field.writeInt32LE(seconds, 5);
  return field;
}

/** Returns a DOS time: local, with a resolution of two seconds. */
function dosTime(modified: Date): number {
  const year = modified.getFullYear();
  if (year < FIRST_YEAR) return 0x00210000;
  if (year > LAST_YEAR) return 0xff9fbf7d;
  const date = year - FIRST_YEAR << 9 | modified.getMonth() + 1 << 5 |
    modified.getDate();
  const time = modified.getHours() << 11 | modified.getMinutes() << 5 |
    modified.getSeconds() >> 1;
  return (date << 16 | time) >>> 0;
}
