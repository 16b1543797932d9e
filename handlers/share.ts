// Copyright 2026 the pystd authors. MIT license.

/**
 * {@linkcode ShareHTTPRequestHandler}: a directory as people share it.
 *
 * A listing that sorts, filters and comes as HTML, JSON or text; sites with
 * `404.html`, routes of their own and compressed files; and, plugged in by
 * {@linkcode ShareOptions}, uploads (`./handlers/share/uploads`), archives
 * (`./handlers/share/archives`) and passwords (`./handlers/share/auth`).
 *
 * @example A listing for programs
 * ```ts
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const directory = Deno.makeTempDirSync();
 * Deno.writeTextFileSync(`${directory}/a.txt`, "alpha\n");
 * const Handler = ShareHTTPRequestHandler.with({ directory });
 *
 * const request = "GET /?format=json HTTP/1.1\r\nHost: h\r\n" +
 *   "Connection: close\r\n\r\n";
 * const { text } = await respond(Handler, request);
 * assertEquals(/"name":"([^"]*)"/.exec(text)?.[1], "a.txt");
 * ```
 *
 * @module
 */

import type { ServedDirectory } from "../files/served_directory.ts";
import type { Connection } from "../io/connection.ts";
import { evaluatePreconditions } from "../protocol/conditions.ts";
import {
  addSlash,
  relativeRoot,
  relativeTo,
  splitTarget,
} from "../protocol/request_target.ts";
import type { BaseServer } from "../server/base_server.ts";
import type { ClientAddress } from "./base.ts";
import { accessLine, colored } from "./share/access_log.ts";
import { cleanLocation } from "./share/clean_urls.ts";
import { CodedBody, copyCoded } from "./share/coding/coded_body.ts";
import {
  type Coding,
  isCompressible,
  type LiveCoding,
} from "./share/coding/codings.ts";
import { answerPreflight, sendCorsFields } from "./share/cors.ts";
import {
  ERROR_PAGE,
  ERROR_POLICY,
  errorAnswer,
  errorForm,
} from "./share/errors.ts";
import {
  type ResolvedShareOptions,
  resolveShareOptions,
  SHARE_OPTION_NAMES,
  type ShareOptions,
} from "./share/options.ts";
import {
  chooseRepresentation,
  type Representation,
} from "./share/coding/choose_representation.ts";
import type { ShareRequest } from "./share/request.ts";
import { fileBody } from "./simple/body.ts";
import { validatorsOf } from "./simple/file_headers.ts";
import {
  type FileDescription,
  type OpenedFile,
  type OpenFile,
  type ReadyFile,
  type ResponseBody,
  SimpleHTTPRequestHandler,
} from "./simple.ts";

export type { LogFormat } from "./share/access_log.ts";
export type {
  ArchiveFeature,
  Authenticator,
  RequestFeature,
  UploadFeature,
} from "./share/features.ts";
export type { ShareOptions } from "./share/options.ts";
export type { ShareRequest } from "./share/request.ts";

/** After these errors there is nothing wrong with the connection. */
const KEEP_ALIVE_STATUSES = new Set([401, 403, 404, 405, 409, 412, 416, 429]);

/** Text that a browser would else read in its locale's charset. */
const TEXT = /^(?:text\/[^;]*|application\/javascript)$/;

/** What a browser runs when it is opened. */
const ACTIVE_TYPES = /^(?:text\/html|application\/xhtml|[^;]*[/+]xml)/;
/**
 * A stranger's page may run, but not as one of this origin: it could upload
 * with the reader's credentials.
 */
const UPLOADED_PAGE_POLICY =
  "sandbox allow-scripts allow-forms allow-popups allow-downloads";

type Listings = typeof import("./share/listing/send_listing.ts");

let listings: Listings | undefined;
let loading: Promise<Listings> | undefined;

/**
 * Pages, icons and scripts are a tenth of a start: the first listing waits.
 * There is one import for all: Deno 2.9 ends with a panic, now and then, when
 * some hundred requests import at once.
 */
function loadListings(): Promise<Listings> {
  return loading ??= import("./share/listing/send_listing.ts")
    .then((loaded) => listings = loaded);
}

/** What an answer with this status says about files holds. */
function isAboutFile(status: number): boolean {
  return status === 200 || status === 206 || status === 304;
}

/**
 * Serves the files of a directory with what people who share files expect on
 * top of {@linkcode SimpleHTTPRequestHandler}: a listing to work with, the
 * usual features of a site, and what is plugged in by its options. Nothing
 * that writes is on by default.
 *
 * A step of {@linkcode SimpleHTTPRequestHandler} can be overridden here as
 * there. Errors about what was asked for do not end the connection.
 *
 * @example Usage
 * ```ts
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const Handler = ShareHTTPRequestHandler.with({ directory: "/srv/share" });
 * assertEquals(Handler.protocolVersion, "HTTP/1.1");
 * ```
 */
export class ShareHTTPRequestHandler extends SimpleHTTPRequestHandler
  implements ShareRequest {
  /** The page of an error, for who asks for HTML. */
  static override errorMessageFormat: string = ERROR_PAGE;
  /** Names of the options that `with()` takes. */
  static override optionNames: readonly string[] = [
    ...SimpleHTTPRequestHandler.optionNames,
    ...SHARE_OPTION_NAMES,
  ];
  /** Bodies compressed on their way at once; others are sent as they are. */
  static maxCompressions = 8;
  /** Archives made at once; for 100,000 files each takes some 15 MiB. */
  static maxArchives = 8;

  /** Who the client has shown to be; set by the authenticator. */
  user: string | undefined = undefined;
  /** The options with their defaults, shared by all connections. */
  #resolved: ResolvedShareOptions;
  /** Whether the client waits for a 100 before it sends the body. */
  #waitsForContinue = false;
  /** What the head of the response says about a file, and about its page. */
  #isFile = false;
  #varies = false;
  #coding: Coding | undefined;
  #policy = "";
  /** For the log: when the request came, and the status it got. */
  #began = 0;
  #logged = 0;

  /**
   * Stores its arguments.
   *
   * @param request The connection.
   * @param clientAddress The client's host and port.
   * @param server The server that accepted it.
   * @param options See {@linkcode ShareOptions}.
   */
  constructor(
    request: Connection,
    clientAddress: ClientAddress,
    server: BaseServer,
    options: ShareOptions = {},
  ) {
    super(request, clientAddress, server, options);
    this.#resolved = resolveShareOptions(options);
  }

  /**
   * A subclass with options.
   *
   * @param options The options.
   * @returns The subclass.
   *
   * @example Usage
   * ```ts
   * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
   * import { assert } from "@std/assert/assert";
   *
   * const Handler = ShareHTTPRequestHandler.with({ title: "Photos" });
   * assert(Handler.prototype instanceof ShareHTTPRequestHandler);
   * ```
   */
  static override with<T extends typeof SimpleHTTPRequestHandler>(
    this: T,
    options: ShareOptions,
  ): T {
    return super.with.call(this, options) as T;
  }

  /** The directory, and what may be reached in it. */
  override get servedDirectory(): ServedDirectory {
    return super.servedDirectory;
  }

  /** The most archives that are made at once: `maxArchives` of the class. */
  get maxArchives(): number {
    return this.#class.maxArchives;
  }

  /** Whether names that start with a dot are listed and served. */
  get showsDotfiles(): boolean {
    return this.options.dotfiles ?? true;
  }

  /**
   * A header field of the request; cheaper than `headers`.
   *
   * @param name The field's name in lower case.
   * @returns Its value, those of a repeated one joined by `", "`.
   */
  field(name: string): string | undefined {
    return this.fields.get(name);
  }

  /**
   * Tells a client that waits for it to send the body. A feature calls this
   * before it reads `rfile`.
   */
  sendContinue(): void {
    if (!this.#waitsForContinue) return;
    this.#waitsForContinue = false;
    this.sendResponseOnly(100);
    this.endHeaders();
    this.wfile.flush();
  }

  /**
   * Parses the head that has been received, and takes the prefix off `path`.
   *
   * @returns Whether the request is to be handled.
   */
  override parseRequest(): boolean {
    if (this.#resolved.log !== undefined) this.#began = performance.now();
    return super.parseRequest() &&
      (this.#resolved.prefix === "" || this.#takePrefix(this.#resolved.prefix));
  }

  /** Serves an OPTIONS request: which methods there are. */
  do_OPTIONS(): void {
    this.sendResponse(204);
    this.sendHeader("Allow", this.#resolved.allowed);
    this.endHeaders();
  }

  /**
   * Puts off the 100 until `sendContinue()` is called, where features decide
   * whether the body is taken.
   *
   * @returns True.
   */
  override handleExpect100(): boolean {
    if (this.#resolved.features.length === 0) return super.handleExpect100();
    this.#waitsForContinue = true;
    return true;
  }

  /**
   * Sends the head of the response to a GET or HEAD.
   *
   * @returns What is to be sent as its body, `null` if nothing is.
   */
  override sendHead(): ResponseBody | null | Promise<ResponseBody | null> {
    const isClean = this.#resolved.cleanUrls &&
      !this.#isUntrusted(this.translatePath(this.path));
    const location = isClean
      ? cleanLocation(this, (path) => this.#open(path))
      : undefined;
    return location === undefined ? super.sendHead() : this.#redirect(location);
  }

  /**
   * Sends the listing of a directory.
   *
   * @param path The directory.
   * @returns What is to be sent as the body, `null` if nothing is left to send.
   */
  override listDirectory(
    path: string,
  ): ResponseBody | null | Promise<ResponseBody | null> {
    if (!this.#resolved.listing) return this.sendNotFound(path);
    const context = {
      resolved: this.#resolved,
      dotfiles: this.showsDotfiles,
      freshFor: this.#class.freshFor,
      maxListings: this.#class.maxListings,
      open: (path: string) => this.#open(path),
    };
    return listings === undefined
      ? loadListings().then((loaded) => loaded.sendListing(this, path, context))
      : listings.sendListing(this, path, context);
  }

  /**
   * Guesses a file's media type from its name.
   *
   * @param path The file's path.
   * @returns The type; text is said to be UTF-8.
   */
  override guessType(path: string): string {
    const type = super.guessType(path);
    return TEXT.test(type) ? `${type}; charset=utf-8` : type;
  }

  /**
   * Sends an error: as a page to who asks for HTML, as an object to who would
   * rather have JSON, else as a line of text.
   *
   * @param code The status code.
   * @param message The reason; by default the short text in `responses`.
   * @param explain A longer explanation; by default the long text there.
   */
  override sendError(code: number, message?: string, explain?: string): void {
    this.#isFile = false;
    this.#policy = "";
    const form = errorForm(this.fields.get("accept"));
    if (form === "html" || code < 400 || this.requestVersion === "HTTP/0.9") {
      this.#policy = ERROR_POLICY;
      super.sendError(code, message, explain);
      return;
    }
    const { responses } = this.#class;
    const reason = message ?? responses[code]?.[0] ?? "???";
    this.logError("code %d, message %s", code, reason);
    this.sendResponse(code, message);
    if (!this.keepsConnectionAfterError(code)) {
      this.sendHeader("Connection", "close");
    }
    const { fields, body } = errorAnswer(form, code, reason);
    this.sendHeaderBlock(fields);
    this.endHeaders();
    if (this.command !== "HEAD") this.wfile.write(body);
  }

  /**
   * Whether the connection may persist after an error: after one that is about
   * what was asked for, if all of the request was read.
   *
   * @param code The status code of the error.
   * @returns Whether to leave `closeConnection` as it is.
   */
  override keepsConnectionAfterError(code: number): boolean {
    return KEEP_ALIVE_STATUSES.has(code) && this.rfile.ended;
  }

  /** Ends the header block, after the fields that the options ask for. */
  override endHeaders(): void {
    const { status } = this;
    if (status >= 200) {
      const resolved = this.#resolved;
      if (this.#isFile && isAboutFile(status)) {
        this.sendHeaderBlock(
          this.#varies ? resolved.varyingFields : resolved.fileFields,
        );
        if (this.#coding !== undefined && status !== 304) {
          this.sendHeader("Content-Encoding", this.#coding);
        }
      } else this.sendHeaderBlock(resolved.fields);
      if (this.#policy !== "") {
        this.sendHeader("Content-Security-Policy", this.#policy);
      }
      if (resolved.origin !== undefined) sendCorsFields(this, resolved.origin);
      // RFC 9110 15.5.6; the 501 is CPython's for any unknown method.
      if (status === 405 || status === 501) {
        this.sendHeader("Allow", resolved.allowed);
      }
    }
    super.endHeaders();
  }

  /**
   * Logs a request that was accepted; when it ends, in forms other than
   * CPython's.
   *
   * @param code The status code.
   * @param size The size of the response in bytes, where it is known.
   */
  override logRequest(
    code: number | string = "-",
    size: number | string = "-",
  ): void {
    this.#logged = Number(code) || 0;
    if (this.#resolved.log === undefined) super.logRequest(code, size);
  }

  /**
   * Logs that a request could not be served, unless the line of the request
   * will tell.
   *
   * @param format A printf-style format.
   * @param args What its conversions take.
   */
  override logError(format: string, ...args: unknown[]): void {
    if (format.startsWith("code %d")) {
      this.#logged = Number(args[0]);
      if (this.#resolved.log !== undefined) return;
    }
    super.logError(format, ...args);
  }

  /**
   * Writes a finished line of the log, in colour if that was asked for.
   *
   * @param line The line, without its end.
   */
  override writeLog(line: string): void {
    super.writeLog(
      this.#resolved.logColors ? colored(line, this.#logged) : line,
    );
  }

  /** Writes the line of a request that was answered, if `log` asks for one. */
  protected override requestEnded(): void {
    const { log } = this.#resolved;
    if (log === undefined || this.#logged === 0) return;
    this.writeLog(accessLine(log, {
      remote: this.addressString(),
      user: this.user,
      requestline: this.requestline,
      status: this.#logged,
      bytes: this.wfile.bodyBytes,
      duration: performance.now() - this.#began,
      referer: this.fields.get("referer"),
      userAgent: this.fields.get("user-agent"),
    }, Date.now()));
    this.#logged = 0;
  }

  /**
   * Lets the features look at the request, and then handles it.
   *
   * @returns What the method that is named after the request's returns.
   */
  protected override dispatchRequest(): unknown {
    this.#isFile = this.#varies = false;
    this.#coding = undefined;
    this.#policy = "";
    const { features, origin, allowed } = this.#resolved;
    if (origin !== undefined && answerPreflight(this, allowed)) {
      return undefined;
    }
    return features.length === 0
      ? super.dispatchRequest()
      : this.#askFeatures();
  }

  /**
   * Answers with a file, in the form that the client likes best.
   *
   * @param path Its path, as of `translatePath()`.
   * @param file The file.
   * @returns What is to be sent as the body, `null` if nothing is.
   */
  protected override sendFile(
    path: string,
    file: ReadyFile,
  ): ResponseBody | null | Promise<ResponseBody | null> {
    const { compression, precompressed } = this.#resolved;
    this.#isFile = true;
    this.#sandboxUploads(path, file);
    if (!(compression || precompressed) || !isCompressible(file.type)) {
      return super.sendFile(path, file);
    }
    this.#varies = true;
    const accept = this.fields.get("accept-encoding");
    if (accept === undefined) return super.sendFile(path, file);
    const form = chooseRepresentation(path, file, {
      accept,
      range: this.command === "GET" && this.fields.get("range") !== undefined,
      precompressed: this.#resolved.precompressed && !this.#mayBeUploaded(path),
      compression,
      mayCompress: CodedBody.count < this.#class.maxCompressions,
      open: (path: string) => this.#open(path),
    });
    return form instanceof Promise
      ? form.then((chosen) => this.#sendForm(path, chosen))
      : this.#sendForm(path, form);
  }

  /**
   * Answers a request for what is not there: with another file where the
   * options say so.
   *
   * @param path What was asked for, as of `translatePath()`.
   * @returns What is to be sent as the body, `null` if nothing is.
   */
  protected override sendNotFound(
    path: string,
  ): ResponseBody | null | Promise<ResponseBody | null> {
    const { cleanUrls, spa } = this.#resolved;
    if (
      cleanUrls && path !== "" && !path.endsWith("/") &&
      !this.#isUntrusted(path)
    ) {
      const file = this.#open(`${path}.html`);
      if (file !== undefined) return this.sendFile(`${path}.html`, file);
    }
    if (spa !== undefined && this.fields.get("accept")?.includes("text/html")) {
      const at = this.translatePath(`/${spa}`);
      const file = this.#isUntrusted(at) ? undefined : this.#open(at);
      if (file !== undefined) return this.sendFile(at, file);
    }
    return this.#sendErrorPage() ?? super.sendNotFound(path);
  }

  /** Redirects stay right behind a proxy that adds a path of its own. */
  protected override redirectLocation(location: string): string {
    return relativeTo(location, this.path);
  }

  /** The address of the share's root, relative to what was asked for. */
  protected override get home(): string {
    return relativeRoot(this.path);
  }

  /** Whether the request is for what lies below the prefix. */
  #takePrefix(prefix: string): boolean {
    const { path } = this;
    if (path === "*") return true;
    if (path.startsWith(`${prefix}/`)) {
      this.path = path.slice(prefix.length).replace(/^\/+/, "/");
      return true;
    }
    if (splitTarget(path).path === prefix) {
      this.#redirect(relativeTo(addSlash(path), path));
    } else this.sendError(404, "File not found");
    return false;
  }

  /** What a browser runs, and a stranger may have put there. */
  #sandboxUploads(path: string, file: ReadyFile): void {
    if (this.#resolved.uploads === undefined || !ACTIVE_TYPES.test(file.type)) {
      return;
    }
    if (
      this.#mayBeUploaded(path) || this.#mayBeUploaded(this.#linkTarget(path))
    ) {
      this.#policy = UPLOADED_PAGE_POLICY;
    }
  }

  /** The file that a path leads to by links, as one below the directory. */
  #linkTarget(path: string): string {
    const located = this.servedDirectory.locate(path);
    if (located.kind !== "file") return path;
    return `${this.directory}/${located.path.slice(located.root.length)}`;
  }

  /**
   * Finds the page that is sent for a directory. A page that a stranger has
   * uploaded is opened by its name only.
   *
   * @param path The directory.
   * @returns The page, and its path.
   */
  protected override findIndex(
    path: string,
  ): { path: string; file: ReadyFile } | undefined {
    const folder = path.endsWith("/") ? path : `${path}/`;
    return this.#isUntrusted(folder) ? undefined : super.findIndex(path);
  }

  /** Whether a file may be somebody's who must not decide what others see. */
  #isUntrusted(path: string): boolean {
    return this.#resolved.uploads?.overwrites !== true &&
      this.#mayBeUploaded(path);
  }

  /** Whether a file lies where anybody may upload one. */
  #mayBeUploaded(path: string): boolean {
    const { uploads } = this.#resolved;
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    return uploads !== undefined && uploads.accepts(this, folder);
  }

  get #class(): typeof ShareHTTPRequestHandler {
    return this.constructor as typeof ShareHTTPRequestHandler;
  }

  #open(path: string): ReadyFile | undefined {
    return this.openFile(path);
  }

  async #askFeatures(): Promise<void> {
    this.user = undefined;
    try {
      for (const feature of this.#resolved.features) {
        if (await feature.handle(this)) return;
      }
      await super.dispatchRequest();
    } finally {
      // The client may send the body that it was not asked for, or may not.
      if (this.#waitsForContinue) this.closeConnection = true;
      this.#waitsForContinue = false;
    }
  }

  #sendForm(
    path: string,
    { file, coding, live }: Representation,
  ): ResponseBody | null | Promise<ResponseBody | null> {
    if (live !== undefined && "file" in file) {
      return this.#sendLive(path, file, live);
    }
    this.#coding = coding;
    return super.sendFile(path, file);
  }

  /** Compresses a file on its way; so its length is not known beforehand. */
  #sendLive(
    path: string,
    file: OpenedFile & FileDescription,
    coding: LiveCoding,
  ): ResponseBody | null | Promise<ResponseBody | null> {
    const { etag, lastModified } = file;
    const validators = validatorsOf(file);
    const outcome = evaluatePreconditions(
      this.command,
      this.fields,
      validators,
    );
    if (outcome !== "proceed") return super.sendFile(path, file);
    this.#coding = coding;
    this.sendResponse(200);
    this.sendHeader("Content-type", file.type);
    if (lastModified !== "") this.sendHeader("Last-Modified", lastModified);
    this.sendHeader("ETag", etag);
    const stream = this.endHeadersOfStream();
    if (this.command === "HEAD") {
      file.file.close();
      return null;
    }
    return this.#compress(file.file, new CodedBody(stream, coding));
  }

  async #compress(file: OpenFile, coded: CodedBody): Promise<null> {
    using body = coded;
    await copyCoded(file, body);
    return null;
  }

  /** Answers with `404.html`, if there is one. */
  #sendErrorPage(): ResponseBody | undefined {
    const path = this.translatePath("/404.html");
    const file = this.#isUntrusted(path) ? undefined : this.#open(path);
    if (file === undefined) return undefined;
    this.#sandboxUploads(path, file);
    this.sendResponse(404);
    this.sendHeader("Content-type", file.type);
    this.sendHeader("Content-Length", file.info.size);
    this.endHeaders();
    return fileBody(file, [{ start: 0, end: file.info.size }]);
  }

  #redirect(location: string): null {
    this.sendResponse(301);
    this.sendHeader("Location", location);
    this.sendHeader("Content-Length", 0);
    this.endHeaders();
    return null;
  }
}
