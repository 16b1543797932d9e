// Copyright 2026 the pystd authors. MIT license.

/**
 * Zip files with any bytes in them, also such that no program writes.
 *
 * Source: APPNOTE.TXT 6.3.10, sections 4.3 and 4.5.3.
 *
 * @module
 */

import { concat } from "@std/bytes/concat";
import { crc32, deflateRawSync } from "node:zlib";

/** An entry of a zip file. */
export interface RawEntry {
  /** Its name, as it is stored. */
  readonly name: string;
  /** Its content. */
  readonly content: string;
  /** Whether it is compressed. */
  readonly deflated?: boolean;
  /** What a zip64 field says in place of the truth. */
  readonly zip64?: {
    readonly size: bigint;
    readonly packed: bigint;
    readonly offset: bigint;
  };
}

/** What the end of a zip file says in zip64 records in place of the truth. */
export interface RawEnd {
  readonly entries: bigint;
  readonly size: bigint;
  readonly offset: bigint;
  /** Where the zip64 record is said to be. */
  readonly recordAt?: bigint;
}

/** Writes fields: [bytes, value]. */
function fields(
  ...list: readonly (readonly [bytes: number, value: number | bigint])[]
): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (const [length, value] of list) {
    for (let i = 0; i < length; i++) {
      bytes.push(Number(BigInt(value) >> BigInt(8 * i) & 255n));
    }
  }
  return new Uint8Array(bytes);
}

/**
 * Makes a zip file.
 *
 * @param entries The entries.
 * @param end What zip64 records say at its end; none if absent.
 * @returns The bytes.
 */
export function rawZip(
  entries: readonly RawEntry[],
  end?: RawEnd,
): Uint8Array<ArrayBuffer> {
  const files: Uint8Array<ArrayBuffer>[] = [];
  const directory: Uint8Array<ArrayBuffer>[] = [];
  let at = 0;
  for (const { name, content, deflated = false, zip64 } of entries) {
    const text = new TextEncoder().encode(content);
    const data = deflated ? new Uint8Array(deflateRawSync(text)) : text;
    const raw = new TextEncoder().encode(name);
    const extra = zip64 === undefined ? new Uint8Array() : fields(
      [2, 1],
      [2, 24],
      [8, zip64.size],
      [8, zip64.packed],
      [8, zip64.offset],
    );
    const sizes = [
      [4, zip64 ? 0xffffffff : data.length],
      [4, zip64 ? 0xffffffff : text.length],
    ] as const;
    const common = [
      [2, 0x800],
      [2, deflated ? 8 : 0],
      [2, 0],
      [2, 0x21],
      [4, crc32(text)],
    ] as const;
    files.push(
      fields(
        [4, 0x04034b50],
        [2, 45],
        ...common,
        [4, data.length],
        [4, text.length],
        [2, raw.length],
        [2, 0],
      ),
      raw,
      data,
    );
    directory.push(
      fields(
        [4, 0x02014b50],
        [2, 45],
        [2, 45],
        ...common,
        ...sizes,
        [2, raw.length],
        [2, extra.length],
        [8, 0],
        [2, 0],
        [4, zip64 ? 0xffffffff : at],
      ),
      raw,
      extra,
    );
    at += 30 + raw.length + data.length;
  }
  const listed = concat(directory);
  const records = end === undefined ? [] : [
    fields(
      [4, 0x06064b50],
      [8, 44],
      [2, 45],
      [2, 45],
      [8, 0],
      [8, end.entries],
      [8, end.entries],
      [8, end.size],
      [8, end.offset],
    ),
    fields(
      [4, 0x07064b50],
      [4, 0],
      [8, end.recordAt ?? BigInt(at + listed.length)],
      [4, 1],
    ),
  ];
  const isHuge = end !== undefined;
  return concat([
    ...files,
    listed,
    ...records,
    fields(
      [4, 0x06054b50],
      [4, 0],
      [2, isHuge ? 0xffff : entries.length],
      [2, isHuge ? 0xffff : entries.length],
      [4, isHuge ? 0xffffffff : listed.length],
      [4, isHuge ? 0xffffffff : at],
      [2, 0],
    ),
  ]);
}
