// Copyright 2026 the pystd authors. MIT license.
import { assertNotMatch as real } from "npm:deno-std@1.4.0/assert/not_match.js";

/** Typed as `assertNotMatch` of `jsr:@std/assert/not-match`. */
export const assertNotMatch: (
  actual: string,
  expected: RegExp,
  msg?: string,
) => void = real;
