// Copyright 2026 the pystd authors. MIT license.
import { relative as real } from "npm:deno-std@1.4.0/path/relative.js";

/** Typed as `relative` of `jsr:@std/path/relative`. */
export const relative: (from: string, to: string) => string = real;
