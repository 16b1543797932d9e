// Copyright 2026 the pystd authors. MIT license.

import {
  addSlash,
  hasTrailingSlash,
  relativeTo,
  splitTarget,
} from "../../protocol/request_target.ts";
import type { ShareRequest } from "./request.ts";
import type { ReadyFile } from "../simple.ts";
import { closeFile } from "../simple/body.ts";

const INDEX = "/index.html";
const EXTENSION = ".html";

/**
 * Redirects `/about.html` to `/about`, unless another file has that name, and
 * `/x/index.html` to `/x/`.
 *
 * @param request The request.
 * @param open Opens a file under the rules that hold for requests.
 * @returns The value of `Location`, `undefined` if there is no redirect.
 */
export function cleanLocation(
  request: ShareRequest,
  open: (path: string) => ReadyFile | undefined,
): string | undefined {
  const { path, query } = splitTarget(request.path);
  if (!path.endsWith(EXTENSION) || hasTrailingSlash(path)) return undefined;
  const isIndex = path.endsWith(INDEX);
  const bare = path.slice(0, -(isIndex ? INDEX : EXTENSION).length);
  const at = request.translatePath(path);
  const file = at === "" ? undefined : open(at);
  if (file === undefined) return undefined;
  closeFile(file);
  if (!isIndex) {
    const taken =
      request.servedDirectory.locate(request.translatePath(bare)).kind;
    if (taken !== "missing") return undefined;
  }
  const more = query === "" ? "" : `?${query}`;
  if (isIndex) return `./${more}`;
  // `addSlash()` makes sure that it is a path on this host.
  return relativeTo(addSlash(bare).slice(0, -1) + more, path);
}
