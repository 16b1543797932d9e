// Copyright 2026 the pystd authors. MIT license.

import { HeaderBlock } from "../../protocol/header_block.ts";
import type { SimpleHTTPRequestHandlerOptions } from "../simple.ts";
import { ManageForms } from "./manage/forms.ts";
import type { LogFormat } from "./access_log.ts";
import type {
  ArchiveFeature,
  Authenticator,
  DavFeature,
  LinkFeature,
  ManageFeature,
  RequestFeature,
  RightsFeature,
  UploadFeature,
} from "./features.ts";

/**
 * Options of `ShareHTTPRequestHandler`.
 *
 * @example A drop box with a password
 * ```ts
 * import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
 * import {
 *   BasicAuthenticator,
 *   parseUser,
 * } from "@pystd/http-server/handlers/share/auth";
 * import { Uploads } from "@pystd/http-server/handlers/share/uploads";
 * import { assert } from "@std/assert/assert";
 *
 * const DropBox = ShareHTTPRequestHandler.with({
 *   directory: "/srv/share",
 *   title: "Drop box",
 *   uploads: new Uploads("/srv/share", { subdirectory: "in" }),
 *   auth: new BasicAuthenticator({
 *     uploaders: new Map([parseUser("ann:secret")!]),
 *   }),
 * });
 * assert(DropBox.prototype instanceof ShareHTTPRequestHandler);
 * ```
 */
export interface ShareOptions extends SimpleHTTPRequestHandlerOptions {
  /**
   * Authenticates requests: `BasicAuthenticator` of `./handlers/share/auth`, or
   * your own. Without it, no password is required.
   */
  auth?: Authenticator;
  /**
   * Restricts what users may do, by path: `PathRights` of
   * `./handlers/share/rights`.
   */
  rights?: RightsFeature;
  /**
   * Opens what signed links lead to, without a password: `SignedLinks` of
   * `./handlers/share/links`.
   */
  links?: LinkFeature;
  /**
   * Answers before all other features, and without a password: a health check.
   */
  health?: RequestFeature;
  /**
   * Answers a path with metrics: `MetricsPage` of `./telemetry`. It comes after
   * `auth`.
   */
  metrics?: RequestFeature;
  /**
   * Receives uploads: `Uploads` of `./handlers/share/uploads`, or `SourceUploads`
   * of `./handlers/share/source-uploads`. Without it, nothing is written.
   */
  uploads?: UploadFeature;
  /**
   * Deletes, moves and copies files and folders: `Management` of
   * `./handlers/share/manage`, or `SourceManagement` of
   * `./handlers/share/source-management`.
   */
  manage?: ManageFeature;
  /**
   * Serves WebDAV: `WebDAV` of `./handlers/share/dav`. It comes before `uploads`
   * and `manage`, and should be given both.
   */
  dav?: DavFeature;
  /**
   * Sends folders as archives: `Archives` of `./handlers/share/archives`.
   */
  archives?: ArchiveFeature;
  /**
   * Sends the SHA-256 of files: `Hashes` of `./handlers/share/hashes`.
   */
  hashes?: RequestFeature;
  /**
   * Whether directories are listed. If not, a directory without an index page
   * is 404.
   *
   * @default {true}
   */
  listing?: boolean;
  /**
   * Name of the served directory in listings.
   *
   * @default {"Files"}
   */
  title?: string;
  /**
   * Page of a single-page application, which is sent with 200 for paths that do
   * not exist, if the client accepts HTML. `true` means `index.html`.
   *
   * @default {false}
   */
  spa?: boolean | string;
  /**
   * Whether `/about` serves `about.html`, and `/about.html` redirects to
   * `/about`.
   *
   * @default {false}
   */
  cleanUrls?: boolean;
  /**
   * Value of `Cache-Control` for files.
   *
   * @default {"no-cache"}
   */
  cacheControl?: string;
  /**
   * Origin whose pages may read responses; `true` allows any.
   *
   * @default {false}
   */
  cors?: boolean | string;
  /**
   * Whether browsers block the use of files in pages of other origins (images,
   * scripts, frames): sends `Cross-Origin-Resource-Policy: same-origin` and
   * `X-Frame-Options: SAMEORIGIN`. Has no effect with `cors`.
   *
   * @default {false}
   */
  sameOrigin?: boolean;
  /**
   * Whether text is compressed for clients that accept it.
   *
   * @default {true}
   */
  compression?: boolean;
  /**
   * Whether clients that accept it get a compressed file beside the original,
   * if it is not older: `app.js.br`, `.zst` or `.gz` for `app.js`. Its content
   * is trusted; files in a folder for uploads are ignored.
   *
   * @default {false}
   */
  precompressed?: boolean;
  /**
   * Path prefix of all requests, `/files` say, if a proxy adds one and does not
   * remove it. Other paths are 404.
   *
   * @default {""}
   */
  prefix?: string;
  /**
   * Format of the access log.
   *
   * @default {"python"}
   */
  logFormat?: LogFormat;
  /**
   * Whether log lines are coloured by status.
   *
   * @default {false}
   */
  logColors?: boolean;
}

/** Share options with their defaults, and the header blocks made of them. */
export interface ResolvedShareOptions {
  /** The features, in the order in which they see a request. */
  readonly features: readonly RequestFeature[];
  /** The value of `Allow` for the server as a whole. */
  readonly allowed: string;
  /** Further fields of the response to OPTIONS. */
  readonly optionsFields: readonly Field[];
  /** Path prefix of all requests; empty if there is none. */
  readonly prefix: string;
  readonly listing: boolean;
  readonly title: string;
  /** Path of the application's page, below the directory. */
  readonly spa: string | undefined;
  readonly cleanUrls: boolean;
  /** Whether `FILE?view` is the viewer: not on a site with pages of its own. */
  readonly viewer: boolean;
  readonly cacheControl: string | undefined;
  /** Fields of every response, of a file, and of a file with several codings. */
  readonly fields: HeaderBlock;
  readonly fileFields: HeaderBlock;
  readonly varyingFields: HeaderBlock;
  /** The value of `Access-Control-Allow-Origin`. */
  readonly origin: string | undefined;
  readonly compression: boolean;
  readonly precompressed: boolean;
  /** Format of the access log; absent if it is CPython's. */
  readonly log: Exclude<LogFormat, "python"> | undefined;
  readonly logColors: boolean;
  readonly auth: Authenticator | undefined;
  readonly rights: RightsFeature | undefined;
  readonly links: LinkFeature | undefined;
  readonly uploads: UploadFeature | undefined;
  /** Whether files can be deleted, moved and copied. */
  readonly manages: boolean;
  readonly archives: readonly string[];
}

const OPTION_NAMES: Record<
  Exclude<keyof ShareOptions, keyof SimpleHTTPRequestHandlerOptions>,
  true
> = {
  auth: true,
  rights: true,
  links: true,
  health: true,
  metrics: true,
  uploads: true,
  manage: true,
  dav: true,
  archives: true,
  hashes: true,
  listing: true,
  title: true,
  spa: true,
  cleanUrls: true,
  cacheControl: true,
  cors: true,
  sameOrigin: true,
  compression: true,
  precompressed: true,
  prefix: true,
  logFormat: true,
  logColors: true,
};

/** Names of the options that `ShareHTTPRequestHandler` adds. */
export const SHARE_OPTION_NAMES: readonly string[] = Object.keys(OPTION_NAMES);

/** The methods that `ShareHTTPRequestHandler` answers by itself. */
export const OWN_METHODS: readonly string[] = ["GET", "HEAD", "OPTIONS"];

type Field = readonly [name: string, value: string];

const VARY: Field = ["Vary", "Accept-Encoding"];

const resolvedOptions = new WeakMap<ShareOptions, ResolvedShareOptions>();

/**
 * Applies the defaults to options.
 *
 * @param options The options.
 * @returns The result; the same object for the same options.
 */
export function resolveShareOptions(
  options: ShareOptions,
): ResolvedShareOptions {
  let resolved = resolvedOptions.get(options);
  if (resolved === undefined) {
    resolved = applyDefaults(options);
    resolvedOptions.set(options, resolved);
  }
  return resolved;
}

function applyDefaults(options: ShareOptions): ResolvedShareOptions {
  const { links, auth, rights, uploads, manage, dav, archives } = options;
  const { spa, cors, logFormat } = options;
  // Skip defaults the user already set in `headers`.
  const given = new Set(
    options.headers?.map(([name]) => name.toLowerCase()),
  );
  const unless = (name: string, value: string): Field[] =>
    given.has(name.toLowerCase()) ? [] : [[name, value]];
  const guards = unless("X-Content-Type-Options", "nosniff");
  if (options.sameOrigin && !cors) {
    guards.push(
      ...unless("Cross-Origin-Resource-Policy", "same-origin"),
      // For frames and objects, whose errors reveal which files exist.
      ...unless("X-Frame-Options", "SAMEORIGIN"),
    );
  }
  const caching = unless("Cache-Control", options.cacheControl ?? "no-cache");
  const { health, metrics, hashes } = options;
  const parts = [
    health,
    links,
    auth,
    rights,
    links?.pages,
    metrics,
    dav,
    uploads,
    manage,
    archives,
    hashes,
  ];
  const features = parts.filter((part) => part !== undefined);
  const title = options.title ?? "Files";
  return {
    features: manage === undefined
      ? features
      : withForms(features, rights ?? auth, title),
    allowed: [
      ...OWN_METHODS,
      ...features.flatMap(({ methods = [] }) => methods),
    ].join(", "),
    optionsFields: features.flatMap(({ optionsFields = [] }) => optionsFields),
    prefix: options.prefix ?? "",
    listing: options.listing ?? true,
    title,
    spa: spa === true ? "index.html" : spa || undefined,
    cleanUrls: options.cleanUrls ?? false,
    viewer: options.listing !== false && !spa && !options.cleanUrls,
    cacheControl: caching[0]?.[1],
    fields: new HeaderBlock(guards),
    fileFields: new HeaderBlock([...guards, ...caching]),
    varyingFields: new HeaderBlock([...guards, ...caching, VARY]),
    origin: cors === true ? "*" : cors || undefined,
    compression: options.compression ?? true,
    precompressed: options.precompressed ?? false,
    log: logFormat === "python" ? undefined : logFormat,
    logColors: options.logColors ?? false,
    auth,
    rights,
    links,
    uploads,
    manages: manage !== undefined,
    archives: archives?.formats ?? [],
  };
}

/** Adds the listing's forms to the features, after what checks the user. */
function withForms(
  features: readonly RequestFeature[],
  guard: RequestFeature | undefined,
  title: string,
): readonly RequestFeature[] {
  const forms = new ManageForms(features, title);
  const at = guard === undefined ? 0 : features.indexOf(guard) + 1;
  return features.toSpliced(at, 0, forms);
}
