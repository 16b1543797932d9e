// Copyright 2026 the pystd authors. MIT license.

import { TCPServer } from "./tcp_server.ts";

/**
 * An HTTP server that serves one connection at a time.
 *
 * Source: CPython 3.14, `http.server.HTTPServer`.
 *
 * @example Usage
 * ```ts no-assert
 * import { HTTPServer } from "@pystd/http-server/server";
 * import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
 *
 * await using httpd = new HTTPServer(
 *   ["127.0.0.1", 0],
 *   SimpleHTTPRequestHandler,
 * );
 * ```
 */
export class HTTPServer extends TCPServer {}
