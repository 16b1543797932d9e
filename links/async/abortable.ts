// Copyright 2026 the pystd authors. MIT license.
import { abortable as real } from "npm:deno-std@1.4.0/async/abortable.js";

/** Typed as `abortable` of `jsr:@std/async/abortable`. */
export const abortable: {
  <T>(p: Promise<T>, signal: AbortSignal): Promise<T>;
  <T>(p: AsyncIterable<T>, signal: AbortSignal): AsyncGenerator<T>;
} = real;
