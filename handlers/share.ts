// Copyright 2026 the pystd authors. MIT license.

/**
 * {@linkcode ShareHTTPRequestHandler}: serves a directory for file sharing.
 *
 * Listings sort, filter and come as HTML, JSON or text. Sites can have a
 * `404.html`, client-side routes and compressed files. {@linkcode ShareOptions}
 * add uploads (`./handlers/share/uploads`), archives
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

import type { FileStore } from "../files/file_store.ts";
import { type MaybePromise, whenReady } from "../files/maybe_promise.ts";
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
import { type Access, READING_METHODS } from "./share/access.ts";
import { accessLine, colored } from "./share/access_log.ts";
import { cleanLocation } from "./share/clean_urls.ts";
import { CodedBody, sendCoded } from "./share/coding/coded_body.ts";
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
  OWN_METHODS,
  type ResolvedShareOptions,
  resolveShareOptions,
  SHARE_OPTION_NAMES,
  type ShareOptions,
} from "./share/options.ts";
import {
  chooseRepresentation,
  type Representation,
} from "./share/coding/choose_representation.ts";
import type { OpenedLink, ShareRequest } from "./share/request.ts";
import type { RequestFeature } from "./share/features.ts";
import { loadQr } from "./share/qr/load_qr.ts";
import {
  detectVideo,
  TEXT_EXTENSIONS,
  typeByName,
} from "./share/text_types.ts";
import {
  isActive,
  isUntrusted,
  mayBeUploaded,
  UPLOADED_PAGE_POLICY,
} from "./share/uploaded_pages.ts";
import { closeFile, fileBody } from "./simple/body.ts";
import { validatorsOf } from "./simple/file_headers.ts";
import {
  type FileDescription,
  type IndexPage,
  type ReadableFile,
  type ReadyFile,
  type ResponseBody,
  RETRY_AFTER_S,
  SimpleHTTPRequestHandler,
} from "./simple.ts";

export type { Access, Right } from "./share/access.ts";
export type { LogFormat } from "./share/access_log.ts";
export type {
  ArchiveFeature,
  Authenticator,
  DavFeature,
  LinkFeature,
  ManageFeature,
  RequestFeature,
  RightsFeature,
  UploadFeature,
} from "./share/features.ts";
export type { ShareOptions } from "./share/options.ts";
export type { OpenedLink, ShareRequest } from "./share/request.ts";

/** Errors after which the connection can be reused. */
const KEEP_ALIVE_STATUSES = new Set([401, 403, 404, 405, 409, 412, 416, 429]);

/** Types that browsers decode in their locale's charset unless told one. */
const TEXT = /^(?:text\/[^;]*|application\/javascript)$/;

function withCharset(type: string): string {
  return TEXT.test(type) ? `${type}; charset=utf-8` : type;
}

type Listings = typeof import("./share/listing/send_listing.ts");

let listings: Listings | undefined;
let loading: Promise<Listings> | undefined;

/**
 * Loads the listings with the first request for one, since they take a tenth
 * of the start. All requests share one import: Deno 2.9 sometimes panics when
 * hundreds of requests import at once.
 */
function loadListings(): Promise<Listings> {
  return loading ??= import("./share/listing/send_listing.ts")
    .then((loaded) => listings = loaded);
}

type Viewer = typeof import("./share/viewer/send_view.ts");

let viewer: Promise<Viewer> | undefined;

/** Loads the viewer with the first request for it. */
function loadViewer(): Promise<Viewer> {
  return viewer ??= import("./share/viewer/send_view.ts");
}

/** A target that is a page about a file: `FILE?view`, or its QR code. */
const VIEW = /^[^?#]*[^/?#]\?(view|qr)(?:&|$)/;

/** Whether header fields about the file apply to a response. */
function isAboutFile(status: number): boolean {
  return status === 200 || status === 206 || status === 304;
}

/**
 * Extends {@linkcode SimpleHTTPRequestHandler} for file sharing: a better
 * listing, the usual features of a web site, and the features of its options.
 * Nothing is written by default.
 *
 * The same methods can be overridden as in {@linkcode
 * SimpleHTTPRequestHandler}. Errors such as 404 do not end the connection.
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
  /** Error page for clients that accept HTML. */
  static override errorMessageFormat: string = ERROR_PAGE;
  /** Media types by extension: source code is text, which browsers show. */
  static override extensionsMap: Record<string, string> = {
    ...SimpleHTTPRequestHandler.extensionsMap,
    ...TEXT_EXTENSIONS,
  };
  /** Names of the options that `with()` takes. */
  static override optionNames: readonly string[] = [
    ...SimpleHTTPRequestHandler.optionNames,
    ...SHARE_OPTION_NAMES,
  ];
  /** Most bodies compressed while they are sent; others are not compressed. */
  static maxCompressions = 8;
  /** Most archives made at once; one of 100,000 files takes some 15 MiB. */
  static maxArchives = 8;
  /** Most bytes of a text that the viewer shows. */
  static maxTextBytes = 262144;
  /** Most searches at once. */
  static maxSearches = 4;
  /** Most results of a search. */
  static maxSearchResults = 1000;
  /** Longest search, in ms. */
  static maxSearchTime = 10000;

  /** Name of the user, set by the authenticator. */
  user: string | undefined = undefined;
  /** The signed link of the request, set by a feature. */
  link: OpenedLink | undefined = undefined;
  /** The options with their defaults, shared by all connections. */
  #resolved: ResolvedShareOptions;
  #access: Access | undefined;
  /** Whether the client waits for a 100 before it sends the body. */
  #waitsForContinue = false;
  /** State of the current response, for `endHeaders()`. */
  #isFile = false;
  #varies = false;
  #coding: Coding | undefined;
  #policy = "";
  /** For the log: when the request began, and the status of its response. */
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
   * Returns a subclass with options.
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

  /** The directory that is served, with its rules for links and dotfiles. */
  override get servedDirectory(): ServedDirectory {
    return super.servedDirectory;
  }

  /** The files that are served, of a directory or of a source. */
  override get files(): FileStore {
    return super.files;
  }

  /** What the user may do, set by a feature; `undefined` if not restricted. */
  get access(): Access | undefined {
    return this.#access;
  }

  set access(access: Access | undefined) {
    if (access === this.#access) return;
    this.#access = access;
    this.restrictFiles(access?.mayRead);
  }

  /** The most archives that are made at once: `maxArchives` of the class. */
  get maxArchives(): number {
    return this.#class.maxArchives;
  }

  /** Whether the client uses HTTPS, as a trusted proxy reports it if there is one. */
  override get secure(): boolean {
    return super.secure;
  }

  /** Path prefix of all requests, without a slash at its end. */
  get prefix(): string {
    return this.#resolved.prefix;
  }

  /** Whether names that start with a dot are listed and served. */
  get showsDotfiles(): boolean {
    return this.options.dotfiles ?? true;
  }

  /**
   * Returns a header field of the request; cheaper than `headers`.
   *
   * @param name The field's name in lower case.
   * @returns Its value, those of a repeated one joined by `", "`.
   */
  field(name: string): string | undefined {
    return this.fields.get(name);
  }

  /**
   * Waits until the client disconnects, so that a feature can stop work that
   * nobody waits for. The request's body must have been read.
   *
   * @param signal Ends the waiting.
   * @returns Whether the client has disconnected.
   */
  override clientDisconnected(signal: AbortSignal): Promise<boolean> {
    return super.clientDisconnected(signal);
  }

  /**
   * Sends the 100 that a client may wait for before it sends the body. A
   * feature calls this before it reads `rfile`.
   */
  sendContinue(): void {
    if (!this.#waitsForContinue) return;
    this.#waitsForContinue = false;
    this.sendResponseOnly(100);
    this.endHeaders();
    this.wfile.flush();
  }

  /**
   * Answers a request that the user may not send: with 403, or with 401 if nobody
   * has signed in.
   */
  refuse(): void {
    const { auth } = this.#resolved;
    if (this.user === undefined && auth?.challenge !== undefined) {
      auth.challenge(this);
    } else this.sendError(403);
  }

  /**
   * Parses the received head, and removes the prefix from `path`.
   *
   * @returns Whether the request is to be handled.
   */
  override parseRequest(): boolean {
    const { links, log } = this.#resolved;
    if (log !== undefined) this.#began = performance.now();
    const isParsed = super.parseRequest();
    if (links !== undefined) this.requestline = links.redact(this.requestline);
    return isParsed &&
      (this.#resolved.prefix === "" || this.#takePrefix(this.#resolved.prefix));
  }

  /** Serves an OPTIONS request: lists the methods. */
  do_OPTIONS(): void {
    this.sendResponse(204);
    this.sendHeader("Allow", this.#allowedHere());
    for (const [name, value] of this.#resolved.optionsFields) {
      this.sendHeader(name, value);
    }
    this.endHeaders();
  }

  /**
   * Delays the 100 until `sendContinue()` is called, so that features can
   * reject the body before it is sent.
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
   * @returns The body to send, `null` if there is none.
   */
  override sendHead(): ResponseBody | null | Promise<ResponseBody | null> {
    // The token of a link is for the path as it is.
    const isClean = this.#resolved.cleanUrls && this.link === undefined &&
      !this.#isUntrusted(this.translatePath(this.path));
    const location = isClean
      ? cleanLocation(this, (path) => this.#open(path))
      : undefined;
    return whenReady(
      location,
      (found) => found === undefined ? super.sendHead() : this.#redirect(found),
    );
  }

  /**
   * Sends the listing of a directory.
   *
   * @param path The directory.
   * @returns The body to send, `null` if it has been sent.
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
      searches: this.#class,
      open: (path: string) => this.#open(path),
    };
    return this.observePart(
      "listing",
      () =>
        listings === undefined
          ? loadListings()
            .then((loaded) => loaded.sendListing(this, path, context))
          : listings.sendListing(this, path, context),
    );
  }

  /**
   * Guesses a file's media type from its name.
   *
   * @param path The file's path.
   * @returns The type, for text with the charset UTF-8; a promise for it while
   * the table of `@std/media-types` is not loaded.
   */
  override guessType(path: string): MaybePromise<string> {
    return whenReady(typeByName(path) ?? super.guessType(path), withCharset);
  }

  /**
   * Sends an error: a page if the client accepts HTML, an object if it prefers
   * JSON, otherwise a line of text.
   *
   * @param code The status code.
   * @param message The reason; by default the short text in `responses`.
   * @param explain A longer explanation; by default the long text there.
   */
  override sendError(code: number, message?: string, explain?: string): void {
    this.#isFile = false;
    this.#policy = "";
    if (code === 503) this.retryAfter ??= RETRY_AFTER_S;
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
   * Tells whether the connection may persist after an error: if it concerns
   * only the request, and the request has been read completely.
   *
   * @param code The status code of the error.
   * @returns Whether to leave `closeConnection` as it is.
   */
  override keepsConnectionAfterError(code: number): boolean {
    return KEEP_ALIVE_STATUSES.has(code) && this.rfile.ended;
  }

  get #loggedReferer(): string | undefined {
    const referer = this.fields.get("referer");
    const { links } = this.#resolved;
    return referer === undefined
      ? undefined
      : links?.redact(referer) ?? referer;
  }

  /** Adds the header fields of the options, and ends the header block. */
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
      if (this.link !== undefined) {
        for (const [name, value] of this.link.fields) {
          this.sendHeader(name, value);
        }
      }
      if (resolved.origin !== undefined) sendCorsFields(this, resolved.origin);
      // RFC 9110 15.5.6; the 501 is CPython's for any unknown method.
      if (status === 405 || status === 501) {
        this.sendHeader("Allow", this.#allowedHere());
      }
    }
    super.endHeaders();
  }

  /**
   * Logs an accepted request. In log formats other than CPython's, it is logged
   * when it ends.
   *
   * @param code The status code.
   * @param size The size of the response in bytes, if known.
   */
  override logRequest(
    code: number | string = "-",
    size: number | string = "-",
  ): void {
    this.#logged = Number(code) || 0;
    if (this.#resolved.log === undefined) super.logRequest(code, size);
  }

  /**
   * Logs that a request could not be served, unless the access log will show
   * it.
   *
   * @param format A printf-style format.
   * @param args The values for its conversions.
   */
  override logError(format: string, ...args: unknown[]): void {
    if (format.startsWith("code %d")) {
      this.#logged = Number(args[0]);
      if (this.#resolved.log !== undefined) return;
    }
    super.logError(format, ...args);
  }

  /**
   * Writes a finished log line, in colour if the options say so.
   *
   * @param line The line, without its end.
   */
  override writeLog(line: string): void {
    super.writeLog(
      this.#resolved.logColors ? colored(line, this.#logged) : line,
    );
  }

  /** Writes the access log line of the request, in formats other than CPython's. */
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
      referer: this.#loggedReferer,
      userAgent: this.fields.get("user-agent"),
    }, Date.now()));
    this.#logged = 0;
  }

  /**
   * Passes the request to the features, and handles it if none has answered.
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
   * Responds with a file, in the coding that the client prefers.
   *
   * @param path The file's path, from `translatePath()`.
   * @param file The file.
   * @returns The body to send, `null` if there is none.
   */
  protected override sendFile(
    path: string,
    file: ReadyFile,
  ): ResponseBody | null | Promise<ResponseBody | null> {
    const { compression, precompressed, viewer } = this.#resolved;
    const page = viewer && this.path.includes("?")
      ? VIEW.exec(this.path)?.[1]
      : undefined;
    if (page === "view") return this.#sendView(path, file);
    if (page === "qr") return this.#sendQr(file);
    this.#isFile = true;
    detectVideo(path, file);
    this.#sandboxUploads(path, file);
    const isCodable = file.coding === undefined && isCompressible(file.type);
    if (!(compression || precompressed) || !isCodable) {
      return super.sendFile(path, file);
    }
    this.#varies = true;
    const accept = this.fields.get("accept-encoding");
    if (accept === undefined) return super.sendFile(path, file);
    const form = chooseRepresentation(path, file, {
      accept,
      range: this.command === "GET" && this.fields.get("range") !== undefined,
      precompressed: this.#resolved.precompressed &&
        !mayBeUploaded(this.#resolved.uploads, this, path),
      compression,
      mayCompress: CodedBody.count < this.#class.maxCompressions,
      open: (path: string) => this.#open(path),
    });
    return form instanceof Promise
      ? form.then((chosen) => this.#sendForm(path, chosen))
      : this.#sendForm(path, form);
  }

  /**
   * Responds to a request for a path that does not exist: with the file that
   * `cleanUrls`, `spa` or `404.html` give, or with an error.
   *
   * @param path The path, from `translatePath()`.
   * @returns The body to send, `null` if there is none.
   */
  protected override sendNotFound(
    path: string,
  ): ResponseBody | null | Promise<ResponseBody | null> {
    const { cleanUrls } = this.#resolved;
    if (
      cleanUrls && path !== "" && !path.endsWith("/") &&
      !this.#isUntrusted(path)
    ) {
      return whenReady(
        this.#open(`${path}.html`),
        (file) =>
          file === undefined
            ? this.#sendFallback(path)
            : this.sendFile(`${path}.html`, file),
      );
    }
    return this.#sendFallback(path);
  }

  /** Responds with the page of an application, `404.html`, or an error. */
  #sendFallback(path: string): MaybePromise<ResponseBody | null> {
    const { spa } = this.#resolved;
    const isPage = spa !== undefined &&
      this.fields.get("accept")?.includes("text/html");
    const page = isPage ? this.translatePath(`/${spa}`) : "";
    return whenReady(
      this.#openTrusted(page),
      (file) =>
        file === undefined
          ? this.#sendErrorPage(path)
          : this.sendFile(page, file),
    );
  }

  /** Relative redirects work behind a proxy that adds a path prefix. */
  protected override redirectLocation(location: string): string {
    return relativeTo(location, this.path);
  }

  /** URL of the share's root, relative to the request's path. */
  protected override get home(): string {
    return relativeRoot(this.path);
  }

  /** Returns the value of `Allow` for the path of the request. */
  #allowedHere(): string {
    const { allowed, features } = this.#resolved;
    if (this.path === "*") return allowed;
    const methods = features.flatMap((feature) =>
      feature.methodsAt?.(this) ?? feature.methods ?? []
    );
    const all = [...OWN_METHODS, ...methods];
    const { access } = this;
    const { rights } = this.#resolved;
    if (access === undefined) return all.join(", ");
    const isAllowed = (method: string): boolean =>
      rights?.allows(access, method, this.path) ?? READING_METHODS.test(method);
    return all.filter(isAllowed).join(", ");
  }

  /** Removes the prefix from `path`; answers requests for other paths. */
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

  /** Sandboxes a file that a browser runs and that may be an upload. */
  #sandboxUploads(path: string, file: ReadyFile): void {
    const { uploads } = this.#resolved;
    if (uploads === undefined || !isActive(file.type)) return;
    if (
      mayBeUploaded(uploads, this, path) ||
      mayBeUploaded(uploads, this, this.#linkTarget(path))
    ) this.#policy = UPLOADED_PAGE_POLICY;
  }

  /** Resolves the symbolic links of a path to a path below the directory. */
  #linkTarget(path: string): string {
    const located = this.files.servedDirectory?.locate(path);
    return located?.kind === "file"
      ? `${this.directory}/${located.path.slice(located.root.length)}`
      : path;
  }

  /**
   * Finds the index page of a directory. A page that may be an upload is no
   * index page.
   *
   * @param path The directory.
   * @returns The page, and its path.
   */
  protected override findIndex(
    path: string,
  ): MaybePromise<IndexPage | undefined> {
    const folder = path.endsWith("/") ? path : `${path}/`;
    return this.#isUntrusted(folder) ? undefined : super.findIndex(path);
  }

  #isUntrusted(path: string): boolean {
    return isUntrusted(this.#resolved.uploads, this, path);
  }

  get #class(): typeof ShareHTTPRequestHandler {
    return this.constructor as typeof ShareHTTPRequestHandler;
  }

  #open(path: string): MaybePromise<ReadyFile | undefined> {
    return this.openFile(path);
  }

  /** Opens a file, unless it may be an upload. */
  #openTrusted(path: string): MaybePromise<ReadyFile | undefined> {
    return path === "" || this.#isUntrusted(path)
      ? undefined
      : this.#open(path);
  }

  async #askFeatures(): Promise<void> {
    this.user = this.access = this.link = undefined;
    try {
      const { features, auth } = this.#resolved;
      for (const feature of features) {
        if (this.#isPassedBy(feature)) continue;
        const answered = feature === auth
          ? this.observePart("auth", () => auth.handle(this))
          : feature.handle(this);
        if (await answered) return;
        this.#liftLink(feature);
      }
      await super.dispatchRequest();
    } finally {
      // Whether the client sends the body without a 100 is not known.
      if (this.#waitsForContinue) this.closeConnection = true;
      this.#waitsForContinue = false;
    }
  }

  /** Whether a link stands in for the password that a feature asks for. */
  #isPassedBy(feature: RequestFeature): boolean {
    const { auth, rights } = this.#resolved;
    return this.link !== undefined &&
      (feature === auth || feature === rights) &&
      this.fields.get("authorization") === undefined;
  }

  /** Without rules, a link does not restrict a user who has signed in. */
  #liftLink(feature: RequestFeature): void {
    const { auth, rights } = this.#resolved;
    if (feature === auth && rights === undefined && this.user !== undefined) {
      this.access = undefined;
    }
  }

  async #sendQr(file: ReadyFile): Promise<ResponseBody | null> {
    closeFile(file);
    return (await loadQr()).sendQr(this);
  }

  async #sendView(path: string, file: ReadyFile): Promise<ResponseBody> {
    detectVideo(path, file);
    const { sendView } = await loadViewer();
    return sendView(this, path, file, {
      resolved: this.#resolved,
      dotfiles: this.showsDotfiles,
      maxTextBytes: this.#class.maxTextBytes,
    });
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

  #sendLive(
    path: string,
    file: ReadableFile & FileDescription,
    coding: LiveCoding,
  ): MaybePromise<ResponseBody | null> {
    const validators = validatorsOf(file);
    const outcome = evaluatePreconditions(
      this.command,
      this.fields,
      validators,
    );
    if (outcome !== "proceed") return super.sendFile(path, file);
    this.#coding = coding;
    return sendCoded(this, file, coding);
  }

  /** Responds with `404.html` if it exists, otherwise with an error. */
  #sendErrorPage(path: string): MaybePromise<ResponseBody | null> {
    const page = this.translatePath("/404.html");
    return whenReady(this.#openTrusted(page), (file) => {
      if (file === undefined) return super.sendNotFound(path);
      this.#sandboxUploads(page, file);
      this.sendResponse(404);
      this.sendHeader("Content-type", file.type);
      this.sendHeader("Content-Length", file.info.size);
      if (file.coding !== undefined) {
        this.sendHeader("Content-Encoding", file.coding);
      }
      this.endHeaders();
      return fileBody(file, [{ start: 0, end: file.info.size }]);
    });
  }

  #redirect(location: string): null {
    this.sendResponse(301);
    this.sendHeader("Location", location);
    this.sendHeader("Content-Length", 0);
    this.endHeaders();
    return null;
  }
}
