// Copyright 2026 the pystd authors. MIT license.
import { assertFalse as real } from "npm:deno-std@1.4.0/assert/false.js";

/** What {@linkcode assertFalse} narrows to. */
export type Falsy = false | 0 | 0n | "" | null | undefined;

/** Typed as `assertFalse` of `jsr:@std/assert/false`. */
export const assertFalse: (
  expr: unknown,
  msg?: string,
) => asserts expr is Falsy = real;
