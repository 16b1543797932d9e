// Copyright 2026 the pystd authors. MIT license.

/**
 * The outcome of an upload, and the response that reports it: JSON for
 * scripts, a page for browsers, a line of text for everybody else.
 *
 * @module
 */

import { quote } from "../../../protocol/percent_encoding.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import { relativeTo, splitTarget } from "../../../protocol/request_target.ts";
import type { ShareRequest } from "../request.ts";
import { RETRY_AFTER_S } from "../../simple.ts";
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
 * Returns the error for a file that is larger than allowed.
 *
 * @returns The error: 413.
 */
export function tooLarge(): UploadError {
  return new UploadError(413, "Content Too Large");
}

/**
 * Returns the error for a name that is in use, and must not be replaced.
 *
 * @param what What has the name.
 * @returns The error: 409.
 */
export function nameInUse(what: "file" | "folder"): UploadError {
  return new UploadError(409, `A ${what} with this name already exists`);
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
  const { status, message, detail } = error;
  const { fields = [], offset } = error instanceof UploadError ? error : {};
  if (detail !== undefined) request.logError("%s", detail);
  const form = responseForm(request);
  if (form === "html" && fields.length === 0) {
    request.sendError(status, message, explain(result));
    return;
  }
  request.logError("code %d, message %s", status, message);
  const body = form === "json"
    ? { error: { status, message }, offset, ...result }
    : `${status} ${message}\n${formatResult(result)}`;
  const isBusy = status === 503 && fields.length === 0;
  const more = isBusy ? [["Retry-After", `${RETRY_AFTER_S}`] as const] : fields;
  sendShortResponse(request, status, body, more);
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
 * Responds to a form.
 *
 * @param request The request.
 * @param names Names in the path of its folder.
 * @param result The outcome.
 * @throws {UploadError} If something was not saved.
 */
export function sendFormResult(
  request: ShareRequest,
  names: readonly string[],
  result: UploadResult,
): void {
  const { saved, skipped } = result;
  if (saved.length === 0 && skipped.length > 0) {
    throw new UploadError(403, "System files are not saved");
  }
  const [failure] = result.failed;
  if (failure !== undefined) {
    throw new UploadError(failure.status, failure.message);
  }
  const location = names.length === 0 ? "/" : quote(`/${names.join("/")}/`);
  switch (responseForm(request)) {
    case "json":
      return sendShortResponse(request, 201, result);
    case "html":
      return sendShortResponse(request, 303, "", [
        ["Location", relativeTo(location, request.path)],
      ]);
    case "text":
      return sendShortResponse(request, 201, formatResult(result));
  }
}

/**
 * Responds to a MKCOL.
 *
 * @param request The request.
 * @param shown The new folder's path in URLs, unescaped.
 */
export function sendFolderResult(request: ShareRequest, shown: string): void {
  const result: UploadResult = {
    saved: [{ path: shown, size: 0 }],
    failed: [],
    skipped: [],
  };
  const isJson = responseForm(request) === "json";
  sendShortResponse(request, 201, isJson ? result : `Created ${shown}\n`, [
    ["Location", relativeTo(quote(shown), splitTarget(request.path).path)],
  ]);
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
