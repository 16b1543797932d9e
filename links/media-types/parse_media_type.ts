// Copyright 2026 the pystd authors. MIT license.
import { parseMediaType as real } from "npm:deno-std@1.4.0/media_types/parse_media_type.js";

/** Typed as `parseMediaType` of `jsr:@std/media-types/parse-media-type`. */
export const parseMediaType: (
  type: string,
) => [mediaType: string, params: Record<string, string> | undefined] = real;
