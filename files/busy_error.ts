// Copyright 2026 the pystd authors. MIT license.

/** Another request or process writes the file. */
export class BusyError extends Error {
  override name = "BusyError";
}
