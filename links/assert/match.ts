// Copyright 2026 the pystd authors. MIT license.
import { assertMatch as real } from "npm:deno-std@1.4.0/assert/match.js";

/** Typed as `assertMatch` of `jsr:@std/assert/match`. */
export const assertMatch: (
  actual: string,
  expected: RegExp,
  msg?: string,
) => void = real;
