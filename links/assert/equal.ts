// Copyright 2026 the pystd authors. MIT license.
import { equal as real } from "npm:deno-std@1.4.0/assert/equal.js";

/** Typed as `equal` of `jsr:@std/assert/equal`. */
export const equal: (a: unknown, b: unknown) => boolean = real;
