// Copyright 2026 the pystd authors. MIT license.
import { assertRejects as real } from "npm:deno-std@1.4.0/assert/rejects.js";

/** Typed as `assertRejects` of `jsr:@std/assert/rejects`. */
export const assertRejects: {
  (fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
  <E extends Error = Error>(
    fn: () => PromiseLike<unknown>,
    // deno-lint-ignore no-explicit-any -- as `@std` has it
    ErrorClass: abstract new (...args: any[]) => E,
    msgIncludes?: string,
    msg?: string,
  ): Promise<E>;
} = real;
