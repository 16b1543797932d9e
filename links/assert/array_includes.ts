// Copyright 2026 the pystd authors. MIT license.
import { assertArrayIncludes as real } from "npm:deno-std@1.4.0/assert/array_includes.js";

/** An array-like object; a string is not one. */
export type ArrayLikeArg<T> = ArrayLike<T> & object;

/** Typed as `assertArrayIncludes` of `jsr:@std/assert/array-includes`. */
export const assertArrayIncludes: <T>(
  actual: ArrayLikeArg<T>,
  expected: ArrayLikeArg<T>,
  msg?: string,
) => void = real;
