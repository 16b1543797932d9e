// Copyright 2026 the pystd authors. MIT license.
import { extname as real } from "npm:deno-std@1.4.0/path/posix/extname.js";

/** Typed as `extname` of `jsr:@std/path/posix/extname`. */
export const extname: (path: string | URL) => string = real;
