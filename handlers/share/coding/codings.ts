// Copyright 2026 the pystd authors. MIT license.

/**
 * Content codings: the types that are worth compressing, and the compressor.
 *
 * All connections share the processor. So compression uses one queue for all
 * pieces, and other requests are served between two of them. A piece takes
 * about a millisecond.
 *
 * @module
 */

import type { BrotliCompress, Gzip } from "node:zlib";
import { queueShortWork } from "../../../files/time_slices.ts";

/** A content coding of files beside their originals. */
export type Coding = "br" | "zstd" | "gzip";

/** A content coding that is compressed here. */
export type LiveCoding = "br" | "gzip";

/** Extensions of compressed files, by coding; the preferred one first. */
export const SIBLING_EXTENSIONS: ReadonlyMap<Coding, string> = new Map([
  ["br", ".br"],
  ["zstd", ".zst"],
  ["gzip", ".gz"],
]);

/** The codings that are compressed here; the preferred one first. */
export const LIVE_CODINGS: readonly LiveCoding[] = ["br", "gzip"];

/** Smallest file to compress, in bytes: a smaller one fits one packet. */
export const MIN_COMPRESSED_BYTES = 1024;
/** Largest file to compress: larger ones need a length, and ranges to resume. */
export const MAX_COMPRESSED_BYTES = 16 * 1024 * 1024;

/** Levels for results that are kept: 5 ms for 256 KiB. */
const KEPT_LEVELS = { br: 5, gzip: 6 } as const;
/** Levels for bodies that are compressed for each request: 130 MB/s. */
const LIVE_LEVELS = { br: 1, gzip: 1 } as const;
/** Window of 2^18 bytes: a compressor takes about 1 MB instead of 10. */
const BROTLI_WINDOW_BITS = 18;
/** Most bodies that wait to be compressed; others are not compressed. */
const MAX_WAITING = 32;

const COMPRESSIBLE =
  /^(?:text\/|application\/(?:javascript|json|xml|wasm|manifest\+json|rtf|x-sh)|image\/(?:svg\+xml|bmp)|font\/(?:ttf|otf)|[^;]*\+(?:json|xml)(?:;|$))/;

/**
 * Tells whether compression makes files of a type smaller.
 *
 * @param type The media type.
 * @returns Whether it does.
 */
export function isCompressible(type: string): boolean {
  return COMPRESSIBLE.test(type);
}

/** Results, or promises of them, while the uncompressed bytes are referenced. */
const coded = new WeakMap<
  Uint8Array,
  Map<LiveCoding, Uint8Array | Promise<Uint8Array>>
>();
let waiting = 0;

/**
 * Compresses bytes, and keeps the result as long as the bytes are referenced.
 * Requests for the same bytes share one result.
 *
 * @param bytes The bytes.
 * @param coding The coding.
 * @returns The compressed bytes; the bytes themselves if they are shorter, or if
 * too many others wait. A promise unless the result was kept.
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

/** The import that all requests share: see `loadListings()` in `share.ts`. */
let loading: Promise<typeof import("node:zlib")> | undefined;

/** Compresses a body piece by piece. */
export class Compressor {
  #coding: LiveCoding;
  #level: number;
  #stream: BrotliCompress | Gzip | undefined;
  #pieces: Uint8Array<ArrayBuffer>[] = [];

  /**
   * Creates a compressor. It allocates memory with the first piece.
   *
   * @param coding The coding.
   * @param level The level; by default a fast one.
   */
  constructor(coding: LiveCoding, level: number = LIVE_LEVELS[coding]) {
    this.#coding = coding;
    this.#level = level;
  }

  /**
   * Compresses a piece when its turn comes.
   *
   * @param bytes The piece.
   * @returns The compressed bytes that are ready.
   */
  add(bytes: Uint8Array): Promise<Uint8Array<ArrayBuffer>[]> {
    return queueShortWork(async () => {
      const stream = await this.#started();
      await new Promise<void>((resolve, reject) =>
        stream.write(bytes, (error) => error ? reject(error) : resolve())
      );
      return this.#take();
    });
  }

  /**
   * Ends the body.
   *
   * @returns The rest of the compressed bytes.
   */
  end(): Promise<Uint8Array<ArrayBuffer>[]> {
    return queueShortWork(async () => {
      const stream = await this.#started();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      stream.once("end", resolve);
      stream.once("error", reject);
      stream.end();
      await promise;
      return this.#take();
    });
  }

  /** Discards the body, and releases the memory. */
  close(): void {
    this.#stream?.destroy();
  }

  async #started(): Promise<BrotliCompress | Gzip> {
    return this.#stream ??= await this.#start();
  }

  async #start(): Promise<BrotliCompress | Gzip> {
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
