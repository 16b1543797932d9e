// Copyright 2026 the pystd authors. MIT license.
import { levenshteinDistance as real } from "npm:deno-std@1.4.0/text/levenshtein_distance.js";

/** Typed as `levenshteinDistance` of `jsr:@std/text/levenshtein-distance`. */
export const levenshteinDistance: (str1: string, str2: string) => number = real;
