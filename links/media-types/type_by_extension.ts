// Copyright 2026 the pystd authors. MIT license.
import { typeByExtension as real } from "npm:deno-std@1.4.0/media_types/type_by_extension.js";

/** Typed as `typeByExtension` of `jsr:@std/media-types/type-by-extension`. */
export const typeByExtension: (extension: string) => string | undefined = real;
