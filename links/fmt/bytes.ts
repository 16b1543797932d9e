// Copyright 2026 the pystd authors. MIT license.
import { format as real } from "npm:deno-std@1.4.0/fmt/bytes.js";

/** Options of {@linkcode format}. */
export interface FormatOptions {
  /** Counts bits. */
  bits?: boolean;
  /** Counts in powers of 1024. */
  binary?: boolean;
  /** Writes a plus sign before a positive number. */
  signed?: boolean;
  /** Formats the number as that locale does. */
  locale?: boolean | string | string[];
  /** The least number of digits after the point. */
  minimumFractionDigits?: number;
  /** The greatest number of digits after the point. */
  maximumFractionDigits?: number;
}

/** Typed as `format` of `jsr:@std/fmt/bytes`. */
export const format: (num: number, options?: FormatOptions) => string = real;
