// Copyright 2026 the pystd authors. MIT license.
import { toFileUrl as real } from "npm:deno-std@1.4.0/path/posix/to_file_url.js";

/** Typed as `toFileUrl` of `jsr:@std/path/posix/to-file-url`. */
export const toFileUrl: (path: string) => URL = real;
