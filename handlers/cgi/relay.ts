// Copyright 2026 the pystd authors. MIT license.

/**
 * Sends the output of a script as the response.
 *
 * @module
 */

import {
  type CgiDocument,
  CgiHeadScanner,
  type CgiScanState,
  parseCgiHead,
} from "../../protocol/cgi/output.ts";
import { allowsFraming, endsWithHead } from "../../protocol/status.ts";
import type { BaseHTTPRequestHandler } from "../base.ts";
import type { ScriptProcess } from "./script_process.ts";

/** Log messages for a missing header block. */
const NO_HEAD = {
  "partial": "there is no header block",
  "too-large": "the header block is too large",
};

/** Log messages for limits on time. */
const LIMITS = {
  "timeout": "it ran for too long",
  "silence": "it was silent for too long",
};

/** The start of a status line. */
const STATUS_LINE = /^HTTP\/[0-9.]{3} ([0-9]{3})/;

/**
 * Streams the output of a script as the response.
 *
 * @param handler The handler of the request.
 * @param script The script; it may still run when this returns.
 * @param name The script's path in URLs.
 * @param headLimit Largest header block, in bytes.
 * @returns The path to serve instead, if the script redirects within the server.
 * @throws {Error} If the client disconnects.
 */
export async function relayOutput(
  handler: BaseHTTPRequestHandler,
  script: ScriptProcess,
  name: string,
  headLimit: number,
): Promise<string | undefined> {
  if (/(?:^|\/)nph-[^/]*$/.test(name)) {
    await relayUnparsed(handler, script, name);
    return undefined;
  }
  const scanner = new CgiHeadScanner(headLimit);
  let state: CgiScanState = "partial";
  while (state === "partial") {
    const chunk = await script.read();
    if (chunk === null) break;
    state = scanner.push(chunk);
  }
  if (state !== "complete") {
    rejectOutput(handler, script, name, NO_HEAD[state]);
    return undefined;
  }
  const head = parseCgiHead(scanner.head);
  switch (head.kind) {
    case "malformed":
      rejectOutput(handler, script, name, head.reason);
      return undefined;
    case "local":
      await discard(script);
      return head.location;
    case "document":
      await sendDocument(handler, script, head, scanner.rest);
      if (script.terminated) cutOff(handler, script, name);
      return undefined;
  }
}

/** Relays a script that writes the whole response (RFC 3875 section 5). */
async function relayUnparsed(
  handler: BaseHTTPRequestHandler,
  script: ScriptProcess,
  name: string,
): Promise<void> {
  handler.closeConnection = true;
  const first = await script.read();
  if (first === null) {
    return rejectOutput(handler, script, name, "there is none");
  }
  const line = new TextDecoder().decode(first.subarray(0, 12));
  handler.logRequest(STATUS_LINE.exec(line)?.[1]);
  await handler.wfile.write(first);
  await eachChunk(script, (chunk) => handler.wfile.write(chunk));
  if (script.terminated) cutOff(handler, script, name);
}

async function sendDocument(
  handler: BaseHTTPRequestHandler,
  script: ScriptProcess,
  head: CgiDocument,
  first: Uint8Array,
): Promise<void> {
  const { status, fields, hasBody } = head;
  // CPython's reason, for scripts that set no status.
  const plain = status === 200 && !head.explicit;
  const reason = plain ? "Script output follows" : head.reason;
  handler.sendResponse(status, reason);
  for (const [name, value] of fields) handler.sendHeader(name, value);
  const length = hasBody ? head.contentLength : 0;
  const framed = allowsFraming(status);
  if (framed && length !== undefined) {
    handler.sendHeader("Content-Length", length);
  }
  const noBody = !hasBody || !framed || endsWithHead(status) ||
    handler.command === "HEAD";
  if (noBody) {
    handler.endHeaders();
    await discard(script);
  } else if (length !== undefined) {
    handler.endHeaders();
    await sendCounted(handler, script, first, length);
  } else {
    const body = handler.endHeadersOfStream();
    await body.write(first);
    await eachChunk(script, (chunk) => body.write(chunk));
    // Without the last chunk the client knows that the body is incomplete.
    if (!script.terminated) await body.end();
  }
}

/** Sends a body up to its announced length. */
async function sendCounted(
  handler: BaseHTTPRequestHandler,
  script: ScriptProcess,
  first: Uint8Array,
  length: number,
): Promise<void> {
  let left = length;
  let excess = false;
  const send = async (chunk: Uint8Array): Promise<void> => {
    excess ||= chunk.length > left;
    const announced = chunk.subarray(0, left);
    left -= announced.length;
    if (announced.length > 0) await handler.wfile.write(announced);
  };
  await send(first);
  await eachChunk(script, send);
  if (excess) {
    handler.logError("CGI script output is longer than its Content-Length");
  }
}

/** Sends and logs an error if the output is not a valid response. */
function rejectOutput(
  handler: BaseHTTPRequestHandler,
  script: ScriptProcess,
  name: string,
  why: string,
): void {
  if (script.terminated) {
    cutOff(handler, script, name);
    // Without an exceeded limit, the client has disconnected.
    if (script.overdue !== undefined) handler.sendError(504);
    return;
  }
  script.terminate();
  handler.logError("Bad output of CGI script %s: %s", name, why);
  handler.sendError(502);
}

/** Ends the response of a script that was terminated. */
function cutOff(
  handler: BaseHTTPRequestHandler,
  { overdue }: ScriptProcess,
  name: string,
): void {
  handler.closeConnection = true;
  if (overdue === undefined) return;
  handler.logError("CGI script %s was terminated: %s", name, LIMITS[overdue]);
}

async function eachChunk(
  script: ScriptProcess,
  take: (chunk: Uint8Array) => Promise<void>,
): Promise<void> {
  for (;;) {
    const chunk = await script.read();
    if (chunk === null) return;
    await take(chunk);
  }
}

/** RFC 3875 6.4: reads the output that is not sent. */
function discard(script: ScriptProcess): Promise<void> {
  return eachChunk(script, () => Promise.resolve());
}
