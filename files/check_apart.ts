// Copyright 2026 the pystd authors. MIT license.

import { RequestError } from "../protocol/request_error.ts";
import { SEPARATOR } from "./paths.ts";

/**
 * Checks that two paths can be the source and the destination of a request.
 *
 * @param source The path of the source.
 * @param destination The path of the destination.
 * @param separator What separates their names.
 * @throws {RequestError} 403 if they are equal, or one is in the other.
 */
export function checkApart(
  source: string,
  destination: string,
  separator: string = SEPARATOR,
): void {
  if (source === destination) {
    throw new RequestError(403, "Source and destination are the same");
  }
  if (destination.startsWith(source + separator)) {
    throw new RequestError(403, "The destination is in the source");
  }
  if (source.startsWith(destination + separator)) {
    throw new RequestError(403, "The source is in the destination");
  }
}
