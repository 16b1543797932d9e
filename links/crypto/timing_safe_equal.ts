// Copyright 2026 the pystd authors. MIT license.
import { timingSafeEqual as real } from "npm:deno-std@1.4.0/crypto/timing_safe_equal.js";

/** Typed as `timingSafeEqual` of `jsr:@std/crypto/timing-safe-equal`. */
export const timingSafeEqual: (
  a: ArrayBufferView | ArrayBufferLike,
  b: ArrayBufferView | ArrayBufferLike,
) => boolean = real;
