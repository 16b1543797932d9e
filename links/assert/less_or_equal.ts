// Copyright 2026 the pystd authors. MIT license.
import { assertLessOrEqual as real } from "npm:deno-std@1.4.0/assert/less_or_equal.js";

/** Typed as `assertLessOrEqual` of `jsr:@std/assert/less-or-equal`. */
export const assertLessOrEqual: <T>(
  actual: T,
  expected: T,
  msg?: string,
) => void = real;
