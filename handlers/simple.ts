// Copyright 2026 the pystd authors. MIT license.

/**
 * {@linkcode SimpleHTTPRequestHandler}: serves the files of a directory.
 *
 * A request for a file goes through four steps, each a method:
 *
 *     translatePath  maps the URL to a path
 *     sendHead       looks the path up: a file, a directory, nothing
 *       sendFile     chooses the response: 200, 206, 304, 412, 416
 *     copyfile       sends the body
 *
 * @example Serve a directory
 * ```ts
 * import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
 * import { ThreadingHTTPServer } from "@pystd/http-server/server";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const directory = Deno.makeTempDirSync();
 * Deno.writeTextFileSync(`${directory}/a.txt`, "alpha\n");
 * class Quiet extends SimpleHTTPRequestHandler {
 *   override logMessage(): void {}
 * }
 *
 * await using httpd = new ThreadingHTTPServer(
 *   ["127.0.0.1", 0],
 *   Quiet.with({ directory }),
 * );
 * const served = httpd.serveForever();
 * const response = await fetch(`http://127.0.0.1:${httpd.serverPort}/a.txt`);
 * assertEquals(await response.text(), "alpha\n");
 * await httpd.shutdown();
 * await served;
 * ```
 *
 * @module
 */

import { markFilesChanged } from "../files/freshness.ts";
import type {
  FileDescription,
  FileStore,
  ListedEntry,
  ReadyFile,
} from "../files/file_store.ts";
import { type MaybePromise, whenReady } from "../files/maybe_promise.ts";
import type {
  Found,
  Located,
  ServedDirectory,
} from "../files/served_directory.ts";
import type { Connection } from "../io/connection.ts";
import type { Writer } from "../io/writer.ts";
import {
  type ByteRangesFrame,
  frameByteRanges,
} from "../protocol/byteranges.ts";
import { evaluatePreconditions, ifRangeHolds } from "../protocol/conditions.ts";
import { localPath } from "../protocol/local_path.ts";
import { DEFAULT_EXTENSIONS_MAP, guessType } from "../protocol/media_types.ts";
import { quote } from "../protocol/percent_encoding.ts";
import {
  type ByteRange,
  contentRange,
  parseRange,
  unsatisfiedRange,
} from "../protocol/ranges.ts";
import {
  addSlash,
  hasTrailingSlash,
  splitTarget,
} from "../protocol/request_target.ts";
import type { BaseServer } from "../server/base_server.ts";
import { BaseHTTPRequestHandler, type ClientAddress } from "./base.ts";
import {
  bodiesInPieces,
  checkBody,
  closeBody,
  closeFile,
  fileBody,
  type ResponseBody,
  sendParts,
  sendPieces,
  sendReadable,
  sendSmallPart,
  skipsTooMuch,
} from "./simple/body.ts";
import {
  describe,
  storedFields,
  validatorFields,
  validatorsOf,
  wholeFileHeaders,
} from "./simple/file_headers.ts";
import { fileStoreFor, requireReading } from "./simple/file_stores.ts";
import {
  checkOptions,
  SIMPLE_OPTION_NAMES,
  type SimpleHTTPRequestHandlerOptions,
} from "./simple/options.ts";

export type { CachedFile } from "../files/file_cache.ts";
export type { Folder } from "../files/folders.ts";
export type { OpenFile, SeekableFile } from "../files/open_file.ts";
export type {
  Found,
  Located,
  OpenedFile,
  ServedDirectory,
  ServedDirectoryOptions,
} from "../files/served_directory.ts";
export type {
  FileCloser,
  FileDescription,
  FileStore,
  FolderState,
  ListedEntry,
  OpenedFolder,
  ReadableFile,
  ReadyFile,
  SearchMatch,
  StreamedFile,
  WalkEntry,
  WalkOptions,
} from "../files/file_store.ts";
export type { MaybePromise } from "../files/maybe_promise.ts";
export type { ListingEntry } from "../files/entries.ts";
export type { SharedResources } from "../io/time_limits.ts";
export type { Platform } from "../protocol/path_segment.ts";
export type { ByteRangesFrame } from "../protocol/byteranges.ts";
export type { ByteRange } from "../protocol/ranges.ts";
export type { FileBody, ReadableBody, ResponseBody } from "./simple/body.ts";
export type { SimpleHTTPRequestHandlerOptions } from "./simple/options.ts";

type PlainListing = typeof import("./plain_listing.ts");

let plainListing: PlainListing | undefined;
let loading: Promise<PlainListing> | undefined;

/** Loads CPython's listing with the first request for one. */
function loadPlainListing(): Promise<PlainListing> {
  return loading ??= import("./plain_listing.ts")
    .then((loaded) => plainListing = loaded);
}

/** The index page of a directory. */
export interface IndexPage {
  /** Its path. */
  path: string;
  /** The page. */
  file: ReadyFile;
}

/** Value of `Retry-After` by default, in seconds. */
export const RETRY_AFTER_S: number = 5;

/**
 * Serves the files of a directory and its subdirectories, and lists
 * directories that have no index page.
 *
 * Responses speak HTTP/1.1, with `ETag`, ranges and preconditions (RFC 9110).
 * Neither `..` nor a symbolic link leads out of the directory.
 *
 * Source: CPython 3.14, `http.server.SimpleHTTPRequestHandler`.
 *
 * @example Usage
 * ```ts
 * import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const Handler = SimpleHTTPRequestHandler.with({ directory: "/srv/share" });
 * assertEquals(Handler.protocolVersion, "HTTP/1.1");
 * ```
 */
export class SimpleHTTPRequestHandler extends BaseHTTPRequestHandler {
  /** HTTP version of the responses; CPython's is HTTP/1.0. */
  static override protocolVersion = "HTTP/1.1";
  /** Whether responses confirm the client's `Connection` option. */
  static override confirmsConnection = true;
  /** Names of the options that `with()` takes. */
  static optionNames: readonly string[] = SIMPLE_OPTION_NAMES;
  /** Names of index pages; the first that exists is sent for a directory. */
  static indexPages: readonly string[] = ["index.html", "index.htm"];
  /** Media types by extension; they precede the built-in table. */
  static extensionsMap: Record<string, string> = DEFAULT_EXTENSIONS_MAP;
  /** Most ranges in one request; with more, the whole file is sent. */
  static maxRanges = 64;
  /** Most names in a path; a deeper path is 404. */
  static maxDepth = 128;
  /** Most listings of large directories sent at once; more get a 503. */
  static maxListings = 16;
  /**
   * Most entries of a folder of a source that is listed: they are in memory while
   * its page is made, some 1.5 KB each. A larger one is 403.
   */
  static maxListedEntries = 100000;
  /** Size of the cache of small files, in bytes; 0 for none. */
  static cacheBytes = 67108864;
  /**
   * How long a cached file is used without checking the disk, in ms. With 0, a
   * response never shows a state older than its request: only requests that
   * arrive in the same turn of the event loop share a check. A higher value
   * saves checks, like nginx's `open_file_cache_valid`.
   */
  static freshFor = 0;

  /** The directory that is served, an absolute path; `""` for a source. */
  readonly directory: string;
  /** The options of `with()`. */
  protected readonly options: SimpleHTTPRequestHandlerOptions;
  #files: FileStore;
  /** The `Retry-After` of the next response, in seconds. */
  protected retryAfter: number | undefined = undefined;

  /**
   * Stores its arguments.
   *
   * @param request The connection.
   * @param clientAddress The client's host and port.
   * @param server The server that accepted it.
   * @param options See {@linkcode SimpleHTTPRequestHandlerOptions}.
   */
  constructor(
    request: Connection,
    clientAddress: ClientAddress,
    server: BaseServer,
    options: SimpleHTTPRequestHandlerOptions = {},
  ) {
    super(request, clientAddress, server);
    this.options = options;
    this.#files = fileStoreFor(this.#class, options);
    this.directory = this.#files.path;
  }

  /**
   * Checks that the directory may be read. The server calls it before it
   * listens, so that a missing permission shows at once.
   *
   * @throws {Deno.errors.NotCapable} If the permission is missing.
   */
  static prepare(): void {
    requireReading({});
  }

  /**
   * Returns a subclass with options, like `functools.partial` in Python.
   *
   * @param options The options.
   * @returns The subclass.
   *
   * @example Usage
   * ```ts
   * import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
   * import { assert } from "@std/assert/assert";
   *
   * const Handler = SimpleHTTPRequestHandler.with({ directory: "/srv" });
   * assert(Handler.prototype instanceof SimpleHTTPRequestHandler);
   * ```
   */
  static with<T extends typeof SimpleHTTPRequestHandler>(
    this: T,
    options: SimpleHTTPRequestHandlerOptions,
  ): T {
    return bind(this, options) as T;
  }

  /**
   * The directory that is served, with its rules for links and dotfiles. A
   * source has none: reading this is an error then.
   */
  protected get servedDirectory(): ServedDirectory {
    const { servedDirectory } = this.#files;
    if (servedDirectory !== undefined) return servedDirectory;
    throw new TypeError("A handler that serves a source has no directory");
  }

  /** The files that are served, of a directory or of a source. */
  protected get files(): FileStore {
    return this.#files;
  }

  /**
   * Restricts which files the following requests of the connection can read.
   *
   * @param mayRead Tells which real paths below the directory may be read;
   * `undefined` for all. Others count as missing.
   */
  protected restrictFiles(
    mayRead: ((below: string) => boolean) | undefined,
  ): void {
    const whole = fileStoreFor(this.#class, this.options);
    this.#files = mayRead === undefined ? whole : whole.restrictedTo(mayRead);
  }

  get #class(): typeof SimpleHTTPRequestHandler {
    return this.constructor as typeof SimpleHTTPRequestHandler;
  }

  /**
   * Calls the method that is named after the request's. A method of a subclass
   * may change files, so the caches are revalidated before and after it.
   *
   * @returns What that method returns.
   */
  protected override dispatchRequest(): unknown {
    const { command } = this;
    const onlyReads = (command === "GET" && this.do_GET === ownGet) ||
      (command === "HEAD" && this.do_HEAD === ownHead);
    if (onlyReads) return super.dispatchRequest();
    markFilesChanged();
    let result: unknown;
    try {
      result = super.dispatchRequest();
    } finally {
      if (!(result instanceof Promise)) markFilesChanged();
    }
    return result instanceof Promise
      ? result.finally(markFilesChanged)
      : result;
  }

  /** Serves a GET request. */
  do_GET(): void | Promise<void> {
    const body = this.sendHead();
    return body instanceof Promise
      ? this.waitUntil(body.then((ready) => this.#copy(ready)))
      : this.#copy(body);
  }

  /** Serves a HEAD request: the response to a GET, without the body. */
  do_HEAD(): void | Promise<void> {
    const body = this.sendHead();
    return body instanceof Promise
      ? this.waitUntil(body.then(closeBody))
      : closeBody(body);
  }

  /**
   * Sends the head of the response to a GET or HEAD. Sends the whole response
   * if it is an error or a redirect.
   *
   * @returns The body to send, `null` if there is none.
   */
  sendHead(): ResponseBody | null | Promise<ResponseBody | null> {
    return this.#sendPath(this.translatePath(this.path));
  }

  #sendPath(path: string): MaybePromise<ResponseBody | null> {
    const cached = this.#files.cached(path);
    if (cached !== undefined) return this.sendFile(path, cached);
    const located = this.#files.locate(path);
    return located instanceof Promise
      ? this.observePart("lookup", () => located)
        .then((found) => this.#sendLocated(path, found))
      : this.#sendLocated(path, located);
  }

  #sendLocated(
    path: string,
    located: Located,
  ): MaybePromise<ResponseBody | null> {
    if (located.kind === "missing") return this.#sendMissing(path);
    if (located.kind === "directory") return this.#sendDirectory(path);
    const file = this.#open(path, located);
    return file instanceof Promise
      ? this.observePart("open", () => file)
        .then((opened) => this.#sendOpened(path, opened))
      : this.#sendOpened(path, file);
  }

  #sendOpened(
    path: string,
    file: ReadyFile | undefined,
  ): MaybePromise<ResponseBody | null> {
    return file === undefined
      ? this.sendNotFound(path)
      : this.sendFile(path, file);
  }

  #sendMissing(path: string): MaybePromise<ResponseBody | null> {
    const { file } = this.options;
    if (file !== undefined && splitTarget(this.path).path === "/") {
      return this.#redirect(302, `/${quote(file)}`);
    }
    return whenReady(
      this.#files.otherSpelling(path),
      (stored) =>
        stored === undefined || stored === path
          ? this.sendNotFound(path)
          : this.#sendPath(stored),
    );
  }

  /**
   * Sends the head of a directory listing. A large directory is read, sorted
   * and formatted in slices, so that other requests are served meanwhile.
   *
   * @param path The directory.
   * @returns The page, in pieces if it is large; `null` if an error was sent.
   */
  listDirectory(
    path: string,
  ): ResponseBody | null | Promise<ResponseBody | null> {
    return this.#files.whileListing(path, (isLarge) => {
      if (isLarge && bodiesInPieces() >= this.#class.maxListings) {
        this.sendBusy("Too many large listings at once");
        return null;
      }
      const list = (): MaybePromise<ListedEntry[]> => this.listedEntries(path);
      return plainListing === undefined
        ? loadPlainListing().then((loaded) => loaded.sendListing(this, list))
        : plainListing.sendListing(this, list);
    });
  }

  /**
   * Translates a request's path to a path of the file system: unescapes it,
   * resolves `.` and `..`, and never leaves `directory`.
   *
   * @param path The path of a request, with its query and fragment if any.
   * @returns The path, with a trailing slash if the request's path has one;
   * empty if no file can have this name.
   */
  translatePath(path: string): string {
    const { platform } = this.#files;
    return localPath(path, this.directory, platform, this.#class.maxDepth);
  }

  /**
   * Sends a body.
   *
   * @param source The body; a file in it is closed.
   * @param outputfile The writer that takes it.
   * @returns A promise that resolves when the writer has taken a body of more
   * than one write.
   */
  copyfile(source: ResponseBody, outputfile: Writer): void | Promise<void> {
    if (source instanceof Uint8Array) {
      outputfile.write(source);
      return;
    }
    checkBody(source);
    if ("ranges" in source && sendSmallPart(source, outputfile)) return;
    return this.waitUntil(
      Array.isArray(source)
        ? sendPieces(source, outputfile)
        : "readable" in source
        ? sendReadable(source, outputfile)
        : sendParts(source, outputfile),
    );
  }

  /**
   * Guesses a file's media type from its name.
   *
   * @param path The file's path.
   * @returns The type, without a charset; a promise for it while the table of
   * `@std/media-types` is not loaded.
   */
  guessType(path: string): MaybePromise<string> {
    const { contentType } = this.options;
    return guessType(path, this.#class.extensionsMap, contentType);
  }

  /**
   * Sends a 503 with `Retry-After`, for work that is limited.
   *
   * @param message The reason.
   */
  sendBusy(message: string): void {
    this.sendError(503, message);
  }

  /**
   * Sends an error. A 503 gets a `Retry-After`.
   *
   * @param code The status code.
   * @param message The reason; by default the short text in `responses`.
   * @param explain A longer explanation; by default the long text there.
   */
  override sendError(code: number, message?: string, explain?: string): void {
    if (code === 503) this.retryAfter ??= RETRY_AFTER_S;
    super.sendError(code, message, explain);
  }

  /** Adds the header fields of the options, and ends the header block. */
  override endHeaders(): void {
    if (this.retryAfter !== undefined && this.status >= 200) {
      this.sendHeader("Retry-After", this.retryAfter);
      this.retryAfter = undefined;
    }
    if (this.options.headers !== undefined && this.status >= 200) {
      for (const [name, value] of this.options.headers) {
        this.sendHeader(name, value);
      }
    }
    super.endHeaders();
  }

  /**
   * Returns the entries that a listing shows.
   *
   * @param path The directory.
   * @returns The entries, unordered; a promise if the directory is large.
   * @throws {Error} If it cannot be read. The promise rejects likewise.
   */
  protected listedEntries(
    path: string,
  ): ListedEntry[] | Promise<ListedEntry[]> {
    return this.#files.list(path);
  }

  /**
   * Returns the `Location` of a redirect within the server.
   *
   * @param location An absolute path, with its query if any.
   * @returns The value of the field: by default `location`, as in CPython.
   */
  protected redirectLocation(location: string): string {
    return location;
  }

  #sendDirectory(
    path: string,
  ): ResponseBody | null | Promise<ResponseBody | null> {
    if (!hasTrailingSlash(splitTarget(this.path).path)) {
      return this.#redirect(301, addSlash(this.path));
    }
    return whenReady(
      this.findIndex(path),
      (index) =>
        index === undefined
          ? this.listDirectory(path)
          : this.sendFile(index.path, index.file),
    );
  }

  #redirect(status: number, location: string): null {
    this.sendResponse(status);
    this.sendHeader("Location", this.redirectLocation(location));
    this.sendHeader("Content-Length", 0);
    this.endHeaders();
    return null;
  }

  /**
   * Finds the index page of a directory.
   *
   * @param path The directory.
   * @returns The first of `indexPages` that exists, and its path; a promise if
   * the source of the files needs time.
   */
  protected findIndex(path: string): MaybePromise<IndexPage | undefined> {
    return this.#findIndex(path, 0);
  }

  #findIndex(path: string, at: number): MaybePromise<IndexPage | undefined> {
    const name = this.#class.indexPages[at];
    if (name === undefined) return undefined;
    const index = path.endsWith("/") ? path + name : `${path}/${name}`;
    return whenReady(
      this.openFile(index),
      (file) =>
        file === undefined
          ? this.#findIndex(path, at + 1)
          : { path: index, file },
    );
  }

  /**
   * Opens a file under the rules that hold for requests.
   *
   * @param path The file's path, from `translatePath()`.
   * @returns The file, which `sendFile()` closes; `undefined` if there is no
   * such file, or it is hidden; a promise if the source of the files needs time.
   */
  protected openFile(path: string): MaybePromise<ReadyFile | undefined> {
    const cached = this.#files.cached(path);
    if (cached !== undefined) return cached;
    return whenReady(
      this.#files.locate(path),
      (located) =>
        located.kind === "file" ? this.#open(path, located) : undefined,
    );
  }

  #open(path: string, located: Found): MaybePromise<ReadyFile | undefined> {
    return whenReady(this.guessType(path), (type) => {
      const describeIt = (info: Deno.FileInfo): FileDescription =>
        describe(type, info);
      const checker = this.server.timeLimitChecker;
      return this.#files.open(path, located, describeIt, checker);
    });
  }

  /**
   * Responds with a file. Evaluates preconditions and ranges in the order of
   * RFC 9110 section 13.2.2.
   *
   * @param _path The file's path, from `translatePath()`.
   * @param file The file.
   * @returns The body to send, `null` if there is none.
   */
  protected sendFile(
    _path: string,
    file: ReadyFile,
  ): ResponseBody | null | Promise<ResponseBody | null> {
    const { etag, info } = file;
    const validators = validatorsOf(file);
    switch (evaluatePreconditions(this.command, this.fields, validators)) {
      case "failed":
        closeFile(file);
        this.sendError(412);
        return null;
      case "not-modified":
        closeFile(file);
        this.sendResponse(304);
        this.sendHeader("ETag", etag);
        this.endHeaders();
        return null;
    }
    const range = this.command === "GET" ? this.fields.get("range") : undefined;
    if (range !== undefined && ifRangeHolds(this.fields, validators)) {
      const outcome = parseRange(range, info.size, this.#class.maxRanges);
      if (outcome.kind === "unsatisfiable") {
        closeFile(file);
        this.sendResponse(416);
        this.sendHeader("Content-Range", unsatisfiedRange(info.size));
        this.sendHeader("Content-Length", 0);
        this.endHeaders();
        return null;
      }
      if (
        outcome.kind === "satisfiable" && !skipsTooMuch(file, outcome.ranges)
      ) {
        const { ranges } = outcome;
        return this.#prepared(
          file,
          ranges,
          () => this.#sendRanges(file, ranges),
        );
      }
    }
    const ranges = [{ start: 0, end: info.size }];
    return this.#prepared(file, ranges, () => {
      this.sendResponse(200);
      this.sendHeaderBlock(wholeFileHeaders(file));
      this.endHeaders();
      return fileBody(file, ranges);
    });
  }

  /** Sends a response once the source of the file has begun to send its part. */
  #prepared(
    file: ReadyFile,
    [{ start, end }]: readonly ByteRange[],
    send: () => ResponseBody,
  ): MaybePromise<ResponseBody> {
    if (this.command !== "GET" || !("file" in file)) return send();
    if (!("prepare" in file.file)) return send();
    return file.file.prepare(start, end).then(send, (error) => {
      closeFile(file);
      throw error;
    });
  }

  #sendRanges(file: ReadyFile, ranges: readonly ByteRange[]): ResponseBody {
    const { type, info: { size } } = file;
    let frame: ByteRangesFrame | undefined;
    this.sendResponse(206);
    if (ranges.length === 1) {
      const [{ start, end }] = ranges;
      this.sendHeader("Content-type", type);
      this.sendHeader("Content-Length", end - start);
      this.sendHeader("Content-Range", contentRange(start, end, size));
    } else {
      const boundary = crypto.randomUUID();
      frame = frameByteRanges(ranges, { size, type, boundary });
      this.sendHeader("Content-type", frame.contentType);
      this.sendHeader("Content-Length", frame.contentLength);
    }
    for (const [name, value] of validatorFields(file)) {
      this.sendHeader(name, value);
    }
    for (const [name, value] of storedFields(file)) {
      this.sendHeader(name, value);
    }
    this.endHeaders();
    return fileBody(file, ranges, frame);
  }

  /**
   * Responds to a request for a path that does not exist or is hidden.
   *
   * @param _path The path, from `translatePath()`.
   * @returns The body to send, `null` if there is none.
   */
  protected sendNotFound(
    _path: string,
  ): ResponseBody | null | Promise<ResponseBody | null> {
    this.sendError(404, "File not found");
    return null;
  }

  #copy(body: ResponseBody | null | undefined): void | Promise<void> {
    if (body === null || body === undefined) return undefined;
    return this.copyfile(body, this.wfile);
  }
}

const { do_GET: ownGet, do_HEAD: ownHead } = SimpleHTTPRequestHandler.prototype;

function bind(
  Base: typeof SimpleHTTPRequestHandler,
  options: SimpleHTTPRequestHandlerOptions,
): typeof SimpleHTTPRequestHandler {
  checkOptions(options, Base.optionNames);
  return class extends Base {
    static override prepare(): void {
      requireReading(options);
    }
    constructor(
      request: Connection,
      clientAddress: ClientAddress,
      server: BaseServer,
      more?: SimpleHTTPRequestHandlerOptions,
    ) {
      // The same object for all connections, since it is a key of caches.
      const all = more === undefined ? options : { ...options, ...more };
      super(request, clientAddress, server, all);
    }
  };
}
