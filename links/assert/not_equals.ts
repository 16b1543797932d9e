// Copyright 2026 the pystd authors. MIT license.
import { assertNotEquals as real } from "npm:deno-std@1.4.0/assert/not_equals.js";

/** Typed as `assertNotEquals` of `jsr:@std/assert/not-equals`. */
export const assertNotEquals: <T>(
  actual: T,
  expected: T,
  msg?: string,
) => void = real;
