// Copyright 2026 the pystd authors. MIT license.

/**
 * The request handlers.
 *
 * @module
 */

export * from "./base.ts";
export * from "./cgi.ts";
export * from "./simple.ts";
export * from "./share.ts";
