// Copyright 2026 the pystd authors. MIT license.

/**
 * Answers to uploads, in the form that the client wants: JSON for scripts, a
 * page for browsers, a line of text for everybody else.
 *
 * @module
 */

import { RequestError } from "../../../protocol/request_error.ts";
import type { ShareHTTPRequestHandler } from "../../share.ts";

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
 * In which form a client wants an answer.
 *
 * @param handler The handler of its request.
 * @returns The form.
 */
export function wantedForm(
  handler: ShareHTTPRequestHandler,
): "json" | "html" | "text" {
  const accept = handler.field("accept")?.toLowerCase() ?? "";
  if (accept.includes("application/json")) return "json";
  return accept.includes("text/html") ? "html" : "text";
}

/**
 * Sends a response with a short body.
 *
 * @param handler The handler of the request.
 * @param status The status code.
 * @param body An object, sent as JSON, or text.
 * @param fields Further header fields.
 */
export function answer(
  handler: ShareHTTPRequestHandler,
  status: number,
  body: object | string,
  fields: Iterable<readonly [string, string]> = [],
): void {
  const isText = typeof body === "string";
  const bytes = new TextEncoder().encode(
    isText ? body : JSON.stringify(body) + "\n",
  );
  handler.sendResponse(status);
  for (const [name, value] of fields) handler.sendHeader(name, value);
  // Whatever of the request is not read must not be taken for another one.
  if (!handler.rfile.ended) handler.sendHeader("Connection", "close");
  if (status !== 204) {
    handler.sendHeader(
      "Content-Type",
      isText ? "text/plain; charset=utf-8" : "application/json",
    );
    handler.sendHeader("Content-Length", bytes.length);
  }
  handler.endHeaders();
  if (status !== 204) handler.wfile.write(bytes);
}

/**
 * Refuses an upload.
 *
 * @param handler The handler of the request.
 * @param error Why.
 * @param result What has been saved before, if anything could be.
 */
export function refuse(
  handler: ShareHTTPRequestHandler,
  error: RequestError,
  result?: UploadResult,
): void {
  const { status, message } = error;
  const { fields = [], offset } = error instanceof UploadError ? error : {};
  const form = wantedForm(handler);
  if (form === "html" && fields.length === 0) {
    handler.sendError(status, message, explain(result));
    return;
  }
  handler.logError("code %d, message %s", status, message);
  const body = form === "json"
    ? { error: { status, message }, offset, ...result }
    : `${status} ${message}\n${listText(result)}`;
  answer(handler, status, body, fields);
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
export function listText(result: UploadResult | undefined): string {
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
