// Copyright 2026 the pystd authors. MIT license.

import {
  addSlash,
  hasTrailingSlash,
  relativeTo,
  splitTarget,
} from "../../protocol/request_target.ts";
import { type MaybePromise, whenReady } from "../../files/maybe_promise.ts";
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
 * @returns The value of `Location`, `undefined` if there is no redirect; a
 * promise if the source of the files needs time.
 */
export function cleanLocation(
  request: ShareRequest,
  open: (path: string) => MaybePromise<ReadyFile | undefined>,
): MaybePromise<string | undefined> {
  const { path, query } = splitTarget(request.path);
  if (!path.endsWith(EXTENSION) || hasTrailingSlash(path)) return undefined;
  const isIndex = path.endsWith(INDEX);
  const bare = path.slice(0, -(isIndex ? INDEX : EXTENSION).length);
  const at = request.translatePath(path);
  if (at === "") return undefined;
  const more = query === "" ? "" : `?${query}`;
  return whenReady(open(at), (file) => {
    if (file === undefined) return undefined;
    closeFile(file);
    if (isIndex) return `./${more}`;
    return whenReady(
      request.files.locate(request.translatePath(bare)),
      ({ kind }) =>
        kind === "missing"
          // `addSlash()` makes sure that it is a path on this host.
          ? relativeTo(addSlash(bare).slice(0, -1) + more, path)
          : undefined,
    );
  });
}
