// Copyright 2026 the pystd authors. MIT license.

/**
 * Sources of files: storage that a handler serves in place of a directory.
 *
 * @example Files in memory
 * ```ts
 * import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
 * import { MemorySource } from "@pystd/http-server/sources";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const source = new MemorySource({ "docs/a.txt": "alpha\n" });
 * const Handler = SimpleHTTPRequestHandler.with({ source });
 * const request = "GET /docs/a.txt HTTP/1.1\r\nHost: h\r\n" +
 *   "Connection: close\r\n\r\n";
 * assertEquals((await respond(Handler, request)).body, "alpha\n");
 * ```
 *
 * @module
 */

export * from "./source.ts";
export * from "./memory.ts";
