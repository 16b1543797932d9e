// Copyright 2026 the pystd authors. MIT license.

/**
 * The servers that speak TLS. CPython mixes `ThreadingMixIn` into
 * `HTTPSServer`. JSR accepts no class that a function returns, so each of them
 * extends its plain server here and takes the shared code from
 * {@linkcode TLSTransport}.
 *
 * @module
 */

import { logLine } from "../io/log.ts";
import type { ClientAddress, ServerAddress } from "./address.ts";
import type { RequestHandlerClass } from "./base_server.ts";
import { HTTPServer } from "./http_server.ts";
import { ThreadingHTTPServer } from "./threading.ts";
import { type HTTPSServerOptions, TLSTransport } from "./tls_transport.ts";
import type { Transport } from "./transport.ts";

/**
 * An HTTP server over TLS that serves one connection at a time.
 *
 * If the handshake fails, or the client speaks plain HTTP, the server closes
 * the connection and logs a line.
 *
 * Source: CPython 3.14, `http.server.HTTPSServer`.
 *
 * @example Usage
 * ```ts
 * import { HTTPSServer } from "@pystd/http-server/server";
 * import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
 * import { assertThrows } from "@std/assert/throws";
 *
 * const files = { certfile: "cert.pem", keyfile: "key.pem" };
 * // Errors in the files show at the start: here there are no such files.
 * assertThrows(
 *   () => new HTTPSServer(["127.0.0.1", 0], SimpleHTTPRequestHandler, files),
 *   Deno.errors.NotFound,
 * );
 * ```
 */
export class HTTPSServer extends HTTPServer {
  /** Longest time for a handshake, in ms: plenty for a slow connection. */
  static handshakeTimeout = 10000;

  /** The options of the constructor. */
  declare protected readonly options: HTTPSServerOptions;

  /**
   * Creates a server; it listens at once unless `bindAndActivate` is `false`.
   *
   * @param serverAddress Where to listen; port 0 picks a free one.
   * @param RequestHandlerClass The handler class.
   * @param options See {@linkcode HTTPSServerOptions}.
   * @throws {Deno.errors.InvalidData} If the certificate has expired, the key
   * does not match it, or the password is wrong.
   * @throws {Deno.errors.NotFound} If one of the files is missing.
   * @throws {Deno.errors.AddrInUse} If the address is in use.
   * @throws {Deno.errors.NotCapable} Without `--allow-net` for the address or
   * `--allow-read` for the files.
   */
  constructor(
    serverAddress: ServerAddress,
    RequestHandlerClass: RequestHandlerClass,
    options: HTTPSServerOptions,
  ) {
    super(serverAddress, RequestHandlerClass, options);
  }

  /**
   * Makes the server speak TLS.
   *
   * @internal
   */
  protected override createTransport(): Transport {
    return new TLSTransport(this, this.options);
  }

  /**
   * Logs a failed handshake. The usual cause is a browser that does not trust
   * the certificate. May be overridden.
   *
   * @param clientAddress The client's host and port.
   * @param reason What went wrong.
   */
  logHandshakeError(clientAddress: ClientAddress, reason: string): void {
    logLine(`TLS handshake with ${clientAddress[0]} failed: ${reason}`);
  }
}

/**
 * An HTTP server over TLS that serves its connections concurrently, on the
 * event loop: {@linkcode ThreadingHTTPServer} with the TLS of
 * {@linkcode HTTPSServer}.
 *
 * Source: CPython 3.14, `http.server.ThreadingHTTPSServer`.
 *
 * @example Usage
 * ```ts ignore
 * import { ThreadingHTTPSServer } from "@pystd/http-server/server";
 * import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
 *
 * await using httpd = new ThreadingHTTPSServer(
 *   ["127.0.0.1", 8443],
 *   SimpleHTTPRequestHandler,
 *   { certfile: "cert.pem", keyfile: "key.pem" },
 * );
 * await httpd.serveForever();
 * ```
 */
export class ThreadingHTTPSServer extends ThreadingHTTPServer {
  /** Longest time for a handshake, in ms: plenty for a slow connection. */
  static handshakeTimeout = 10000;

  /** The options of the constructor. */
  declare protected readonly options: HTTPSServerOptions;

  /**
   * Creates a server; it listens at once unless `bindAndActivate` is `false`.
   *
   * @param serverAddress Where to listen; port 0 picks a free one.
   * @param RequestHandlerClass The handler class.
   * @param options See {@linkcode HTTPSServerOptions}.
   * @throws {Error} What the constructor of {@linkcode HTTPSServer} throws.
   */
  constructor(
    serverAddress: ServerAddress,
    RequestHandlerClass: RequestHandlerClass,
    options: HTTPSServerOptions,
  ) {
    super(serverAddress, RequestHandlerClass, options);
  }

  /**
   * Makes the server speak TLS.
   *
   * @internal
   */
  protected override createTransport(): Transport {
    return new TLSTransport(this, this.options);
  }

  /**
   * Logs a failed handshake. The usual cause is a browser that does not trust
   * the certificate. May be overridden.
   *
   * @param clientAddress The client's host and port.
   * @param reason What went wrong.
   */
  logHandshakeError(clientAddress: ClientAddress, reason: string): void {
    logLine(`TLS handshake with ${clientAddress[0]} failed: ${reason}`);
  }
}
