// Copyright 2026 the pystd authors. MIT license.
import { assertNotStrictEquals as real } from "npm:deno-std@1.4.0/assert/not_strict_equals.js";

/** Typed as `assertNotStrictEquals` of `jsr:@std/assert/not-strict-equals`. */
export const assertNotStrictEquals: <T>(
  actual: T,
  expected: T,
  msg?: string,
) => void = real;
