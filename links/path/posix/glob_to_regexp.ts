// Copyright 2026 the pystd authors. MIT license.
import { globToRegExp as real } from "npm:deno-std@1.4.0/path/posix/glob_to_regexp.js";

/** Options of {@linkcode globToRegExp}. */
export interface GlobOptions {
  /** Extended glob syntax. */
  extended?: boolean;
  /** Globstar syntax. */
  globstar?: boolean;
  /** Whether globs are case-insensitive. */
  caseInsensitive?: boolean;
}

/** Typed as `globToRegExp` of `jsr:@std/path/posix/glob-to-regexp`. */
export const globToRegExp: (glob: string, options?: GlobOptions) => RegExp =
  real;
