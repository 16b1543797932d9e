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
 * Where a request for `/about.html` is led to: `/about`, unless something else
 * is there; and one for `/x/index.html` to `/x/`.
 *
 * @param request The request.
 * @param open Opens a file, as a request for it would.
 * @returns The value of `Location`, `undefined` if the request is not led on.
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
  // `addSlash()` makes it an address on this host, whatever it holds.
  return relativeTo(addSlash(bare).slice(0, -1) + more, path);
}
