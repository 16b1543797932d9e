// Copyright 2026 the pystd authors. MIT license.

/**
 * What all requests that write have in common.
 *
 * @module
 */

import { markFilesChanged } from "../../../files/freshness.ts";
import { isCrossSite } from "../cross_site.ts";
import type { ShareRequest } from "../request.ts";
import { explainError } from "./explain_error.ts";
import {
  sendUploadError,
  UploadError,
  type UploadResult,
} from "./upload_result.ts";

/** Most bytes to drain of a rejected body: they are on their way already. */
const MAX_DRAIN_BYTES = 64 * 1024;

/**
 * Runs a request that writes, and sends the error if it fails. Rejects requests of
 * pages of other sites: they can make a browser send a form to a server that only
 * this machine can reach.
 *
 * @param request The request.
 * @param origins Other origins that are allowed, `"*"` for all.
 * @param action Serves the request.
 * @param result The outcome of the files of a form.
 * @returns True: the request has been answered.
 * @throws {Error} If the client disconnects before the end of the body.
 */
export async function runWrite(
  request: ShareRequest,
  origins: readonly string[],
  action: () => void | Promise<void>,
  result?: UploadResult,
): Promise<true> {
  try {
    if (isCrossSite(request, origins)) {
      throw new UploadError(403, "Uploads from other sites are not allowed");
    }
    await action();
  } catch (error) {
    const reason = explainError(error);
    if (reason.detail !== undefined) request.logError("%s", reason.detail);
    const count = result ? result.saved.length + result.failed.length : 0;
    // Drain a small body, so that the connection can be reused.
    if (request.field("expect") === undefined) {
      await request.rfile.drain(MAX_DRAIN_BYTES);
    }
    sendUploadError(request, reason, count > 0 ? result : undefined);
  } finally {
    markFilesChanged();
  }
  return true;
}
