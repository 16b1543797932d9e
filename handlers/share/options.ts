// Copyright 2026 the pystd authors. MIT license.

import { HeaderBlock } from "../../protocol/header_block.ts";
import type { SimpleHTTPRequestHandlerOptions } from "../simple.ts";
import type { LogFormat } from "./access_log.ts";
import type {
  ArchiveFeature,
  Authenticator,
  RequestFeature,
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
   * Lets in who may come in: it looks at each request before anything else
   * does. There is `BasicAuthenticator` in `./handlers/share/auth`. Without one
   * nobody is asked.
   */
  auth?: Authenticator;
  /**
   * Takes uploads: `Uploads` of `./handlers/share/uploads`. Without it nothing
   * is written.
   */
  uploads?: UploadFeature;
  /**
   * Sends folders as archives: `Archives` of `./handlers/share/archives`.
   * Without it none are made.
   */
  archives?: ArchiveFeature;
  /**
   * Whether directories are listed; if not, one without an index page is not
   * found.
   *
   * @default {true}
   */
  listing?: boolean;
  /**
   * What the listing calls the directory that is served.
   *
   * @default {"Files"}
   */
  title?: string;
  /**
   * The page of an application that has its own routes: it answers, with 200,
   * whoever wants HTML and asks for what is not there. `true` is `index.html`.
   *
   * @default {false}
   */
  spa?: boolean | string;
  /**
   * Whether `/about` is the address of `about.html`, and that of the latter
   * leads there.
   *
   * @default {false}
   */
  cleanUrls?: boolean;
  /**
   * The value of `Cache-Control` for files.
   *
   * @default {"no-cache"}
   */
  cacheControl?: string;
  /**
   * Which origin's pages may read what is served; `true` is any.
   *
   * @default {false}
   */
  cors?: boolean | string;
  /**
   * Whether browsers keep what is served from pages of other origins, as
   * pictures, scripts and frames too: `Cross-Origin-Resource-Policy:
   * same-origin` and `X-Frame-Options: SAMEORIGIN`. With `cors` they are not
   * sent.
   *
   * @default {false}
   */
  sameOrigin?: boolean;
  /**
   * Whether texts are compressed on their way to clients that accept it.
   *
   * @default {true}
   */
  compression?: boolean;
  /**
   * Whether clients that accept it get a compressed file that lies beside the
   * original and is not older: `app.js.br`, `.zst` or `.gz` for `app.js`. What
   * is in it is trusted; files in a folder for uploads never count.
   *
   * @default {false}
   */
  precompressed?: boolean;
  /**
   * The path below which a proxy serves this server, if it leaves the path in
   * its requests: `/files`. Other paths are 404.
   *
   * @default {""}
   */
  prefix?: string;
  /**
   * The form of the log's lines.
   *
   * @default {"python"}
   */
  logFormat?: LogFormat;
  /**
   * Whether the log's lines are coloured by status.
   *
   * @default {false}
   */
  logColors?: boolean;
}

/** Share options with their defaults, and the header blocks made of them. */
export interface ResolvedShareOptions {
  /** What looks at a request, in order. */
  readonly features: readonly RequestFeature[];
  /** The value of `Allow`. */
  readonly allowed: string;
  /** The path below which all is served; empty if there is none. */
  readonly prefix: string;
  /** The options, with their defaults. */
  readonly listing: boolean;
  readonly title: string;
  /** The path of the application's page, below the directory. */
  readonly spa: string | undefined;
  readonly cleanUrls: boolean;
  readonly cacheControl: string | undefined;
  /** The fields of every response, of a file, and of one of several forms. */
  readonly fields: HeaderBlock;
  readonly fileFields: HeaderBlock;
  readonly varyingFields: HeaderBlock;
  /** The value of `Access-Control-Allow-Origin`. */
  readonly origin: string | undefined;
  readonly compression: boolean;
  readonly precompressed: boolean;
  /** The form of the log; absent if it is CPython's. */
  readonly log: Exclude<LogFormat, "python"> | undefined;
  readonly logColors: boolean;
  readonly uploads: UploadFeature | undefined;
  readonly archives: readonly string[];
}

const OPTION_NAMES: Record<
  Exclude<keyof ShareOptions, keyof SimpleHTTPRequestHandlerOptions>,
  true
> = {
  auth: true,
  uploads: true,
  archives: true,
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

type Field = readonly [name: string, value: string];

const VARY: Field = ["Vary", "Accept-Encoding"];

const resolvedOptions = new WeakMap<ShareOptions, ResolvedShareOptions>();

/**
 * Makes the plan for some options.
 *
 * @param options The options.
 * @returns The plan; the same one for the same object.
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
  const { auth, uploads, archives, spa, cors, logFormat } = options;
  // Who sets one of these for every response shall not get two of them.
  const given = new Set(
    options.headers?.map(([name]) => name.toLowerCase()),
  );
  const unless = (name: string, value: string): Field[] =>
    given.has(name.toLowerCase()) ? [] : [[name, value]];
  const guards = unless("X-Content-Type-Options", "nosniff");
  if (options.sameOrigin && !cors) {
    guards.push(
      ...unless("Cross-Origin-Resource-Policy", "same-origin"),
      // That leaves frames, and objects, whose errors tell what is missing.
      ...unless("X-Frame-Options", "SAMEORIGIN"),
    );
  }
  const caching = unless("Cache-Control", options.cacheControl ?? "no-cache");
  const features = [auth, uploads, archives].filter((part) =>
    part !== undefined
  );
  return {
    features,
    allowed: ["GET", "HEAD", "OPTIONS"]
      .concat(features.flatMap(({ methods = [] }) => methods)).join(", "),
    prefix: options.prefix ?? "",
    listing: options.listing ?? true,
    title: options.title ?? "Files",
    spa: spa === true ? "index.html" : spa || undefined,
    cleanUrls: options.cleanUrls ?? false,
    cacheControl: caching[0]?.[1],
    fields: new HeaderBlock(guards),
    fileFields: new HeaderBlock([...guards, ...caching]),
    varyingFields: new HeaderBlock([...guards, ...caching, VARY]),
    origin: cors === true ? "*" : cors || undefined,
    compression: options.compression ?? true,
    precompressed: options.precompressed ?? false,
    log: logFormat === "python" ? undefined : logFormat,
    logColors: options.logColors ?? false,
    uploads,
    archives: archives?.formats ?? [],
  };
}
