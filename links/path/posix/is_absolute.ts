// Copyright 2026 the pystd authors. MIT license.
import { isAbsolute as real } from "npm:deno-std@1.4.0/path/posix/is_absolute.js";

/** Typed as `isAbsolute` of `jsr:@std/path/posix/is-absolute`. */
export const isAbsolute: (path: string) => boolean = real;
