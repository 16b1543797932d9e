// Copyright 2026 the pystd authors. MIT license.

import { HeadScanner } from "../protocol/request_head.ts";

/** The state of parsing a head that has not been received completely. */
export class PartialHead {
  /** Finds the ends of its lines. */
  readonly scanner: HeadScanner = new HeadScanner();
  /** Whether the request line has been checked for a header block to follow. */
  lineSeen = false;
  /** Whether an empty line before the head was skipped. */
  skipped = false;
}
