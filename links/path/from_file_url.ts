// Copyright 2026 the pystd authors. MIT license.
import { fromFileUrl as real } from "npm:deno-std@1.4.0/path/from_file_url.js";

/** Typed as `fromFileUrl` of `jsr:@std/path/from-file-url`. */
export const fromFileUrl: (url: string | URL) => string = real;
