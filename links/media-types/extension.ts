// Copyright 2026 the pystd authors. MIT license.
import { extension as real } from "npm:deno-std@1.4.0/media_types/extension.js";

/** Typed as `extension` of `jsr:@std/media-types/extension`. */
export const extension: (type: string) => string | undefined = real;
