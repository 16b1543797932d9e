// Copyright 2026 the pystd authors. MIT license.
import { assertLess as real } from "npm:deno-std@1.4.0/assert/less.js";

/** Typed as `assertLess` of `jsr:@std/assert/less`. */
export const assertLess: <T>(actual: T, expected: T, msg?: string) => void =
  real;
