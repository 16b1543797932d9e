// Copyright 2026 the pystd authors. MIT license.

/**
 * The resource of a request, as WebDAV sees it.
 *
 * @module
 */

import { pathOf } from "../../../files/holding_folder.ts";
import { findInOtherNormalForm } from "../../../files/normal_form.ts";
import type { Found } from "../../../files/served_directory.ts";
import { quote, unquotePath } from "../../../protocol/percent_encoding.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import { collapsePath, splitTarget } from "../../../protocol/request_target.ts";
import { isTemporaryName } from "../../../protocol/upload_name.ts";
import type { ShareRequest } from "../request.ts";
import type { UploadTarget } from "../upload/target.ts";

/** A resource, which may not exist. */
export interface Resource {
  /** The names of its path. */
  readonly names: readonly string[];
  /** The file or folder; `undefined` if there is none that can be read. */
  readonly found: Found | undefined;
  /** Its escaped path in URLs; that of a folder ends in a slash. */
  readonly href: string;
}

/**
 * Finds a resource, by the rules of downloads.
 *
 * @param request The request.
 * @param target Its target, without the prefix.
 * @returns The resource.
 */
export function resourceAt(
  request: ShareRequest,
  target: string = request.path,
): Resource {
  const names = collapsePath(unquotePath(splitTarget(target).path));
  // Partial files stay hidden, even if other dotfiles are served.
  const found = names.some(isTemporaryName)
    ? undefined
    : locate(request, target);
  const slash = found?.kind === "directory" && names.length > 0 ? "/" : "";
  const href = `${request.prefix}/${quote(names.join("/"))}${slash}`;
  return { names, found, href };
}

function locate(request: ShareRequest, target: string): Found | undefined {
  const { servedDirectory } = request;
  const path = request.translatePath(target);
  if (path === "") return undefined;
  let located = servedDirectory.locate(path);
  if (located.kind === "missing") {
    const stored = findInOtherNormalForm(servedDirectory, path);
    if (stored !== undefined) located = servedDirectory.locate(stored);
  }
  return located.kind === "missing" ? undefined : located;
}

/** Where a resource may be written. */
export interface WritablePlace {
  /** Its path, by which locks know it. */
  readonly path: string;
  /** The path of its folder; `undefined` for the top of the served directory. */
  readonly folder: string | undefined;
}

/**
 * Finds the place of a resource to write.
 *
 * @param target Where uploads go.
 * @param resource The resource.
 * @returns Its place.
 * @throws {RequestError} 400, 403 or 409 if it must not be written, or its folder is
 * missing.
 */
export function writablePlace(
  target: UploadTarget,
  { names, found }: Resource,
): WritablePlace {
  // The top of the folder for uploads cannot be replaced, but locked.
  if (found?.kind === "directory") {
    const path = target.folder.find(names);
    if (names.length === 0) return { path, folder: undefined };
    try {
      const place = target.folder.place(names);
      return { path: pathOf(place), folder: place.folder };
    } catch (error) {
      if (!(error instanceof RequestError)) throw error;
      return { path, folder: undefined };
    }
  }
  const place = target.folder.place(names);
  return { path: pathOf(place), folder: place.folder };
}
