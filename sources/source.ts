// Copyright 2026 the pystd authors. MIT license.

/**
 * The interface of a source of files, for storage that is no directory of this
 * machine.
 *
 * A path is `""` for the top folder, and otherwise names joined by `/`, without
 * a slash at either end: `"photos/2026/a.jpg"`. No name is empty, `.` or `..`.
 * The handlers check names, hidden names, preconditions and ranges; a source
 * only finds, lists, reads and writes.
 *
 * @module
 */

import { RequestError } from "../protocol/request_error.ts";

/** A file or folder of a source. */
export interface SourceEntry {
  /** Its name, without the path of its folder. */
  readonly name: string;
  /** Its kind. */
  readonly kind: "file" | "directory";
  /** The size of a file, in bytes; 0 for a folder. */
  readonly size: number;
  /** When it was last modified, in ms since the epoch, if that is known. */
  readonly modified?: number;
  /**
   * The entity tag of a file, with its quotes (RFC 9110 section 8.8.3). It
   * differs between all versions of the content. Without one, the handlers make
   * one of the size and the time; without a time, a new one for each response, so
   * that no client keeps an old version.
   */
  readonly etag?: string;
  /** The media type that is stored with it: for names that tell none. */
  readonly type?: string;
  /**
   * The content codings of its bytes, such as `gzip` (RFC 9110 section 8.4). The
   * size and ranges are those of the coded bytes.
   */
  readonly coding?: string;
  /**
   * Most bytes before the ranges of one request, in all, for a file that is read
   * from its start for each of them. With more, the whole file is sent.
   */
  readonly maxSkipped?: number;
  /** Further fields of its responses, such as `Content-Disposition`. */
  readonly fields?: readonly (readonly [name: string, value: string])[];
}

/** A part of a file, and the version that it belongs to. */
export interface ReadOptions {
  /** Offset of the first byte. */
  readonly start: number;
  /** Offset behind the last byte, at most the size of the file. */
  readonly end: number;
  /** The file as it was found; another version must not be read. */
  readonly entry: SourceEntry;
}

/** How a file is written. */
export interface WriteOptions {
  /** Whether an existing file is replaced. */
  readonly overwrite: boolean;
  /**
   * The entity tag of the only version that is replaced. Anything else there, or
   * nothing, counts as `"exists"`.
   */
  readonly ifMatch?: string;
  /** The media type, for storage that keeps it. */
  readonly type?: string;
  /** Most bytes of the content, if that is known. */
  readonly size?: number;
}

/** What became of a file: `"exists"` if it was not written. */
export type Written = "created" | "replaced" | "exists";

/** How a folder is made. */
export interface MakeDirectoryOptions {
  /**
   * Whether a file of this name makes room. It stays in a source where both can
   * have the same name.
   *
   * @default {false}
   */
  readonly overwrite?: boolean;
}

/** What is removed. */
export interface RemoveOptions {
  /** The kind of what was found; anything else counts as missing. */
  readonly kind: SourceEntry["kind"];
  /** The entity tag of the only version of a file that is removed. */
  readonly ifMatch?: string;
}

/** How a file or a folder gets another path. */
export interface MoveOptions extends RemoveOptions {
  /** Whether a file or a folder with all that is in it is replaced. */
  readonly overwrite: boolean;
}

/** How a file is copied. */
export interface CopyOptions {
  /** Whether a file or a folder with all that is in it is replaced. */
  readonly overwrite: boolean;
  /** The entity tag of the only version that is copied. */
  readonly ifMatch?: string;
}

/**
 * A source of files. `write` and `makeDirectory` are needed for uploads only,
 * `remove`, `move` and `copy` only for a handler that manages files.
 *
 * Expected failures are instances of {@linkcode SourceError}; other exceptions
 * count as faults of the program.
 *
 * @example A source with one file
 * ```ts
 * import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
 * import type { Source } from "@pystd/http-server/sources";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const bytes = new TextEncoder().encode("hello\n");
 * const entry = { name: "a.txt", kind: "file", size: bytes.length } as const;
 * const source: Source = {
 *   label: "one file",
 *   find: (path) => path === "a.txt" ? entry : undefined,
 *   async *list() {
 *     yield [entry];
 *   },
 *   read: (_path, { start, end }) => bytes.subarray(start, end),
 * };
 * const Handler = SimpleHTTPRequestHandler.with({ source });
 * const request = "GET /a.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
 * assertEquals((await respond(Handler, request)).body, "hello\n");
 * ```
 */
export interface Source {
  /** What messages call it, without passwords. */
  readonly label: string;
  /**
   * The name of an archive of all its files, without an extension. Clients see it.
   *
   * @default {"files"}
   */
  readonly name?: string | undefined;
  /**
   * Finds a file or a folder.
   *
   * @param path The path, never `""`.
   * @param kind The only kind that is wanted; any if absent.
   * @returns The entry; `undefined` if there is none.
   * @throws {SourceError} If the storage cannot tell.
   */
  find(
    path: string,
    kind?: "directory",
  ): SourceEntry | undefined | Promise<SourceEntry | undefined>;
  /**
   * Lists a folder.
   *
   * @param path The folder.
   * @returns Its entries in pages, in any order, each name and kind once.
   * @throws {SourceError} If it does not exist or cannot be listed.
   */
  list(path: string): AsyncIterable<readonly SourceEntry[]>;
  /**
   * Reads a part of a file.
   *
   * @param path The file.
   * @param options See {@linkcode ReadOptions}.
   * @returns The bytes. A stream with fewer or more of them fails the response;
   * it is cancelled if the client leaves.
   * @throws {SourceError} If the file cannot be read, or has changed.
   */
  read(
    path: string,
    options: ReadOptions,
  ):
    | Uint8Array
    | ReadableStream<Uint8Array>
    | Promise<Uint8Array | ReadableStream<Uint8Array>>;
  /**
   * Writes a file, and its folders if they are missing. Nobody sees a part of
   * it: if the content fails, the path is as it was.
   *
   * @param path The file.
   * @param content The content.
   * @param options See {@linkcode WriteOptions}.
   * @returns What became of it.
   * @throws {SourceError} If it cannot be written.
   */
  write?(
    path: string,
    content: AsyncIterable<Uint8Array>,
    options: WriteOptions,
  ): Promise<Written>;
  /**
   * Makes a folder.
   *
   * @param path The folder.
   * @param options See {@linkcode MakeDirectoryOptions}.
   * @returns Whether it was made; if not, the name is taken.
   * @throws {SourceError} If it cannot be made.
   */
  makeDirectory?(
    path: string,
    options?: MakeDirectoryOptions,
  ): Promise<boolean>;
  /**
   * Removes a file, or a folder with all that is in it, also what handlers hide.
   * If a folder is removed only in part, the rest stays as it is.
   *
   * @param path The file or folder, never `""`.
   * @param options See {@linkcode RemoveOptions}.
   * @throws {SourceError} 404 if it does not exist, 412 if it is another version
   * than `ifMatch`, 409 if something in a folder cannot be removed.
   */
  remove?(path: string, options: RemoveOptions): Promise<void>;
  /**
   * Gives a file, or a folder with all that is in it, another path. With
   * `overwrite`, nothing else is left there (RFC 4918 section 9.9.3). Nothing is
   * removed before it is complete in the other place, so that a failure loses
   * nothing: then it may be in both places, and the same move can be made again.
   *
   * @param from The file or folder, never `""`.
   * @param to Its new path, in an existing folder, neither in `from` nor above it.
   * @param options See {@linkcode MoveOptions}.
   * @returns What became of it: `"exists"` if `to` is in use.
   * @throws {SourceError} 404 if it does not exist, 412 if it is another version
   * than `ifMatch`, 409 if something in a folder cannot be moved.
   */
  move?(from: string, to: string, options: MoveOptions): Promise<Written>;
  /**
   * Copies a file with all that is stored with it.
   *
   * @param from The file.
   * @param to The path of the copy, in an existing folder.
   * @param options See {@linkcode CopyOptions}.
   * @returns What became of it: `"exists"` if `to` is in use.
   * @throws {SourceError} 404 if the file does not exist, 412 if it is another
   * version than `ifMatch`, 413 if the storage cannot copy a file of this size.
   */
  copy?(from: string, to: string, options: CopyOptions): Promise<Written>;
}

/**
 * A failure of a source. The client gets its status and message; the log gets
 * the detail, too.
 *
 * @example Usage
 * ```ts
 * import { SourceError } from "@pystd/http-server/sources";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(new SourceError(503, "The storage is busy").status, 503);
 * ```
 */
export class SourceError extends RequestError {
  /**
   * Creates an error.
   *
   * @param status The status of the response: 502 if the storage fails, 503 if
   * it is busy, 504 if it does not answer; 404, 409 or 507 about the path.
   * @param message The reason, for the client.
   * @param detail What the log says besides.
   */
  constructor(status: number, message: string, detail?: string) {
    super(status, message, detail);
    this.name = "SourceError";
  }
}
