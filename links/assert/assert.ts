// Copyright 2026 the pystd authors. MIT license.
import { assert as real } from "npm:deno-std@1.4.0/assert/assert.js";

/** Typed as `assert` of `jsr:@std/assert/assert`. */
export const assert: (expr: unknown, msg?: string) => asserts expr = real;
