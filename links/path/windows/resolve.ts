// Copyright 2026 the pystd authors. MIT license.
import { resolve as real } from "npm:deno-std@1.4.0/path/windows/resolve.js";

/** Typed as `resolve` of `jsr:@std/path/windows/resolve`. */
export const resolve: (...pathSegments: string[]) => string = real;
