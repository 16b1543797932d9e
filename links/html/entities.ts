// Copyright 2026 the pystd authors. MIT license.
import {
  escape as realEscape,
  unescape as realUnescape,
} from "npm:deno-std@1.4.0/html/entities.js";

/** Entity names with their characters, as in `{ "&amp;": "&" }`. */
export type EntityList = Record<string, string>;

/** Options of {@linkcode unescape}. */
export type UnescapeOptions = { entityList: EntityList };

/** Typed as `escape` of `jsr:@std/html/entities`. */
export const escape: (str: string) => string = realEscape;

/** Typed as `unescape` of `jsr:@std/html/entities`. */
export const unescape: (
  str: string,
  options?: Partial<UnescapeOptions>,
) => string = realUnescape;
