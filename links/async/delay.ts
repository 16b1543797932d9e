// Copyright 2026 the pystd authors. MIT license.
import { delay as real } from "npm:deno-std@1.4.0/async/delay.js";

/** Options of {@linkcode delay}. */
export interface DelayOptions {
  /** Ends the wait early, with the signal's reason. */
  signal?: AbortSignal;
  /** Whether the timer keeps the process alive. */
  persistent?: boolean;
}

/** Typed as `delay` of `jsr:@std/async/delay`. */
export const delay: (ms: number, options?: DelayOptions) => Promise<void> =
  real;
