// Copyright 2026 the pystd authors. MIT license.

/**
 * What can be plugged into a `ShareHTTPRequestHandler`: who may, uploads,
 * archives. Each lives in a module of its own, which is loaded only where it
 * is asked for.
 *
 * @module
 */

import type { ShareRequest } from "./request.ts";

/** Something that answers some of the requests. */
export interface RequestFeature {
  /** The methods that it adds to those of the request, for `Allow`. */
  readonly methods?: readonly string[];
  /**
   * Looks at a request, before anything else does, and answers it if it is one
   * of its own.
   *
   * @param request The request.
   * @returns Whether it has been answered.
   */
  handle(request: ShareRequest): boolean | Promise<boolean>;
}

/**
 * Lets only those in who say who they are. It comes before all others.
 *
 * @example Who has the link
 * ```ts
 * import {
 *   type Authenticator,
 *   ShareHTTPRequestHandler,
 * } from "@pystd/http-server/handlers/share";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const auth: Authenticator = {
 *   handle(request) {
 *     if (request.path.endsWith("?key=42")) return false;
 *     request.sendError(403);
 *     return true;
 *   },
 * };
 * const Handler = ShareHTTPRequestHandler.with({ auth });
 * const request = "GET / HTTP/1.1\r\nHost: h\r\n\r\n";
 * assertEquals((await respond(Handler, request)).status, 403);
 * ```
 */
export type Authenticator = RequestFeature;

/** Takes files. */
export interface UploadFeature extends RequestFeature {
  /**
   * Whether the page of a folder shows the form for uploads.
   *
   * @param request The request.
   * @param path The folder, as of `translatePath()`.
   * @returns Whether this client may upload into it.
   */
  accepts(request: ShareRequest, path: string): boolean;
  /**
   * Whether who uploads may decide what other names answer: replace files, or
   * put an `index.html` into a folder.
   *
   * @default {false}
   */
  readonly overwrites?: boolean;
}

/** Sends folders as one file, at `FOLDER/?archive=FORMAT`. */
export interface ArchiveFeature extends RequestFeature {
  /** The formats, as the page links to them: `zip`, `tar.gz`. */
  readonly formats: readonly string[];
}
