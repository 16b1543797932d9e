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

/** A file that was saved. */
export interface SavedFile {
  /** Its path in URLs, unescaped. */
  path: string;
  /** Its size in bytes. */
  size: number;
}

/** A file that was not saved. */
export interface FailedFile {
  /** The name that the client sent. */
  path: string;
  /** The status of the error. */
  status: number;
  /** The reason. */
  message: string;
}

/** The outcome of an upload. */
export interface UploadResult {
  /** The saved files and folders. */
  saved: SavedFile[];
  /** The files that could not be saved. */
  failed: FailedFile[];
  /** Names of system files (`.DS_Store`) that were left out. */
  skipped: string[];
}

/** An upload that cannot be accepted, with further fields of the response. */
export class UploadError extends RequestError {
  override name = "UploadError";
  /** Further header fields of the response. */
  readonly fields: readonly (readonly [string, string])[];
  /** Bytes received of a resumable upload. */
  readonly offset: number | undefined;

  /**
   * Creates an error.
   *
   * @param status The status code.
   * @param message The reason.
   * @param more Header fields, and the bytes received of a resumable upload.
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
 * Sends the error response to an upload.
 *
 * @param request The request.
 * @param error The error.
 * @param result The outcome of the other files of a form.
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

/** Returns the explanation on the error page. */
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
 * Formats the outcome of an upload, a line for each file.
 *
 * @param result The outcome.
 * @returns The lines.
 */
export function formatResult(result: UploadResult | undefined): string {
  if (result === undefined) return "";
  const saved = result.saved.map(({ path, size }) =>
    path.endsWith("/") ? `Created ${path}\n` : `Saved ${path}, ${size} bytes\n`
  );
  const failed = result.failed.map(({ path, message }) =>
    `Not saved: ${path}: ${message}\n`
  );
  const skipped = result.skipped.map((path) =>
    `Left out: ${path}: a system file\n`
  );
  return [...saved, ...failed, ...skipped].join("");
}
