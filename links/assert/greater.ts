// Copyright 2026 the pystd authors. MIT license.
import { assertGreater as real } from "npm:deno-std@1.4.0/assert/greater.js";

/** Typed as `assertGreater` of `jsr:@std/assert/greater`. */
export const assertGreater: <T>(actual: T, expected: T, msg?: string) => void =
  real;
