// Copyright 2026 the pystd authors. MIT license.

/**
 * The outcome of an upload, and the response that reports it: JSON for
 * scripts, a page for browsers, a line of text for everybody else.
 *
 * @module
 */

import { RequestError } from "../../../protocol/request_error.ts";
import type { ShareRequest } from "../request.ts";
import { responseForm, sendShortResponse } from "../short_response.ts";

/** A file that has been saved. */
export interface SavedFile {
  /** Its path in URLs, unescaped. */
  path: string;
  /** Its size in bytes. */
  size: number;
}

/** A file that has not. */
export interface FailedFile {
  /** The name that was sent for it. */
  path: string;
  /** The status that it would have been answered with on its own. */
  status: number;
  /** Why. */
  message: string;
}

/** What came of an upload. */
export interface UploadResult {
  /** What has been saved. */
  saved: SavedFile[];
  /** What has not. */
  failed: FailedFile[];
  /** Files of a system that were left out, by the names that were sent. */
  skipped: string[];
}

/** An upload that cannot be accepted, and what else is to be said about it. */
export class UploadError extends RequestError {
  override name = "UploadError";
  /** Further header fields of the answer. */
  readonly fields: readonly (readonly [string, string])[];
  /** Where a resumable upload stands, in bytes. */
  readonly offset: number | undefined;

  /**
   * Creates an error that is to be answered with `status`.
   *
   * @param status The status code.
   * @param message The reason.
   * @param more Header fields, and where a resumable upload stands.
   */
  constructor(
    status: number,
    message: string,
    more: { fields?: [string, string][]; offset?: number } = {},
  ) {
    super(status, message);
    this.offset = more.offset;
    const { offset } = more;
    this.fields = [
      ...more.fields ?? [],
      ...offset === undefined ? [] : [["Upload-Offset", `${offset}`] as const],
    ];
  }
}

/**
 * Refuses an upload.
 *
 * @param request The request.
 * @param error Why.
 * @param result What has been saved before, if anything could be.
 */
export function sendUploadError(
  request: ShareRequest,
  error: RequestError,
  result?: UploadResult,
): void {
  const { status, message } = error;
  const { fields = [], offset } = error instanceof UploadError ? error : {};
  const form = responseForm(request);
  if (form === "html" && fields.length === 0) {
    request.sendError(status, message, explain(result));
    return;
  }
  request.logError("code %d, message %s", status, message);
  const body = form === "json"
    ? { error: { status, message }, offset, ...result }
    : `${status} ${message}\n${formatResult(result)}`;
  sendShortResponse(request, status, body, fields);
}

/** What stands on the error's page below its message. */
function explain(result: UploadResult | undefined): string | undefined {
  if (result === undefined) return undefined;
  const { saved, failed } = result;
  const reasons = failed.map(({ path, message }) => `${path} (${message})`);
  const names = saved.map(({ path }) => path);
  return [
    reasons.length > 0 ? `Not saved: ${reasons.join(", ")}` : "",
    names.length > 0 ? `Saved: ${names.join(", ")}` : "",
  ].filter((line) => line !== "").join("; ") || undefined;
}

/**
 * What came of an upload, a line a file.
 *
 * @param result What came of it.
 * @returns The lines.
 */
export function formatResult(result: UploadResult | undefined): string {
  if (result === undefined) return "";
  const saved = result.saved.map(({ path, size }) =>
    path.endsWith("/") ? `Made ${path}\n` : `Saved ${path}, ${size} bytes\n`
  );
  const failed = result.failed.map(({ path, message }) =>
    `Not saved: ${path}: ${message}\n`
  );
  const skipped = result.skipped.map((path) =>
    `Left out: ${path}: a file of the system\n`
  );
  return [...saved, ...failed, ...skipped].join("");
}
