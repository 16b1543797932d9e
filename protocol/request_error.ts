// Copyright 2026 the pystd authors. MIT license.

/**
 * A request that cannot be served as sent.
 *
 * Parsers and body readers throw it, or return it; the handler answers it with
 * `sendError(error.status, error.message)` and closes the connection.
 *
 * @example Usage
 * ```ts
 * import { RequestError } from "@pystd/http-server/handlers/base";
 * import { assertEquals } from "@std/assert/equals";
 *
 * assertEquals(new RequestError(413, "Content Too Large").status, 413);
 * ```
 */
export class RequestError extends Error {
  /** The status to answer with, a 4xx or a 5xx. */
  readonly status: number;

  /**
   * Creates an error that is to be answered with `status`.
   *
   * @param status The status code of the answer.
   * @param message The reason, as it is to stand in the status line.
   */
  constructor(status: number, message: string) {
    super(message);
    this.name = "RequestError";
    this.status = status;
  }
}
