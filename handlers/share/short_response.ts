// Copyright 2026 the pystd authors. MIT license.

/**
 * Responses with a short body, as JSON or as a line of text.
 *
 * @module
 */

import type { ShareHTTPRequestHandler } from "../share.ts";

/**
 * In which form a client wants an answer.
 *
 * @param handler The handler of its request.
 * @returns The form.
 */
export function responseForm(
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
export function sendShortResponse(
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
