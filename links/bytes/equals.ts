// Copyright 2026 the pystd authors. MIT license.
import { equals as real } from "npm:deno-std@1.4.0/bytes/equals.js";

/** Typed as `equals` of `jsr:@std/bytes/equals`. */
export const equals: (a: Uint8Array, b: Uint8Array) => boolean = real;
