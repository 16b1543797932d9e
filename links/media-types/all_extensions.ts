// Copyright 2026 the pystd authors. MIT license.
import { allExtensions as real } from "npm:deno-std@1.4.0/media_types/all_extensions.js";

/** Typed as `allExtensions` of `jsr:@std/media-types/all-extensions`. */
export const allExtensions: (type: string) => string[] | undefined = real;
