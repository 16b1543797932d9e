// Copyright 2026 the pystd authors. MIT license.
import { fromFileUrl as real } from "npm:deno-std@1.4.0/path/windows/from_file_url.js";

/** Typed as `fromFileUrl` of `jsr:@std/path/windows/from-file-url`. */
export const fromFileUrl: (url: string | URL) => string = real;
