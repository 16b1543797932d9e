// Copyright 2026 the pystd authors. MIT license.
import { assertObjectMatch as real } from "npm:deno-std@1.4.0/assert/object_match.js";

/** Typed as `assertObjectMatch` of `jsr:@std/assert/object-match`. */
export const assertObjectMatch: (
  // deno-lint-ignore no-explicit-any -- as `@std` has it
  actual: Record<PropertyKey, any>,
  expected: Record<PropertyKey, unknown>,
  msg?: string,
) => void = real;
