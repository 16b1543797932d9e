// Copyright 2026 the pystd authors. MIT license.

/**
 * Archives of folders: `FOLDER/?archive=zip`, `FOLDER/?archive=tar.gz`; with
 * `&item=NAME`, of some of their entries. `FOLDER?zip` is dufs' name of the first.
 *
 *     walk -> open -> read a piece -> zip or tar -> gather -> gzip -> the client
 *
 * Each step waits for the next one. So an archive of any size takes the memory
 * of one piece, of the names in the open folders, and, for zip, of a directory
 * entry for each file. Reading stops when the client disconnects. The walk
 * works in slices, and gzip a piece at a time, so that other requests are
 * served in between.
 *
 * @module
 */

import { truncationError } from "../../../io/client_errors.ts";
import { formatAttachment } from "../../../protocol/content_disposition.ts";
import { unquotePath } from "../../../protocol/percent_encoding.ts";
import { collapsePath, splitTarget } from "../../../protocol/request_target.ts";
import type { SeekableFile } from "../../../files/open_file.ts";
import { PieceReader } from "../../../files/piece_reader.ts";
import type { FileStore } from "../../../files/file_store.ts";
import { type MaybePromise, whenReady } from "../../../files/maybe_promise.ts";
import type { Found } from "../../../files/served_directory.ts";
import type { ShareRequest } from "../request.ts";
import { Compressor } from "../coding/codings.ts";
import { isCrossSite, isNavigation } from "../cross_site.ts";
import type { ArchiveFeature } from "../features.ts";
import { TAR_END, tarHeader, tarPadding } from "./tar.ts";
import { type ArchiveEntry, ZipWriter } from "./zip.ts";

/** Bytes of a file that are read at once. */
const PIECE_BYTES = 256 * 1024;
/** Bytes to gather: sending and compressing small pieces costs as much. */
const GATHERED_BYTES = 64 * 1024;
/** Name of the archive of all files, unless their source has one. */
const ROOT_NAME = "files";
/** Whether a target may ask for an archive. */
const ASKS = /[?&](?:archive=|zip)/;
const TYPES: Readonly<Record<string, string>> = {
  "zip": "application/zip",
  "tar.gz": "application/gzip",
};

/** Options of {@linkcode Archives}. */
export interface ArchivesOptions {
  /**
   * Other origins whose pages may load archives, `"*"` for all. Links are
   * allowed from every page.
   *
   * @default {[]}
   */
  origins?: readonly string[];
}

/**
 * Sends folders as archives, made while they are sent. Since archives are
 * expensive, pages of other sites cannot load them unnoticed, as images or in
 * frames.
 *
 * @example Usage
 * ```ts
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import { Archives } from "@pystd/http-server/handlers/share/archives";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const archives = new Archives();
 * const Handler = ShareHTTPRequestHandler.with({ directory: ".", archives });
 * assertEquals(archives.formats, ["zip", "tar.gz"]);
 * assertEquals(Handler.protocolVersion, "HTTP/1.1");
 * ```
 */
export class Archives implements ArchiveFeature {
  /** The formats, as in the query. */
  readonly formats: readonly string[] = Object.keys(TYPES);
  #origins: readonly string[];
  /** Archives in progress. */
  #making = 0;

  /**
   * Stores its options.
   *
   * @param options See {@linkcode ArchivesOptions}.
   */
  constructor(options: ArchivesOptions = {}) {
    this.#origins = options.origins ?? [];
  }

  /**
   * Answers a request for an archive.
   *
   * @param request The request.
   * @returns Whether the request was for an archive.
   * @throws {Error} If a file became shorter, or the client disconnected.
   */
  handle(request: ShareRequest): boolean | Promise<boolean> {
    const { command, path } = request;
    if (command !== "GET" && command !== "HEAD") return false;
    if (!ASKS.test(path)) return false;
    const query = new URLSearchParams(splitTarget(path).query);
    const format = query.get("archive") ??
      (query.get("zip") === "" ? "zip" : null);
    const asked = format === null ? "" : request.translatePath(path);
    if (format === null || asked === "") return false;
    // Of the listing's form: only some of the folder's entries.
    const items = query.getAll("item").map(unquotePath);
    const only = items.length === 0 ? undefined : new Set(items);
    return whenReady(
      request.files.locate(asked),
      (folder) =>
        folder.kind === "directory" &&
        this.#answer(request, folder, format, only),
    );
  }

  #answer(
    request: ShareRequest,
    folder: Found,
    format: string,
    only: ReadonlySet<string> | undefined,
  ): MaybePromise<boolean> {
    const { command } = request;
    if (!this.formats.includes(format)) {
      request.sendError(400, "Unknown archive format");
      return true;
    }
    if (isCrossSite(request, this.#origins) && !isNavigation(request)) {
      request.sendError(403, "Archives for other sites are not allowed");
      return true;
    }
    if (command === "GET" && this.#making >= request.maxArchives) {
      request.sendBusy("Too many archives at once");
      return true;
    }
    return request.observePart(
      "archive",
      () => this.#send(request, folder, format, only).then(() => true),
      { "archive.format": format },
    );
  }

  async #send(
    request: ShareRequest,
    folder: Found,
    format: string,
    only: ReadonlySet<string> | undefined,
  ): Promise<void> {
    const name = namesOf(request.path).at(-1) ?? rootName(request.files);
    request.sendResponse(200);
    request.sendHeader("Content-Type", TYPES[format]);
    request.sendHeader(
      "Content-Disposition",
      formatAttachment(`${name}.${format}`),
    );
    request.sendHeader("Cache-Control", "no-store");
    const body = request.endHeadersOfStream();
    if (request.command === "HEAD") return;
    const sources = sourcesIn(request.files, folder, only);
    const pieces = format === "zip"
      ? gather(zip(sources, name))
      : gzip(gather(tar(sources, name)));
    this.#making++;
    try {
      for await (const piece of pieces) await body.write(piece);
    } finally {
      this.#making--;
    }
    await body.end();
  }
}

/** Name of the file that lists the files missing from an archive. */
const NOTE_NAME = "NOT-INCLUDED.txt";

/** The content of an archive, with paths relative to the folder. */
type Sources = AsyncIterable<readonly [name: string, source: Source]>;

async function* sourcesIn(
  files: FileStore,
  folder: Found,
  only: ReadonlySet<string> | undefined,
): AsyncGenerator<[name: string, source: Source]> {
  const unreadable: string[] = [];
  const reader = new PieceReader();
  const entries = files.walk(folder, { unreadable, only });
  for await (const { name, found } of entries) {
    const source = open(files, found, reader);
    if (source !== undefined) yield [name, source];
  }
  if (unreadable.length > 0) yield [NOTE_NAME, noteOf(unreadable)];
}

function noteOf(unreadable: readonly string[]): Source {
  const text =
    "These names are not UTF-8, and their files could not be read:\n" +
    unreadable.map((name) => `${name}\n`).join("");
  const bytes = new TextEncoder().encode(text);
  let at = 0;
  const file: SeekableFile = {
    seekSync: (offset) => at = offset,
    read(buffer) {
      const piece = bytes.subarray(at, at + buffer.length);
      buffer.set(piece);
      at += piece.length;
      return Promise.resolve(piece.length || null);
    },
    close() {},
  };
  const info = { size: bytes.length, mode: null, mtime: null };
  return new Source(info, new PieceReader(), file);
}

async function* zip(
  sources: Sources,
  top: string,
): AsyncGenerator<Uint8Array> {
  const writer = new ZipWriter();
  yield writer.begin(entryOf(`${top}/`));
  yield writer.end();
  for await (const [name, opened] of sources) {
    using source = opened;
    yield writer.begin(entryOf(`${top}/${name}`, source.info));
    for await (const piece of source.pieces()) {
      writer.data(piece);
      yield piece;
    }
    yield writer.end();
  }
  yield* writer.finish();
}

async function* tar(
  sources: Sources,
  top: string,
): AsyncGenerator<Uint8Array> {
  yield tarHeader(entryOf(`${top}/`));
  for await (const [name, opened] of sources) {
    using source = opened;
    const entry = entryOf(`${top}/${name}`, source.info);
    yield tarHeader(entry);
    let left = entry.size;
    for await (const piece of source.pieces()) {
      left -= piece.length;
      yield piece;
    }
    if (left > 0) {
      throw truncationError(
        "Cannot send the archive: a file has become shorter",
      );
    }
    const padding = tarPadding(entry.size);
    if (padding.length > 0) yield padding;
  }
  yield TAR_END;
}

/** Joins small pieces. The next call reuses the memory of a piece. */
async function* gather(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const buffer = new Uint8Array(GATHERED_BYTES);
  let length = 0;
  for await (const piece of pieces) {
    if (length > 0 && length + piece.length > GATHERED_BYTES) {
      yield buffer.subarray(0, length);
      length = 0;
    }
    if (piece.length > GATHERED_BYTES) yield piece;
    else {
      buffer.set(piece, length);
      length += piece.length;
    }
  }
  if (length > 0) yield buffer.subarray(0, length);
}

async function* gzip(
  pieces: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array> {
  const compressor = new Compressor("gzip");
  try {
    for await (const piece of pieces) yield* await compressor.add(piece);
    yield* await compressor.end();
  } finally {
    compressor.close();
  }
}

/** The metadata of a file or folder in an archive. */
type SourceInfo = Pick<Deno.FileInfo, "size" | "mode" | "mtime">;

/** An open file, or a folder, for an archive. */
class Source implements Disposable {
  readonly info: SourceInfo;
  #reader: PieceReader;
  #file: SeekableFile | undefined;

  constructor(info: SourceInfo, reader: PieceReader, file?: SeekableFile) {
    this.info = info;
    this.#reader = reader;
    this.#file = file;
  }

  /** Reads the data, up to the size at the time of opening. */
  async *pieces(): AsyncGenerator<Uint8Array> {
    let left = this.#file === undefined ? 0 : this.info.size;
    while (left > 0) {
      const piece = new Uint8Array(Math.min(PIECE_BYTES, left));
      const count = await this.#reader.read(this.#file!, piece);
      if (count === null) return;
      left -= count;
      yield piece.subarray(0, count);
    }
  }

  [Symbol.dispose](): void {
    this.#file?.close();
  }
}

/** Returns `undefined` if the file cannot be read, or was replaced. */
function open(
  files: FileStore,
  found: Found,
  reader: PieceReader,
): Source | undefined {
  if (found.kind === "directory") return new Source(found.info, reader);
  const opened = files.openToRead(found);
  return opened && new Source(opened.info, reader, opened.file);
}

function entryOf(name: string, info?: SourceInfo): ArchiveEntry {
  const isFolder = name.endsWith("/");
  const mode = info?.mode ?? (isFolder ? 0o755 : 0o644);
  const mtime = info?.mtime;
  return {
    name,
    size: isFolder ? 0 : info?.size ?? 0,
    // A time outside the range of `Date` is NaN.
    modified: mtime && !isNaN(mtime.getTime()) ? mtime : new Date(),
    mode: mode & 0o777,
  };
}

/** Programs that unpack the archive use it as the name of a folder. */
function rootName({ name = "" }: FileStore): string {
  return /^\.*$|[/\\\0-\x1f]/.test(name) ? ROOT_NAME : name;
}

function namesOf(target: string): string[] {
  return collapsePath(unquotePath(splitTarget(target).path));
}
