// Copyright 2026 the pystd authors. MIT license.
import { startsWith as real } from "npm:deno-std@1.4.0/bytes/starts_with.js";

/** Typed as `startsWith` of `jsr:@std/bytes/starts-with`. */
export const startsWith: (source: Uint8Array, prefix: Uint8Array) => boolean =
  real;
