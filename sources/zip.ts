// Copyright 2026 the pystd authors. MIT license.

/**
 * {@linkcode ZipSource}: the files in a zip file, served without unpacking it.
 *
 * @example The files in a zip file
 * ```ts ignore
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import { ThreadingHTTPServer } from "@pystd/http-server/server";
 * import { ZipSource } from "@pystd/http-server/sources/zip";
 *
 * await using source = await ZipSource.open("site.zip");
 * await using httpd = new ThreadingHTTPServer(
 *   ["127.0.0.1", 8000],
 *   ShareHTTPRequestHandler.with({ source }),
 * );
 * await httpd.serveForever();
 * ```
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { closeSync, fstatSync, openSync } from "node:fs";
import { basename } from "node:path";
import { pipeline, type Readable } from "node:stream";
import { crc32, createInflateRaw } from "node:zlib";
import {
  fromBufferPromise,
  fromFdPromise,
  fromRandomAccessReaderPromise,
  getFileNameLowLevel,
} from "yauzl";
import {
  type ReadOptions,
  type Source,
  type SourceEntry,
  SourceError,
} from "./source.ts";
import { Tree } from "./tree.ts";
import { DirectoryReader } from "./zip/directory_reader.ts";

/** How zip files are opened: entry by entry, names as bytes. */
const OPTIONS = { lazyEntries: true, autoClose: false, decodeStrings: false };
const NOTHING: Uint8Array = new Uint8Array();

/** The file type in the attributes that Unix programs write: a link. */
const UNIX_LINK = 0o120000;

/** An entry of the central directory, as `yauzl` reads it. */
interface ZipEntry {
  fileNameRaw: Uint8Array;
  extraFieldRaw: Uint8Array;
  fileCommentRaw: Uint8Array;
  fileName: Uint8Array;
  fileComment: Uint8Array;
  readonly generalPurposeBitFlag: number;
  readonly extraFields: unknown[];
  readonly externalFileAttributes: number;
  readonly versionMadeBy: number;
  readonly crc32: number;
  readonly compressedSize: number;
  readonly uncompressedSize: number;
  readonly relativeOffsetOfLocalHeader: number;
  getLastModDate(): Date;
  isCompressed(): boolean;
  canDecodeFileData(): boolean;
}

/** The content of an entry. */
type ZipStream = Readable;

/** An open zip file of `yauzl`. */
interface ZipFile {
  readonly entryCount: number;
  eachEntry(): AsyncIterable<ZipEntry>;
  openReadStreamPromise(
    entry: ZipEntry,
    options: { start: number; end: number } | { decompress: false },
  ): Promise<ZipStream>;
  close(): void;
}

/**
 * The files in a zip file. Only its directory is in memory. A range of a file that
 * is stored without compression is read by itself; a compressed file is unpacked
 * from its start each time.
 *
 * Left out are encrypted files, links, names that lead out of the zip file, files
 * in other compressions than Deflate, and sizes above 2^53. Where a name comes twice, the last
 * entry counts. The zip file stays open: replacing it has no effect until the next
 * start.
 *
 * Source: APPNOTE.TXT 6.3.10, read by `yauzl`.
 *
 * @example Usage
 * ```ts
 * import { ZipSource } from "@pystd/http-server/sources/zip";
 * import { assertEquals } from "@std/assert/equals";
 *
 * // A zip file without entries.
 * const bytes = new Uint8Array(22);
 * bytes.set([0x50, 0x4b, 0x05, 0x06]);
 * await using source = await ZipSource.open(bytes);
 * assertEquals(source.find("a.txt"), undefined);
 * ```
 */
export class ZipSource implements Source, AsyncDisposable {
  /** Most entries of a zip file: they take some 500 bytes each. */
  static maxEntries = 1000000;
  /** Most names in a path, as for requests; deeper files are left out. */
  static maxDepth = 128;
  /**
   * Most compressed files at once that are unpacked up to the start of a part,
   * since that takes processor time without a client that slows it down.
   */
  static maxUnpacking = 8;
  /**
   * Largest offset of a part of a compressed file, in bytes: everything before it is
   * unpacked first, at some 500 MB a second.
   */
  static maxUnpackedBytes = 1073741824;

  /** What messages call it. */
  readonly label: string;
  /** The name of the zip file, without its extension, if it was opened by a path. */
  readonly name: string | undefined;
  #file: ZipFile;
  #tree: Tree<ZipEntry>;
  #skipping = 0;
  #hasChanged: () => boolean;

  private constructor(
    label: string,
    name: string | undefined,
    file: ZipFile,
    tree: Tree<ZipEntry>,
    hasChanged: () => boolean,
  ) {
    this.label = label;
    this.name = name;
    this.#file = file;
    this.#tree = tree;
    this.#hasChanged = hasChanged;
  }

  /**
   * Opens a zip file, and reads its directory.
   *
   * @param file The path of the file, or its content.
   * @returns The source, which the caller closes.
   * @throws {SourceError} If it is no zip file, or has too many entries.
   * @throws {TypeError} If it is neither a path nor bytes.
   * @throws {Error} If it cannot be read.
   */
  static async open(
    file: string | Uint8Array | ArrayBuffer | Blob,
  ): Promise<ZipSource> {
    if (typeof file !== "string") {
      const label = "a zip file";
      const bytes = await bytesOf(file);
      try {
        const opened = await fromBufferPromise(bytes, OPTIONS);
        const tree = await readDirectory(opened);
        return new ZipSource(label, undefined, opened, tree, () => false);
      } catch (error) {
        throw notZip(label, error);
      }
    }
    const descriptor = openSync(file, "r");
    try {
      const { size, mtimeMs } = fstatSync(descriptor);
      const tree = await readDirectory(
        await fromRandomAccessReaderPromise(
          new DirectoryReader(descriptor),
          size,
          OPTIONS,
        ),
      );
      const opened = await fromFdPromise(descriptor, OPTIONS);
      // Another program may write to the open file.
      const hasChanged = (): boolean => {
        const now = fstatSync(descriptor);
        return now.size !== size || now.mtimeMs !== mtimeMs;
      };
      return new ZipSource(
        file,
        basename(file).replace(/\.zip$/i, ""),
        opened,
        tree,
        hasChanged,
      );
    } catch (error) {
      closeSync(descriptor);
      throw notZip(file, error);
    }
  }

  /** Closes the zip file. */
  [Symbol.asyncDispose](): Promise<void> {
    this.#file.close();
    return Promise.resolve();
  }

  /**
   * Finds a file or a folder.
   *
   * @param path The path.
   * @param kind The only kind that is wanted.
   * @returns The entry; `undefined` if there is none.
   */
  find(path: string, kind?: "directory"): SourceEntry | undefined {
    return this.#tree.find(path, kind);
  }

  /**
   * Lists a folder.
   *
   * @param path The folder.
   * @returns Its entries, in pages of 1,000.
   * @throws {SourceError} If there is no such folder.
   */
  list(path: string): AsyncIterable<readonly SourceEntry[]> {
    return this.#tree.list(path);
  }

  /**
   * Reads a part of a file.
   *
   * @param path The file.
   * @param options See {@linkcode ReadOptions}.
   * @returns The bytes.
   * @throws {SourceError} 503 if too many compressed files are read from their
   * middle, 416 if a part is too far in one, 502 if the zip file is damaged or has
   * changed.
   */
  async read(
    path: string,
    { start, end }: ReadOptions,
  ): Promise<ReadableStream<Uint8Array>> {
    const entry = this.#tree.file(path);
    if (this.#hasChanged()) {
      throw new SourceError(502, "The zip file has changed", this.label);
    }
    const isStored = !entry.isCompressed();
    const isSkipping = !isStored && start > 0;
    if (isSkipping && start > ZipSource.maxUnpackedBytes) {
      throw new SourceError(416, "Too far into a compressed file");
    }
    if (isSkipping && this.#skipping >= ZipSource.maxUnpacking) {
      throw new SourceError(503, "Too many compressed files at once");
    }
    // `yauzl` unpacks, too, but a damaged file would then end the process, by an
    // error that nobody can catch.
    const options = isStored ? { start, end } : { decompress: false } as const;
    if (isSkipping) this.#skipping++;
    try {
      const stored = await this.#file.openReadStreamPromise(entry, options);
      stored.on("error", () => {});
      const pieces = (isStored ? stored : unpack(stored))[
        Symbol.asyncIterator
      ]();
      const first = await skip(pieces, isSkipping ? start : 0);
      const isWhole = start === 0 && end === entry.uncompressedSize;
      const sum = isWhole ? entry.crc32 : undefined;
      const part = this.#part(pieces, first, end - start, sum);
      return toStream(part, () => {
        pieces.return?.().catch(() => {});
        stored.destroy();
      });
    } catch (error) {
      throw this.#damaged(error);
    } finally {
      if (isSkipping) this.#skipping--;
    }
  }

  /**
   * Passes on the bytes of a part. Compares them with a checksum before the last
   * ones: nobody asks for more then.
   */
  async *#part(
    pieces: AsyncIterator<Uint8Array>,
    first: Uint8Array,
    size: number,
    wanted: number | undefined,
  ): AsyncGenerator<Uint8Array, void> {
    let left = size;
    let sum = 0;
    try {
      for (let piece = first;; piece = await next(pieces)) {
        const taken = piece.subarray(0, left);
        left -= taken.length;
        if (wanted !== undefined) sum = crc32(taken, sum);
        if (left === 0 && wanted !== undefined && sum !== wanted) {
          throw new Error("the checksum differs");
        }
        if (taken.length > 0) yield taken;
        if (left === 0) return;
      }
    } catch (error) {
      throw this.#damaged(error);
    }
  }

  #damaged(error: unknown): SourceError {
    const reason = error instanceof Error ? error.message : `${error}`;
    const detail = `${this.label}: ${reason}`;
    return new SourceError(502, "The zip file is damaged", detail);
  }
}

async function bytesOf(file: Uint8Array | ArrayBuffer | Blob): Promise<Buffer> {
  if (file instanceof Blob) return Buffer.from(await file.arrayBuffer());
  if (file instanceof ArrayBuffer) return Buffer.from(file);
  if (file instanceof Uint8Array) return Buffer.from(file);
  throw new TypeError("Cannot open a zip file: expected a path or its bytes");
}

function unpack(packed: ZipStream): AsyncIterable<Uint8Array> {
  const unpacked = createInflateRaw();
  // The iterator throws the errors.
  pipeline(packed, unpacked, () => {});
  return unpacked;
}

/** Returns the first bytes behind an offset. */
async function skip(
  pieces: AsyncIterator<Uint8Array>,
  start: number,
): Promise<Uint8Array> {
  let left = start;
  let piece: Uint8Array = NOTHING;
  while (left >= piece.length && left > 0) {
    left -= piece.length;
    piece = await next(pieces);
  }
  return piece.subarray(left);
}

async function next(pieces: AsyncIterator<Uint8Array>): Promise<Uint8Array> {
  const { value, done } = await pieces.next();
  if (done) throw new Error("the file ends too early");
  return value;
}

/** Returns a stream that ends its file also if nobody has read from it. */
function toStream(
  pieces: AsyncGenerator<Uint8Array, void>,
  end: () => void,
): ReadableStream<Uint8Array> {
  return new ReadableStream<Uint8Array>({
    async pull(controller): Promise<void> {
      const { value, done } = await pieces.next();
      if (!done) return controller.enqueue(value);
      end();
      controller.close();
    },
    cancel: end,
  }, { highWaterMark: 0 });
}

async function readDirectory(file: ZipFile): Promise<Tree<ZipEntry>> {
  const { maxEntries, maxDepth } = ZipSource;
  if (file.entryCount > maxEntries) {
    throw new Error(`it has more than ${maxEntries} entries`);
  }
  const tree = new Tree(entryOf);
  for await (const entry of file.eachEntry()) {
    const { generalPurposeBitFlag, fileNameRaw, extraFields } = entry;
    const path: string = getFileNameLowLevel(
      generalPurposeBitFlag,
      fileNameRaw,
      extraFields,
      false,
    );
    const isFolder = path.endsWith("/");
    // Not needed any more; a zip file may have a million entries.
    entry.fileName = entry.fileNameRaw = NOTHING;
    entry.fileComment = entry.fileCommentRaw = entry.extraFieldRaw = NOTHING;
    const names = (isFolder ? path.slice(0, -1) : path).split("/");
    if (names.length > maxDepth) continue;
    if (names.some((name) => /^\.{0,2}$|\0/.test(name))) continue;
    // Where a file and a folder have one name, the folder counts.
    if (isFolder) tree.makeFolder(names, true);
    else if (
      entry.canDecodeFileData() && !isLink(entry) && isCountable(entry)
    ) {
      tree.put(names, entry, true);
    }
  }
  return tree;
}

/** Whether the sizes and the offset of an entry are numbers that can be counted. */
function isCountable(
  { uncompressedSize, compressedSize, relativeOffsetOfLocalHeader }: ZipEntry,
): boolean {
  return Number.isSafeInteger(uncompressedSize) &&
    Number.isSafeInteger(relativeOffsetOfLocalHeader + compressedSize);
}

/** Whether an entry of a Unix program is a symbolic link. */
function isLink({ externalFileAttributes, versionMadeBy }: ZipEntry): boolean {
  const isUnix = versionMadeBy >> 8 === 3;
  return isUnix && (externalFileAttributes >>> 16 & 0o170000) === UNIX_LINK;
}

function entryOf(name: string, entry: ZipEntry): SourceEntry {
  const { uncompressedSize: size, crc32 } = entry;
  const modified = entry.getLastModDate().getTime();
  return {
    name,
    kind: "file",
    size,
    modified: Number.isNaN(modified) ? undefined : modified,
    etag: `"${crc32.toString(16)}-${size.toString(36)}"`,
    maxSkipped: entry.isCompressed() ? ZipSource.maxUnpackedBytes : undefined,
  };
}

function notZip(label: string, error: unknown): Error {
  if (error instanceof Error && "code" in error) return error;
  const reason = error instanceof Error ? error.message : `${error}`;
  return new SourceError(502, "It is no zip file", `${label}: ${reason}`);
}
