// Copyright 2026 the pystd authors. MIT license.

/**
 * Responses and errors in XML (RFC 4918 section 16).
 *
 * @module
 */

import {
  escapeXml,
  XML_START,
  XML_TYPE,
} from "../../../protocol/dav/multistatus.ts";
import { RequestError } from "../../../protocol/request_error.ts";
import { isCrossSite } from "../cross_site.ts";
import type { ShareRequest } from "../request.ts";
import { explainError } from "../upload/explain_error.ts";
import { sendUploadError } from "../upload/upload_result.ts";

/** Most bytes to drain of a rejected body: they are on their way already. */
const MAX_DRAIN_BYTES = 64 * 1024;

/** An error with a precondition or postcondition code. */
export class ConditionError extends RequestError {
  override name = "ConditionError";
  /** The element in `error`, as XML. */
  readonly condition: string;

  /**
   * Creates an error.
   *
   * @param status The status code.
   * @param message The reason.
   * @param condition The element in `error`, as XML.
   */
  constructor(status: number, message: string, condition: string) {
    super(status, message);
    this.condition = condition;
  }
}

/**
 * Returns the error for a resource that is locked.
 *
 * @param href Its escaped path.
 * @returns The error: 423.
 */
export function locked(href: string): ConditionError {
  const element = "D:lock-token-submitted";
  return new ConditionError(
    423,
    "Locked",
    `<${element}><D:href>${escapeXml(href)}</D:href></${element}>`,
  );
}

/**
 * Sends a response with an XML body.
 *
 * @param request The request.
 * @param status The status code.
 * @param body The body.
 * @param fields Further header fields.
 */
export function sendXml(
  request: ShareRequest,
  status: number,
  body: string,
  fields: Iterable<readonly [string, string]> = [],
): void {
  const bytes = new TextEncoder().encode(body);
  request.sendResponse(status);
  for (const [name, value] of fields) request.sendHeader(name, value);
  // The unread rest of the body must not be parsed as another request.
  if (!request.rfile.ended) request.sendHeader("Connection", "close");
  request.sendHeader("Content-Type", XML_TYPE);
  request.sendHeader("Content-Length", bytes.length);
  request.endHeaders();
  request.wfile.write(bytes);
}

/**
 * Runs a request, and sends the error if it fails.
 *
 * @param request The request.
 * @param action Serves the request.
 * @param origins Other origins whose pages may send the request; all if absent.
 * @returns True: the request has been answered.
 * @throws {Error} If the client disconnects before the end of the body.
 */
export async function runDav(
  request: ShareRequest,
  action: () => void | Promise<void>,
  origins?: readonly string[],
): Promise<true> {
  try {
    if (origins !== undefined && isCrossSite(request, origins)) {
      throw new RequestError(403, "Requests from other sites are not allowed");
    }
    await action();
  } catch (error) {
    await sendError(request, explainError(error));
  }
  return true;
}

/**
 * Sends an error.
 *
 * @param request The request.
 * @param error The error.
 */
export async function sendError(
  request: ShareRequest,
  error: RequestError,
): Promise<void> {
  // Drain a small body, so that the connection can be reused.
  if (request.field("expect") === undefined) {
    await request.rfile.drain(MAX_DRAIN_BYTES);
  }
  if (!(error instanceof ConditionError)) {
    return sendUploadError(request, error);
  }
  const { status, message, condition } = error;
  request.logError("code %d, message %s", status, message);
  const body = `${XML_START}<D:error xmlns:D="DAV:">${condition}</D:error>\n`;
  sendXml(request, status, body);
}
