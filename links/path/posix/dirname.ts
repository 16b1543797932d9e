// Copyright 2026 the pystd authors. MIT license.
import { dirname as real } from "npm:deno-std@1.4.0/path/posix/dirname.js";

/** Typed as `dirname` of `jsr:@std/path/posix/dirname`. */
export const dirname: (path: string | URL) => string = real;
