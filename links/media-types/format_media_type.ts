// Copyright 2026 the pystd authors. MIT license.
import { formatMediaType as real } from "npm:deno-std@1.4.0/media_types/format_media_type.js";

/** Typed as `formatMediaType` of `jsr:@std/media-types/format-media-type`. */
export const formatMediaType: (
  type: string,
  param?: Record<string, string> | Iterable<[string, string]>,
) => string = real;
