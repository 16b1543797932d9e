// Copyright 2026 the pystd authors. MIT license.
import { assertGreaterOrEqual as real } from "npm:deno-std@1.4.0/assert/greater_or_equal.js";

/** Typed as `assertGreaterOrEqual` of `jsr:@std/assert/greater-or-equal`. */
export const assertGreaterOrEqual: <T>(
  actual: T,
  expected: T,
  msg?: string,
) => void = real;
