// Copyright 2026 the pystd authors. MIT license.

/**
 * A health check: a path that answers without a password whether the server can
 * serve, for load balancers and containers.
 *
 * @module
 */

import { joinName } from "../../files/paths.ts";
import { splitTarget } from "../../protocol/request_target.ts";
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
  handle(request: ShareRequest): boolean {
    const { command, path, servedDirectory } = request;
    if (command !== "GET" && command !== "HEAD") return false;
    if (splitTarget(path).path !== this.#path) return false;
    request.setRoute(this.#path);
    const { file } = servedDirectory;
    const served = file === undefined
      ? servedDirectory.path
      : joinName(servedDirectory.path, file);
    const ready = servedDirectory.locate(served).kind !== "missing";
    sendShortResponse(request, ready ? 200 : 503, {
      status: ready ? "ok" : "the served directory is missing",
    }, NO_STORE);
    return true;
  }
}
