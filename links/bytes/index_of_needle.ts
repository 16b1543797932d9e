// Copyright 2026 the pystd authors. MIT license.
import { indexOfNeedle as real } from "npm:deno-std@1.4.0/bytes/index_of_needle.js";

/** Typed as `indexOfNeedle` of `jsr:@std/bytes/index-of-needle`. */
export const indexOfNeedle: (
  source: Uint8Array,
  needle: Uint8Array,
  start?: number,
) => number = real;
