// Copyright 2026 the pystd authors. MIT license.
import { assertRejects as real } from "npm:deno-std@1.4.0/assert/rejects.js";

/** Typed as `assertRejects` of `jsr:@std/assert/rejects`. */
export const assertRejects: {
  (fn: () => PromiseLike<unknown>, msg?: string): Promise<unknown>;
  <E extends Error = Error>(
    fn: () => PromiseLike<unknown>,
    ErrorClass: abstract new (...args: never[]) => E,
    msgIncludes?: string,
    msg?: string,
  ): Promise<E>;
} = real;
