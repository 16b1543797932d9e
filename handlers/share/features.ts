// Copyright 2026 the pystd authors. MIT license.

/**
 * Features of a `ShareHTTPRequestHandler`: authentication, uploads, archives.
 * Each has a module of its own, which is loaded only if it is used.
 *
 * @module
 */

import type { Access } from "./access.ts";
import type { ShareRequest } from "./request.ts";

/** A feature that answers some of the requests. */
export interface RequestFeature {
  /** Methods that it adds to `Allow`. */
  readonly methods?: readonly string[];
  /**
   * Returns the methods that it adds to `Allow` for one request.
   *
   * @param request The request.
   * @returns The methods that apply to its path; `methods` by default.
   */
  methodsAt?(request: ShareRequest): readonly string[];
  /** Header fields that it adds to the response to OPTIONS. */
  readonly optionsFields?: readonly (readonly [name: string, value: string])[];
  /**
   * Answers a request, or leaves it to the next feature and to the handler.
   *
   * @param request The request.
   * @returns Whether the request has been answered.
   */
  handle(request: ShareRequest): boolean | Promise<boolean>;
}

/**
 * Authenticates requests. It comes before all other features.
 *
 * @example A secret link
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
export interface Authenticator extends RequestFeature {
  /**
   * Tells whether the user of a request may upload. If not, the listing offers
   * to sign in, by a link to `/?login=PATH`: `handle()` answers that with a
   * challenge, or by a redirect to the path.
   *
   * @param request The request.
   * @returns Whether the user may; everybody may by default.
   */
  mayWrite?(request: ShareRequest): boolean;
  /**
   * Asks the client to sign in (401), for features that refuse a request of
   * somebody who has not.
   *
   * @param request The request.
   */
  challenge?(request: ShareRequest): void;
}

/** Restricts what users may do, by path. It comes after the authenticator. */
export interface RightsFeature extends RequestFeature {
  /**
   * Returns the rights of a user.
   *
   * @param user The user's name; `undefined` for somebody who has not signed in.
   * @returns The rights.
   */
  accessOf(user: string | undefined): Access;
  /**
   * Tells whether a user may send a request.
   *
   * @param access The user's rights.
   * @param command The method.
   * @param target The target.
   * @returns Whether the user has the right that it needs.
   */
  allows(access: Access, command: string, target: string): boolean;
}

/** Opens what signed links lead to. It comes before the authenticator. */
export interface LinkFeature extends RequestFeature {
  /** Shows new links to users. It comes after what checks their rights. */
  readonly pages: RequestFeature;
  /**
   * Removes tokens from a text for the log.
   *
   * @param text A request line, or a URL.
   * @returns The text without tokens.
   */
  redact(text: string): string;
}

/** Receives uploads. */
export interface UploadFeature extends RequestFeature {
  /**
   * Tells whether a client may upload into a folder.
   *
   * @param request The request of the client.
   * @param path The folder, from `translatePath()`.
   * @returns Whether it may; then the listing shows the form for uploads.
   */
  accepts(request: ShareRequest, path: string): boolean;
  /**
   * Returns the free space on the disk of the uploads.
   *
   * @returns The bytes; `undefined` if unknown.
   */
  freeBytes?(): number | undefined;
  /**
   * Whether uploads may affect other names: replace files, or add the
   * `index.html` of a folder.
   *
   * @default {false}
   */
  readonly overwrites?: boolean;
}

/** Deletes, moves and copies files and folders. */
export type ManageFeature = RequestFeature;

/** Serves WebDAV, and checks its locks for the features that write. */
export type DavFeature = RequestFeature;

/** Sends folders as archives, at `FOLDER/?archive=FORMAT`. */
export interface ArchiveFeature extends RequestFeature {
  /** The formats: `zip`, `tar.gz`. */
  readonly formats: readonly string[];
}
