// Copyright 2026 the pystd authors. MIT license.

/**
 * Failed requests: the client gets an error page if no part of a response has
 * been sent; otherwise the connection is aborted.
 *
 * @module
 */

import { isClientDisconnect, isTruncation } from "../../io/client_errors.ts";
import type { ExceededLimit } from "../../io/time_limits.ts";
import type { Writer } from "../../io/writer.ts";
import { RequestError } from "../../protocol/request_error.ts";
import type { RequestState } from "./request_state.ts";

/** The members of a handler that answer a failure. */
export interface FailingHandler {
  /** The request's method. */
  command: string;
  /** The request line. */
  requestline: string;
  /** The request's version. */
  requestVersion: string;
  /** Whether the connection ends after the request. */
  closeConnection: boolean;
  /** Where the response goes. */
  readonly wfile: Writer;
  /** Logs an error; the format is Python's. */
  logError(format: string, ...args: unknown[]): void;
  /** Sends an error page. */
  sendError(code: number, message?: string): void;
}

/**
 * Answers an exception with an error if nothing of the response has been sent,
 * and cuts the response off otherwise.
 *
 * @param handler The handler.
 * @param state Its request.
 * @param error The exception.
 * @param clientEnded Whether the client has ended its side.
 * @throws {unknown} The error, unless it is about the client.
 */
export function failRequest(
  handler: FailingHandler,
  state: RequestState,
  error: unknown,
  clientEnded: boolean,
): void {
  const { wfile } = handler;
  const disconnected = wfile.error !== undefined;
  handler.closeConnection = true;
  if (disconnected && error === wfile.error) return;
  const isClients = error instanceof RequestError || isClientDisconnect(error);
  if (!(error instanceof RequestError)) {
    state.observation?.fail(error, !isClients);
  }
  const refusal = refusalOf(error, clientEnded && !state.bodyEnded);
  if (refusal?.detail !== undefined) handler.logError("%s", refusal.detail);
  if (!disconnected && wfile.rewind()) {
    state.response.take();
    handler.sendError(refusal?.status ?? 500, refusal?.message);
  } else {
    wfile.abort(new Error("Cannot continue: the response was cut off"));
  }
  if (!isClients) throw error;
}

/** Returns the error to answer with, if the exception concerns the request. */
function refusalOf(
  error: unknown,
  bodyCutOff: boolean,
): RequestError | undefined {
  if (error instanceof RequestError) return error;
  // RFC 9112 section 8: a message that ends too early is incomplete.
  return bodyCutOff && isTruncation(error)
    ? new RequestError(400, "Incomplete request body")
    : undefined;
}

/**
 * Answers a request whose method has ended without a response.
 *
 * @param handler The handler.
 * @param state Its request.
 */
export function answerMissingResponse(
  handler: FailingHandler,
  state: RequestState,
): void {
  state.response.take();
  handler.closeConnection = true;
  handler.logError(
    "do_%s() ended without a response: return or await what it starts",
    handler.command,
  );
  handler.sendError(500);
  handler.wfile.endResponse();
}

/**
 * Ends a persistent connection whose response has no head: the client would
 * take it for a part of another response.
 *
 * @param handler The handler.
 * @param state Its request.
 */
export function answerMissingHead(
  handler: FailingHandler,
  state: RequestState,
): void {
  if (handler.closeConnection) return;
  handler.closeConnection = true;
  handler.logError(
    "do_%s() wrote a body without a head: call endHeaders()",
    handler.command,
  );
  if (!handler.wfile.rewind()) return;
  state.response.take();
  handler.sendError(500);
}

/**
 * Ends the response of a request. The connection ends with it if the body is
 * shorter than announced: the client would take the next response for its rest.
 *
 * @param handler The handler.
 */
export function endResponse(handler: FailingHandler): void {
  const { wfile } = handler;
  const { missing } = wfile;
  if (missing > 0 && missing < Infinity) {
    handler.closeConnection = true;
    if (wfile.error === undefined) {
      handler.logError(
        "do_%s() wrote %d bytes less than its Content-Length",
        handler.command,
        missing,
      );
    }
  }
  if (!handler.closeConnection) wfile.endResponse();
}

/**
 * Answers a client that has exceeded a limit on time, as far as that is
 * possible. The caller closes the connection.
 *
 * @param handler The handler.
 * @param state Its request.
 * @param limit The limit.
 */
export function timeOut(
  handler: FailingHandler,
  state: RequestState,
  limit: ExceededLimit,
): void {
  const { wfile } = handler;
  state.observation?.fail("timeout");
  if (limit === "head") {
    // RFC 9110 15.5.9.
    handler.requestline = handler.requestVersion = handler.command = "";
    wfile.beginResponse();
    handler.sendError(408);
    wfile.flush();
  } else if (limit === "stalled") {
    if (wfile.busy || !wfile.rewind()) handler.logError("Request timed out");
    else {
      state.response.take();
      handler.sendError(408);
      wfile.flush();
    }
  }
  handler.closeConnection = true;
  wfile.abort(new Error(`Cannot continue: timed out (${limit})`));
}
