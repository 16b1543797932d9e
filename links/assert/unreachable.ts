// Copyright 2026 the pystd authors. MIT license.
import { unreachable as real } from "npm:deno-std@1.4.0/assert/unreachable.js";

/** Typed as `unreachable` of `jsr:@std/assert/unreachable`. */
export const unreachable: (msg?: string) => never = real;
