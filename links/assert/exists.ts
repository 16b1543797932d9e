// Copyright 2026 the pystd authors. MIT license.
import { assertExists as real } from "npm:deno-std@1.4.0/assert/exists.js";

/** Typed as `assertExists` of `jsr:@std/assert/exists`. */
export const assertExists: <T>(
  actual: T,
  msg?: string,
) => asserts actual is NonNullable<T> = real;
