// Copyright 2026 the pystd authors. MIT license.

/**
 * Content codings: which types are worth it, and small bodies compressed once.
 *
 * @module
 */

/** A content coding that a file may lie beside its original in. */
export type Coding = "br" | "zstd" | "gzip";

/** A content coding that can be made here. */
export type LiveCoding = "br" | "gzip";

/** Compressed siblings by coding; the server's favourite first. */
export const SIBLINGS: ReadonlyMap<Coding, string> = new Map([
  ["br", ".br"],
  ["zstd", ".zst"],
  ["gzip", ".gz"],
]);

/** What can be made here; the favourite first. */
export const LIVE_CODINGS: readonly LiveCoding[] = ["br", "gzip"];

/** Less than this fits one packet in any case. */
export const LEAST_BYTES = 1024;
/** A download this large shall have a length, and be resumable. */
export const MOST_BYTES = 16 * 1024 * 1024;

const FORMATS = { br: "brotli", gzip: "gzip" } as const;

const COMPRESSIBLE =
  /^(?:text\/|application\/(?:javascript|json|xml|wasm|manifest\+json|rtf|x-sh)|image\/(?:svg\+xml|bmp)|font\/(?:ttf|otf)|[^;]*\+(?:json|xml)(?:;|$))/;

const known = new Map<string, boolean>();

/**
 * Whether files of a type become smaller by compression.
 *
 * @param type The media type.
 * @returns Whether it is worth it.
 */
export function isCompressible(type: string): boolean {
  let compressible = known.get(type);
  if (compressible === undefined) {
    compressible = COMPRESSIBLE.test(type);
    known.set(type, compressible);
  }
  return compressible;
}

/** What bytes became, or become; as long as somebody has the bytes. */
const coded = new WeakMap<
  Uint8Array,
  Map<LiveCoding, Uint8Array | Promise<Uint8Array>>
>();

/**
 * Compresses bytes, and keeps the result as long as they are kept. Those who
 * ask for it at once wait for the same one.
 *
 * @param bytes The bytes.
 * @param coding The coding.
 * @returns The compressed bytes; the bytes themselves if that is shorter. A
 * promise of them, where they were not compressed before.
 */
export function compress(
  bytes: Uint8Array<ArrayBuffer>,
  coding: LiveCoding,
): Uint8Array | Promise<Uint8Array> {
  let ofBytes = coded.get(bytes);
  if (ofBytes === undefined) coded.set(bytes, ofBytes = new Map());
  const kept = ofBytes.get(coding);
  if (kept !== undefined) return kept;
  const result = compressAll(bytes, coding).then((result) => {
    const shorter = result.length < bytes.length ? result : bytes;
    ofBytes.set(coding, shorter);
    return shorter;
  });
  ofBytes.set(coding, result);
  return result;
}

async function compressAll(
  bytes: Uint8Array<ArrayBuffer>,
  coding: LiveCoding,
): Promise<Uint8Array> {
  const stream = new Blob([bytes]).stream()
    .pipeThrough(new CompressionStream(FORMATS[coding]));
  return await new Response(stream).bytes();
}

/**
 * A stream that compresses.
 *
 * @param coding The coding.
 * @returns The stream.
 */
export function compressor(
  coding: LiveCoding,
): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  return new CompressionStream(FORMATS[coding]);
}
