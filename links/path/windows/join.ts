// Copyright 2026 the pystd authors. MIT license.
import { join as real } from "npm:deno-std@1.4.0/path/windows/join.js";

/** Typed as `join` of `jsr:@std/path/windows/join`. */
export const join: (path?: URL | string, ...paths: string[]) => string = real;
