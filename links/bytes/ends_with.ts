// Copyright 2026 the pystd authors. MIT license.
import { endsWith as real } from "npm:deno-std@1.4.0/bytes/ends_with.js";

/** Typed as `endsWith` of `jsr:@std/bytes/ends-with`. */
export const endsWith: (source: Uint8Array, suffix: Uint8Array) => boolean =
  real;
