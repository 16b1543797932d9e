// Copyright 2026 the pystd authors. MIT license.
import { join as real } from "npm:deno-std@1.4.0/path/join.js";

/** Typed as `join` of `jsr:@std/path/join`. */
export const join: (path: string | URL, ...paths: string[]) => string = real;
