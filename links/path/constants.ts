// Copyright 2026 the pystd authors. MIT license.
import {
  DELIMITER as realDELIMITER,
  SEPARATOR as realSEPARATOR,
  SEPARATOR_PATTERN as realSEPARATOR_PATTERN,
} from "npm:deno-std@1.4.0/path/constants.js";

/** Typed as `DELIMITER` of `jsr:@std/path/constants`. */
export const DELIMITER: ":" | ";" = realDELIMITER;

/** Typed as `SEPARATOR` of `jsr:@std/path/constants`. */
export const SEPARATOR: "/" | "\\" = realSEPARATOR;

/** Typed as `SEPARATOR_PATTERN` of `jsr:@std/path/constants`. */
export const SEPARATOR_PATTERN: RegExp = realSEPARATOR_PATTERN;
