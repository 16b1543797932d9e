// Copyright 2026 the pystd authors. MIT license.
import { concat as real } from "npm:deno-std@1.4.0/bytes/concat.js";

/** Typed as `concat` of `jsr:@std/bytes/concat`. */
export const concat: (
  buffers: readonly Uint8Array[],
) => Uint8Array<ArrayBuffer> = real;
