// Copyright 2026 the pystd authors. MIT license.
import { fail as real } from "npm:deno-std@1.4.0/assert/fail.js";

/** Typed as `fail` of `jsr:@std/assert/fail`. */
export const fail: (msg?: string) => never = real;
