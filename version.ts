// Copyright 2026 the pystd authors. MIT license.

/** The version of this package; a test holds it equal to deno.json's. */
export const VERSION = "0.1.0";
