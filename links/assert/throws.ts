// Copyright 2026 the pystd authors. MIT license.
import { assertThrows as real } from "npm:deno-std@1.4.0/assert/throws.js";

/** Typed as `assertThrows` of `jsr:@std/assert/throws`. */
export const assertThrows: {
  (fn: () => unknown, msg?: string): unknown;
  <E extends Error = Error>(
    fn: () => unknown,
    // deno-lint-ignore no-explicit-any -- as `@std` has it
    ErrorClass: abstract new (...args: any[]) => E,
    msgIncludes?: string,
    msg?: string,
  ): E;
} = real;
