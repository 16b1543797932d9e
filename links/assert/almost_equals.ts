// Copyright 2026 the pystd authors. MIT license.
import { assertAlmostEquals as real } from "npm:deno-std@1.4.0/assert/almost_equals.js";

/** Typed as `assertAlmostEquals` of `jsr:@std/assert/almost-equals`. */
export const assertAlmostEquals: (
  actual: number,
  expected: number,
  tolerance?: number,
  msg?: string,
) => void = real;
