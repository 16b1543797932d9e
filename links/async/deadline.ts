// Copyright 2026 the pystd authors. MIT license.
import { deadline as real } from "npm:deno-std@1.4.0/async/deadline.js";

/** Options of {@linkcode deadline}. */
export interface DeadlineOptions {
  /** Ends the wait early, with the signal's reason. */
  signal?: AbortSignal;
}

/** Typed as `deadline` of `jsr:@std/async/deadline`. */
export const deadline: <T>(
  p: Promise<T>,
  ms: number,
  options?: DeadlineOptions,
) => Promise<T> = real;
