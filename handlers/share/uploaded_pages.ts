// Copyright 2026 the pystd authors. MIT license.

/**
 * Files that may be uploads of somebody else: their scripts are sandboxed, and
 * they do not affect other names, as `index.html` or `404.html` would.
 *
 * @module
 */

import type { UploadFeature } from "./features.ts";
import type { ShareRequest } from "./request.ts";

/** Types whose scripts a browser runs. */
const ACTIVE_TYPES = /^(?:text\/html|application\/xhtml|[^;]*[/+]xml)/;

/**
 * `Content-Security-Policy` of an uploaded page: its scripts run in another
 * origin, and cannot upload with the reader's credentials.
 */
export const UPLOADED_PAGE_POLICY =
  "sandbox allow-scripts allow-forms allow-popups allow-downloads";

/**
 * Tells whether a browser runs files of a type.
 *
 * @param type The media type.
 * @returns Whether it does.
 */
export function isActive(type: string): boolean {
  return ACTIVE_TYPES.test(type);
}

/**
 * Tells whether a client may upload into the folder of a file.
 *
 * @param uploads The uploads, if there are any.
 * @param request The request of the client.
 * @param path The file's path, from `translatePath()`.
 * @returns Whether it may.
 */
export function mayBeUploaded(
  uploads: UploadFeature | undefined,
  request: ShareRequest,
  path: string,
): boolean {
  if (uploads === undefined) return false;
  return uploads.accepts(request, path.slice(0, path.lastIndexOf("/") + 1));
}

/**
 * Tells whether a file may be an upload that must not affect other names.
 *
 * @param uploads The uploads, if there are any.
 * @param request The request of the client.
 * @param path The file's path, from `translatePath()`.
 * @returns Whether it may.
 */
export function isUntrusted(
  uploads: UploadFeature | undefined,
  request: ShareRequest,
  path: string,
): boolean {
  return uploads?.overwrites !== true && mayBeUploaded(uploads, request, path);
}
