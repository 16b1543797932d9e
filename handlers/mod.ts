// Copyright 2026 the pystd authors. MIT license.

/**
 * The request handlers: {@linkcode BaseHTTPRequestHandler} for your own
 * responses, {@linkcode SimpleHTTPRequestHandler} for files,
 * {@linkcode CGIHTTPRequestHandler} for scripts and
 * {@linkcode ShareHTTPRequestHandler} for file sharing.
 *
 * @module
 */

export * from "./base.ts";
export * from "./cgi.ts";
export * from "./simple.ts";
export * from "./share.ts";
