// Copyright 2026 the pystd authors. MIT license.
import { assertStringIncludes as real } from "npm:deno-std@1.4.0/assert/string_includes.js";

/** Typed as `assertStringIncludes` of `jsr:@std/assert/string-includes`. */
export const assertStringIncludes: (
  actual: string,
  expected: string,
  msg?: string,
) => void = real;
