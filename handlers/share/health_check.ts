// Copyright 2026 the pystd authors. MIT license.

/**
 * A health check: a path that answers without a password whether the server can
 * serve, for load balancers and containers.
 *
 * @module
 */

import type { FileStore } from "../../files/file_store.ts";
import { type MaybePromise, whenReady } from "../../files/maybe_promise.ts";
import { joinName } from "../../files/paths.ts";
import { namesPath } from "../../protocol/request_target.ts";
import type { RequestFeature } from "./features.ts";
import type { ShareRequest } from "./request.ts";
import { sendShortResponse } from "./short_response.ts";

const NO_STORE = [["Cache-Control", "no-store"]] as const;

/** Answers a path with 200, or with 503 if the served directory is missing. */
export class HealthCheck implements RequestFeature {
  #path: string;

  /**
   * Stores its argument.
   *
   * @param path The path of the requests to answer, such as `/health`.
   */
  constructor(path: string) {
    this.#path = path;
  }

  /**
   * Answers a GET or HEAD of the path.
   *
   * @param request The request.
   * @returns Whether the request has been answered.
   */
  handle(request: ShareRequest): boolean | Promise<boolean> {
    const { command, path, files } = request;
    if (command !== "GET" && command !== "HEAD") return false;
    if (!namesPath(path, this.#path)) return false;
    request.setRoute(this.#path);
    return whenReady(isReady(files), (ready) => {
      sendShortResponse(request, ready ? 200 : 503, {
        status: ready ? "ok" : "the served directory is missing",
      }, NO_STORE);
      return true;
    });
  }
}

function isReady(files: FileStore): MaybePromise<boolean> {
  const { servedDirectory } = files;
  if (servedDirectory === undefined) {
    return files.openFolder("/", false).then(() => true, () => false);
  }
  const { path, file } = servedDirectory;
  const served = file === undefined ? path : joinName(path, file);
  return servedDirectory.locate(served).kind !== "missing";
}
