// Copyright 2026 the pystd authors. MIT license.

/**
 * Responses with a short body, as JSON or as a line of text.
 *
 * @module
 */

import type { ShareRequest } from "./request.ts";

/**
 * Returns the form that a client prefers.
 *
 * @param request The request.
 * @returns The form.
 */
export function responseForm(
  request: ShareRequest,
): "json" | "html" | "text" {
  const accept = request.field("accept")?.toLowerCase() ?? "";
  if (accept.includes("application/json")) return "json";
  return accept.includes("text/html") ? "html" : "text";
}

/**
 * Sends a response with a short body.
 *
 * @param request The request.
 * @param status The status code.
 * @param body Text, or an object to send as JSON.
 * @param fields Further header fields.
 */
export function sendShortResponse(
  request: ShareRequest,
  status: number,
  body: object | string,
  fields: Iterable<readonly [string, string]> = [],
): void {
  const isText = typeof body === "string";
  const bytes = new TextEncoder().encode(
    isText ? body : JSON.stringify(body) + "\n",
  );
  request.sendResponse(status);
  for (const [name, value] of fields) request.sendHeader(name, value);
  // The unread rest of the body must not be parsed as another request.
  if (!request.rfile.ended) request.sendHeader("Connection", "close");
  if (status !== 204) {
    request.sendHeader(
      "Content-Type",
      isText ? "text/plain; charset=utf-8" : "application/json",
    );
    request.sendHeader("Content-Length", bytes.length);
  }
  request.endHeaders();
  if (status !== 204) request.wfile.write(bytes);
}
