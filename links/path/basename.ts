// Copyright 2026 the pystd authors. MIT license.
import { basename as real } from "npm:deno-std@1.4.0/path/basename.js";

/** Typed as `basename` of `jsr:@std/path/basename`. */
export const basename: (path: string | URL, suffix?: string) => string = real;
