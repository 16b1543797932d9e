// Copyright 2026 the pystd authors. MIT license.
import { AssertionError as real } from "npm:deno-std@1.4.0/assert/assertion_error.js";

/** Typed as `AssertionError` of `jsr:@std/assert/assertion-error`. */
export interface AssertionError extends Error {}

/** The constructor of {@linkcode AssertionError}. */
export const AssertionError: new (
  message: string,
  options?: ErrorOptions,
) => AssertionError = real;
