// Copyright 2026 the pystd authors. MIT license.

/**
 * Content codings: which types are worth it, and how bytes are compressed.
 *
 * Compression takes the processor, which all connections share. So all of it
 * stands in one line, a piece at a time, and other requests are served between
 * two pieces. A piece takes about a millisecond.
 *
 * @module
 */

import type { BrotliCompress, Gzip } from "node:zlib";
import { queueShortWork } from "../../../files/time_slices.ts";

/** A content coding that a file may lie beside its original in. */
export type Coding = "br" | "zstd" | "gzip";

/** A content coding that can be made here. */
export type LiveCoding = "br" | "gzip";

/** Compressed siblings by coding; the server's favourite first. */
export const SIBLING_EXTENSIONS: ReadonlyMap<Coding, string> = new Map([
  ["br", ".br"],
  ["zstd", ".zst"],
  ["gzip", ".gz"],
]);

/** What can be made here; the favourite first. */
export const LIVE_CODINGS: readonly LiveCoding[] = ["br", "gzip"];

/** Less than this fits one packet in any case. */
export const MIN_COMPRESSED_BYTES = 1024;
/** A download this large shall have a length, and be resumable. */
export const MAX_COMPRESSED_BYTES = 16 * 1024 * 1024;

/** Kept results are worth more time: 5 ms for 256 KiB. */
const KEPT_LEVELS = { br: 5, gzip: 6 } as const;
/** What is compressed on its way is compressed each time: 130 MB/s. */
const LIVE_LEVELS = { br: 1, gzip: 1 } as const;
/** 2^18 bytes of window: a compressor takes about a megabyte, not ten. */
const BROTLI_WINDOW_BITS = 18;
/** How many bodies may wait to be compressed; others are sent as they are. */
const MAX_WAITING = 32;

const COMPRESSIBLE =
  /^(?:text\/|application\/(?:javascript|json|xml|wasm|manifest\+json|rtf|x-sh)|image\/(?:svg\+xml|bmp)|font\/(?:ttf|otf)|[^;]*\+(?:json|xml)(?:;|$))/;

/**
 * Whether files of a type become smaller by compression.
 *
 * @param type The media type.
 * @returns Whether it is worth it.
 */
export function isCompressible(type: string): boolean {
  return COMPRESSIBLE.test(type);
}

/** Results, or promises of them, for as long as somebody has the bytes. */
const coded = new WeakMap<
  Uint8Array,
  Map<LiveCoding, Uint8Array | Promise<Uint8Array>>
>();
let waiting = 0;

/**
 * Compresses bytes, and keeps the result as long as they are kept. Requests
 * for the same bytes share one result.
 *
 * @param bytes The bytes.
 * @param coding The coding.
 * @returns The compressed bytes; the bytes themselves if these are shorter, or
 * too many others wait. A promise if they were not compressed before.
 */
export function compress(
  bytes: Uint8Array<ArrayBuffer>,
  coding: LiveCoding,
): Uint8Array | Promise<Uint8Array> {
  let results = coded.get(bytes);
  if (results === undefined) coded.set(bytes, results = new Map());
  const kept = results.get(coding);
  if (kept !== undefined) return kept;
  if (waiting >= MAX_WAITING) return bytes;
  const result = compressAll(bytes, coding).then((result) => {
    const shorter = result.length < bytes.length ? result : bytes;
    results.set(coding, shorter);
    return shorter;
  });
  results.set(coding, result);
  return result;
}

async function compressAll(
  bytes: Uint8Array,
  coding: LiveCoding,
): Promise<Uint8Array> {
  waiting++;
  try {
    const compressor = new Compressor(coding, KEPT_LEVELS[coding]);
    const pieces = [
      ...await compressor.add(bytes),
      ...await compressor.end(),
    ];
    return await new Blob(pieces).bytes();
  } finally {
    waiting--;
  }
}

/** One import for all: see `loadListings()` in `share.ts`. */
let loading: Promise<typeof import("node:zlib")> | undefined;

/** Compresses a body piece by piece. */
export class Compressor {
  #coding: LiveCoding;
  #level: number;
  #stream: BrotliCompress | Gzip | undefined;
  #pieces: Uint8Array<ArrayBuffer>[] = [];

  /**
   * Creates a compressor. It takes memory from its first piece on.
   *
   * @param coding The coding.
   * @param level The level; by default one that is fast.
   */
  constructor(coding: LiveCoding, level: number = LIVE_LEVELS[coding]) {
    this.#coding = coding;
    this.#level = level;
  }

  /**
   * Compresses a piece when its turn comes.
   *
   * @param bytes The piece.
   * @returns What can be sent now.
   */
  add(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>[]> {
    return queueShortWork(async () => {
      const stream = this.#stream ??= await this.#open();
      await new Promise<void>((resolve, reject) =>
        stream.write(bytes, (error) => error ? reject(error) : resolve())
      );
      return this.#take();
    });
  }

  /**
   * Ends the body.
   *
   * @returns What is left to send.
   */
  end(): Promise<Uint8Array<ArrayBuffer>[]> {
    return queueShortWork(async () => {
      const stream = this.#stream ??= await this.#open();
      await new Promise<void>((resolve, reject) => {
        stream.once("end", resolve);
        stream.once("error", reject);
        stream.end();
      });
      return this.#take();
    });
  }

  /** Gives the body up, and its memory back. */
  close(): void {
    this.#stream?.destroy();
  }

  async #open(): Promise<BrotliCompress | Gzip> {
    const zlib = await (loading ??= import("node:zlib"));
    const { BROTLI_PARAM_QUALITY, BROTLI_PARAM_LGWIN } = zlib.constants;
    const stream = this.#coding === "gzip"
      ? zlib.createGzip({ level: this.#level })
      : zlib.createBrotliCompress({
        params: {
          [BROTLI_PARAM_QUALITY]: this.#level,
          [BROTLI_PARAM_LGWIN]: BROTLI_WINDOW_BITS,
        },
      });
    stream.on("data", (piece) => this.#pieces.push(new Uint8Array(piece)));
    return stream;
  }

  #take(): Uint8Array<ArrayBuffer>[] {
    return this.#pieces.splice(0);
  }
}
