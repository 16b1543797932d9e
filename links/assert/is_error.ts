// Copyright 2026 the pystd authors. MIT license.
import { assertIsError as real } from "npm:deno-std@1.4.0/assert/is_error.js";

/** Typed as `assertIsError` of `jsr:@std/assert/is-error`. */
export const assertIsError: <E extends Error = Error>(
  error: unknown,
  ErrorClass?: abstract new (...args: never[]) => E,
  msgMatches?: string | RegExp,
  msg?: string,
) => asserts error is E = real;
