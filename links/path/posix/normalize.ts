// Copyright 2026 the pystd authors. MIT license.
import { normalize as real } from "npm:deno-std@1.4.0/path/posix/normalize.js";

/** Typed as `normalize` of `jsr:@std/path/posix/normalize`. */
export const normalize: (path: string | URL) => string = real;
