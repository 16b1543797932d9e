// Copyright 2026 the pystd authors. MIT license.
import { assertStrictEquals as real } from "npm:deno-std@1.4.0/assert/strict_equals.js";

/** Typed as `assertStrictEquals` of `jsr:@std/assert/strict-equals`. */
export const assertStrictEquals: <T>(
  actual: unknown,
  expected: T,
  msg?: string,
) => asserts actual is T = real;
