// Copyright 2026 the pystd authors. MIT license.

/**
 * {@linkcode SourceUploads}: uploads into a source of files: PUT, POST of forms,
 * MKCOL. A file is passed on while it is received.
 *
 * @module
 */

import { quote, unquotePath } from "../../../protocol/percent_encoding.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import {
  collapsePath,
  hasTrailingSlash,
  relativeTo,
  splitTarget,
} from "../../../protocol/request_target.ts";
import type { RequestBody } from "../../../io/request_body.ts";
import type { Source, WriteOptions, Written } from "../../../sources/source.ts";
import { pathBelow } from "../access.ts";
import type { UploadFeature } from "../features.ts";
import type { ShareRequest } from "../request.ts";
import { responseForm, sendShortResponse } from "../short_response.ts";
import { type FormFile, type FormTarget, receiveForm } from "./form.ts";
import {
  Checksum,
  readBody,
  refuseCoding,
  refuseContent,
} from "./receive_body.ts";
import { runWrite } from "./run_write.ts";
import {
  checkNames,
  checkVersion,
  setSourceTarget,
  sourceTargetOf,
} from "./source_target.ts";
import {
  nameInUse,
  sendFolderResult,
  sendFormResult,
  tooLarge,
  UploadError,
  type UploadResult,
} from "./upload_result.ts";

/** Options of {@linkcode SourceUploads}. */
export interface SourceUploadsOptions {
  /**
   * Whether existing files are replaced.
   *
   * @default {false}
   */
  overwrite?: boolean;
  /**
   * Largest file, in bytes. The handler's `maxBodyBytes` limits the whole
   * request.
   *
   * @default {Infinity}
   */
  maxBytes?: number;
  /**
   * Whether names may start with a dot.
   *
   * @default {false}
   */
  dotfiles?: boolean;
  /**
   * Tells which names are refused.
   *
   * @param name The name of a file or folder, without its path.
   * @returns Whether it is refused.
   */
  hide?: (name: string) => boolean;
  /** Other origins whose pages may upload, `"*"` for all; none by default. */
  origins?: readonly string[];
}

/** A source with the methods that uploads need. */
type WritableSource =
  & Source
  & Required<Pick<Source, "write" | "makeDirectory">>;

/**
 * Receives uploads into a source of files: PUT, POST of forms, MKCOL. An upload
 * that was interrupted leaves nothing, and is sent again from its start.
 *
 * @example Usage
 * ```ts
 * import { toFetchHandler } from "@pystd/http-server/fetch";
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import { SourceUploads } from "@pystd/http-server/handlers/share/source-uploads";
 * import { MemorySource } from "@pystd/http-server/sources";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Handler extends ShareHTTPRequestHandler {
 *   static override maxBodyBytes = 1024 ** 3;
 *   override logMessage(): void {}
 * }
 * const source = new MemorySource();
 * const uploads = new SourceUploads(source);
 * const handler = toFetchHandler(Handler.with({ source, uploads }));
 * const response = await handler(
 *   new Request("http://localhost/a.txt", { method: "PUT", body: "alpha" }),
 * );
 * assertEquals(await response.text(), "Saved /a.txt, 5 bytes\n");
 * assertEquals(source.find("a.txt")?.size, 5);
 * ```
 */
export class SourceUploads implements UploadFeature {
  /** The methods that it answers. */
  readonly methods: readonly string[] = ["PUT", "POST", "MKCOL"];
  /** Whether existing files are replaced. */
  readonly overwrites: boolean;
  #source: WritableSource;
  #options: SourceUploadsOptions;
  #maxBytes: number;

  /**
   * Stores its arguments.
   *
   * @param source The source.
   * @param options See {@linkcode SourceUploadsOptions}.
   * @throws {TypeError} If the source cannot be written.
   */
  constructor(source: Source, options: SourceUploadsOptions = {}) {
    if (source.write === undefined || source.makeDirectory === undefined) {
      throw new TypeError(`Cannot upload to ${source.label}: it is read-only`);
    }
    this.#source = source as WritableSource;
    this.#options = options;
    const { maxBytes = Infinity, dotfiles = false, hide } = options;
    this.#maxBytes = maxBytes;
    this.overwrites = options.overwrite ?? false;
    setSourceTarget(this, {
      source,
      maxBytes,
      origins: options.origins ?? [],
      dotfiles,
      hide,
    });
  }

  /**
   * Tells whether a folder accepts uploads.
   *
   * @param request The request.
   * @param path The folder, from `translatePath()`.
   * @returns Whether all of its names may be uploaded.
   */
  accepts(request: ShareRequest, path: string): boolean {
    try {
      this.#checkNames(request, collapsePath(path));
      return true;
    } catch (error) {
      if (error instanceof RequestError) return false;
      throw error;
    }
  }

  /**
   * Returns the methods that apply to a path.
   *
   * @param request The request.
   * @returns All of them if the client may upload to this path, none otherwise.
   */
  methodsAt(request: ShareRequest): readonly string[] {
    const { path } = splitTarget(request.path);
    return this.accepts(request, unquotePath(path)) ? this.methods : [];
  }

  /**
   * Serves uploads.
   *
   * @param request The request.
   * @returns Whether the request has been answered.
   * @throws {Error} If the client disconnects before the end of the body.
   */
  handle(request: ShareRequest): boolean | Promise<boolean> {
    const result: UploadResult = { saved: [], failed: [], skipped: [] };
    const run = (action: () => Promise<void>): Promise<boolean> =>
      request.observePart(
        "upload",
        () => runWrite(request, this.#options.origins ?? [], action, result),
      );
    switch (request.command) {
      case "PUT":
        return run(() => this.#put(request));
      case "POST":
        return run(() => this.#post(request, result));
      case "MKCOL":
        return run(() => this.#makeFolder(request));
    }
    return false;
  }

  async #put(request: ShareRequest): Promise<void> {
    const { path, query } = splitTarget(request.path);
    const names = namesOf(path);
    if (hasTrailingSlash(path) || names.length === 0) {
      throw new UploadError(409, "A file name is missing");
    }
    if (request.field("content-range") !== undefined) {
      // RFC 9110 section 14.5.
      throw new UploadError(400, "Uploads cannot be resumed here");
    }
    refuseCoding(request);
    const size = lengthOf(request);
    if (size !== undefined && size > this.#maxBytes) throw tooLarge();
    this.#checkNames(request, names);
    await this.#checkFolder(names.slice(0, -1), hasParents(query));
    const overwrite = this.#mayReplace(request, names);
    const key = names.join("/");
    const ifMatch = await this.#checkPresent(request, key, overwrite);
    const checksums = [
      Checksum.of(request, "Content-Digest"),
      Checksum.of(request, "Repr-Digest"),
    ];
    request.sendContinue();
    const body = receive(request.rfile, this.#maxBytes, checksums);
    // Another process may write the file while this one receives it.
    const isNew = request.field("if-none-match") !== undefined;
    const written = await this.#source.write(key, body.pieces, {
      overwrite: overwrite && !isNew,
      ifMatch,
      type: request.field("content-type") ??
        await request.guessType(`/${key}`),
      size,
    });
    if (written === "exists" && (isNew || ifMatch !== undefined)) {
      throw preconditionFailed();
    }
    this.#sendWritten(request, `/${key}`, written, body.size);
  }

  #sendWritten(
    request: ShareRequest,
    shown: string,
    written: Written,
    size: number,
  ): void {
    if (written === "exists") throw nameInUse("file");
    const body = responseForm(request) === "json"
      ? { saved: [{ path: shown, size }], failed: [] }
      : `Saved ${shown}, ${size} bytes\n`;
    sendShortResponse(request, written === "created" ? 201 : 200, body, [
      ["Location", relativeTo(quote(shown), request.path)],
    ]);
  }

  async #post(request: ShareRequest, result: UploadResult): Promise<void> {
    const names = namesOf(splitTarget(request.path).path);
    this.#checkNames(request, names);
    await this.#checkFolder(names, false);
    request.sendContinue();
    const type = request.field("content-type");
    const target = this.#formTarget(request, names);
    await receiveForm(request.rfile, type, target, result);
    sendFormResult(request, names, result);
  }

  #formTarget(request: ShareRequest, names: readonly string[]): FormTarget {
    return {
      dotfiles: this.#options.dotfiles ?? false,
      maxBytes: this.#maxBytes,
      open: async (path) => {
        const all = [...names, ...path];
        this.#checkNames(request, all);
        const overwrite = this.#mayReplace(request, all);
        const key = all.join("/");
        const present = await this.#source.find(key);
        if (present?.kind === "directory") throw nameInUse("folder");
        if (present !== undefined && !overwrite) throw nameInUse("file");
        return this.#formFile(request, key, {
          overwrite,
          type: await request.guessType(`/${key}`),
          // A file is smaller than its form.
          size: lengthOf(request),
        });
      },
      makeFolder: async (path) => {
        const all = [...names, ...path];
        this.#checkNames(request, all);
        await this.#make(all);
        return `/${all.join("/")}/`;
      },
    };
  }

  #formFile(
    request: ShareRequest,
    key: string,
    options: WriteOptions,
  ): FormFile {
    const { readable, writable } = new TransformStream<Uint8Array>();
    const writer = writable.getWriter();
    const written = this.#source.write(key, readable, options);
    // Ends a `write()` that waits for a source that reads no more: `abort()` would
    // wait for it, too.
    const end = () => readable.cancel().catch(() => {});
    // The result is reported by `commit()`; it may come before.
    written.then(end, (error) => {
      if (error instanceof RequestError && error.detail !== undefined) {
        request.logError("%s", error.detail);
      }
      return end();
    });
    return {
      shown: `/${key}`,
      // The memory of the bytes is used again.
      write: (bytes) => writer.write(bytes.slice()).catch(() => {}),
      async commit(): Promise<void> {
        await writer.close().catch(() => {});
        if (await written === "exists") throw nameInUse("file");
      },
      async discard(): Promise<void> {
        await writer.abort(new Error("Cannot finish the upload")).catch(
          () => {},
        );
        await written.catch(() => {});
      },
    };
  }

  async #makeFolder(request: ShareRequest): Promise<void> {
    const { path, query } = splitTarget(request.path);
    await refuseContent(request);
    const names = namesOf(path);
    if (names.length === 0) throw alreadyThere();
    this.#checkNames(request, names);
    await this.#checkFolder(names.slice(0, -1), hasParents(query));
    await this.#make(names);
    sendFolderResult(request, `/${names.join("/")}/`);
  }

  async #make(names: readonly string[]): Promise<void> {
    if (!await this.#source.makeDirectory(names.join("/"))) {
      throw alreadyThere();
    }
  }

  /** Whether a request may replace a file: who may delete it may do so, too. */
  #mayReplace({ access }: ShareRequest, names: readonly string[]): boolean {
    return this.overwrites ||
      access?.may("manage", pathBelow(names)) === true;
  }

  #checkNames(request: ShareRequest, names: readonly string[]): void {
    checkNames(request, names, sourceTargetOf(this));
  }

  /** Checks that a folder exists; with `create`, that no file has its name. */
  async #checkFolder(
    names: readonly string[],
    create: boolean,
  ): Promise<void> {
    if (names.length === 0) return;
    if (!create) {
      const key = names.join("/");
      if (await this.#source.find(key, "directory") !== undefined) return;
      throw new UploadError(409, "The folder does not exist");
    }
    for (let count = 1; count <= names.length; count++) {
      const found = await this.#source.find(names.slice(0, count).join("/"));
      if (found?.kind === "file") throw nameInUse("file");
      if (found === undefined) return;
    }
  }

  /**
   * Checks preconditions, and whether an existing file may be replaced. Returns
   * the entity tag of that file if the request is only about this version.
   */
  async #checkPresent(
    request: ShareRequest,
    key: string,
    overwrite: boolean,
  ): Promise<string | undefined> {
    const present = await this.#source.find(key);
    if (present?.kind === "directory") throw nameInUse("folder");
    const ifMatch = checkVersion(request, present);
    if (present !== undefined && !overwrite) throw nameInUse("file");
    return ifMatch;
  }
}

/** A body that is being received. */
interface Received {
  readonly pieces: AsyncIterable<Uint8Array>;
  /** Bytes received so far. */
  size: number;
}

/** Reads a body, and counts its bytes; fails at its end if a checksum differs. */
function receive(
  body: RequestBody,
  most: number,
  checksums: readonly (Checksum | undefined)[],
): Received {
  const received = { pieces: pieces(), size: 0 };
  async function* pieces(): AsyncGenerator<Uint8Array> {
    for await (const piece of readBody(body, most, checksums)) {
      received.size += piece.length;
      yield piece;
    }
  }
  return received;
}

/** The length of the body, in bytes; `undefined` if it is chunked. */
function lengthOf(request: ShareRequest): number | undefined {
  const length = request.field("content-length");
  return length === undefined ? undefined : Number(length);
}

function namesOf(path: string): string[] {
  return collapsePath(unquotePath(path));
}

/** Whether missing parent folders are created: `?parents`. */
function hasParents(query: string): boolean {
  return query.split("&").includes("parents");
}

function alreadyThere(): UploadError {
  return new UploadError(405, "This name already exists");
}

function preconditionFailed(): UploadError {
  return new UploadError(412, "Precondition Failed");
}
