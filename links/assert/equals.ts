// Copyright 2026 the pystd authors. MIT license.
import { assertEquals as real } from "npm:deno-std@1.4.0/assert/equals.js";

/** Typed as `assertEquals` of `jsr:@std/assert/equals`. */
export const assertEquals: <T>(actual: T, expected: T, msg?: string) => void =
  real;
