// Copyright 2026 the pystd authors. MIT license.

import { HeadScanner } from "../protocol/request_head.ts";

/** What is known of a head of which a part has been received. */
export class PartialHead {
  /** How much of it has been looked at. */
  readonly scanner: HeadScanner = new HeadScanner();
  /** Whether its request line has been looked at. */
  lineSeen = false;
  /** Whether an empty line has been skipped before it. */
  skipped = false;
}
