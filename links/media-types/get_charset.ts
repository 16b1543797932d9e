// Copyright 2026 the pystd authors. MIT license.
import { getCharset as real } from "npm:deno-std@1.4.0/media_types/get_charset.js";

/** Typed as `getCharset` of `jsr:@std/media-types/get-charset`. */
export const getCharset: (type: string) => string | undefined = real;
