// Copyright 2026 the pystd authors. MIT license.

/**
 * An error in a request, with the status of the response.
 *
 * Parsers and body readers throw or return it. The handler calls
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
  /** Status of the response: 4xx or 5xx. */
  readonly status: number;
  /** What the log says besides the message; clients do not see it. */
  readonly detail: string | undefined;

  /**
   * Creates an error.
   *
   * @param status The status code of the response.
   * @param message The reason phrase of the response.
   * @param detail What the log says besides.
   */
  constructor(status: number, message: string, detail?: string) {
    super(message);
    this.name = "RequestError";
    this.status = status;
    this.detail = detail;
  }
}
