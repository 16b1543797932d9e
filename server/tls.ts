// Copyright 2026 the pystd authors. MIT license.

/**
 * The servers that speak TLS. Python mixes threads into one of them; here each
 * extends its plain server, for JSR takes no class that a function makes, and
 * what both do stands once, in the functions at the end.
 *
 * @module
 */

import type { Connection } from "../io/connection.ts";
import { Handshake } from "../io/handshake.ts";
import { errorMessage, logLine } from "../io/log.ts";
import {
  checkIdentity,
  readIdentity,
  type TLSIdentity,
} from "../io/tls_identity.ts";
import type { ClientAddress, ServerAddress } from "./address.ts";
import type { RequestHandlerClass } from "./base_server.ts";
import { HTTPServer } from "./http_server.ts";
import type { ServerOptions } from "./tcp_server.ts";
import { ThreadingHTTPServer } from "./threading.ts";

/** Options of the constructors of the TLS servers. */
export interface HTTPSServerOptions extends ServerOptions {
  /** The path of the certificate, and of those that lead to a root, as PEM. */
  certfile?: string;
  /**
   * The path of the private key as PEM.
   *
   * @default {certfile}
   */
  keyfile?: string;
  /** What the key is encrypted with. */
  password?: string;
  /** The certificate itself as PEM, in place of `certfile`. */
  cert?: string;
  /** The private key itself as PEM, in place of `keyfile`. */
  key?: string;
  /**
   * The protocols to agree on with a client (ALPN).
   *
   * @default {["http/1.1"]}
   */
  alpnProtocols?: readonly string[];
}

/**
 * An HTTP server over TLS that serves one connection at a time.
 *
 * A handshake that fails, or plain HTTP in its place, ends that connection and
 * leaves a line in the log.
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
 * // What cannot be used is found at the start: here there are no such files.
 * assertThrows(
 *   () => new HTTPSServer(["127.0.0.1", 0], SimpleHTTPRequestHandler, files),
 *   Deno.errors.NotFound,
 * );
 * ```
 */
export class HTTPSServer extends HTTPServer {
  /** How long a handshake may take, in ms: ample for a slow line. */
  static handshakeTimeout = 10000;

  /** The options, as they were given. */
  declare protected readonly options: HTTPSServerOptions;

  /**
   * Creates a server and, unless told otherwise, starts to listen.
   *
   * @param serverAddress Where to listen; port 0 picks a free one.
   * @param RequestHandlerClass What serves the connections.
   * @param options See {@linkcode HTTPSServerOptions}.
   * @throws {Deno.errors.InvalidData} If the certificate or the key cannot be
   * used: one that does not fit the other, expired, a wrong password.
   * @throws {Deno.errors.NotFound} If one of the files is missing.
   * @throws {Deno.errors.AddrInUse} If somebody else listens there.
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

  /** Opens the listening socket, which has to be a TCP one. */
  protected override listen(address: ServerAddress): Deno.Listener<Deno.Conn> {
    return super.listen(tcpOnly(address));
  }

  /** Opens a socket that speaks TLS. */
  protected override listenTcp(
    options: Deno.TcpListenOptions,
  ): Deno.Listener<Deno.Conn> {
    return listenTls(options, this.options);
  }

  /** Does the handshake, and what {@linkcode BaseServer.finishRequest} does. */
  override async finishRequest(
    request: Connection,
    clientAddress: ClientAddress,
  ): Promise<void> {
    const cls = this.constructor as typeof HTTPSServer;
    const limit = cls.handshakeTimeout;
    if (await shakeHands(this, request, clientAddress, limit)) {
      await super.finishRequest(request, clientAddress);
    }
  }

  /**
   * Logs that the handshake of a connection failed. Most clients whose
   * handshake fails are browsers that do not know the certificate. May be
   * overridden.
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
 * event loop: {@linkcode HTTPSServer} and {@linkcode ThreadingHTTPServer} in
 * one.
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
  /** How long a handshake may take, in ms: ample for a slow line. */
  static handshakeTimeout = 10000;

  /** The options, as they were given. */
  declare protected readonly options: HTTPSServerOptions;

  /**
   * Creates a server and, unless told otherwise, starts to listen.
   *
   * @param serverAddress Where to listen; port 0 picks a free one.
   * @param RequestHandlerClass What serves the connections.
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

  /** Opens the listening socket, which has to be a TCP one. */
  protected override listen(address: ServerAddress): Deno.Listener<Deno.Conn> {
    return super.listen(tcpOnly(address));
  }

  /** Opens a socket that speaks TLS. */
  protected override listenTcp(
    options: Deno.TcpListenOptions,
  ): Deno.Listener<Deno.Conn> {
    return listenTls(options, this.options);
  }

  /** Does the handshake, and what {@linkcode BaseServer.finishRequest} does. */
  override async finishRequest(
    request: Connection,
    clientAddress: ClientAddress,
  ): Promise<void> {
    const cls = this.constructor as typeof ThreadingHTTPSServer;
    const limit = cls.handshakeTimeout;
    if (await shakeHands(this, request, clientAddress, limit)) {
      await super.finishRequest(request, clientAddress);
    }
  }

  /**
   * Logs that the handshake of a connection failed. Most clients whose
   * handshake fails are browsers that do not know the certificate. May be
   * overridden.
   *
   * @param clientAddress The client's host and port.
   * @param reason What went wrong.
   */
  logHandshakeError(clientAddress: ClientAddress, reason: string): void {
    logLine(`TLS handshake with ${clientAddress[0]} failed: ${reason}`);
  }
}

function tcpOnly(address: ServerAddress): ServerAddress {
  if (!("transport" in address)) return address;
  throw new TypeError("Cannot serve TLS on a Unix domain socket");
}

function listenTls(
  options: Deno.TcpListenOptions,
  tls: HTTPSServerOptions,
): Deno.Listener<Deno.Conn> {
  const { alpnProtocols = ["http/1.1"] } = tls;
  const { cert, key } = identityOf(tls);
  return Deno.listenTls({
    ...options,
    cert,
    key,
    alpnProtocols: [...alpnProtocols],
  });
}

function identityOf(options: HTTPSServerOptions): TLSIdentity {
  const { certfile, keyfile, cert, key, password } = options;
  if (certfile !== undefined) {
    return readIdentity(certfile, keyfile, password);
  }
  if (cert === undefined) {
    throw new TypeError("Cannot serve TLS: no certificate is given");
  }
  return checkIdentity(cert, key ?? cert, password, "cert", "key");
}

/** Does the handshake of a connection. A failure is the client's. */
async function shakeHands(
  server: HTTPSServer | ThreadingHTTPSServer,
  request: Connection,
  clientAddress: ClientAddress,
  limit: number,
): Promise<boolean> {
  const handshake = new Handshake(request, limit);
  server.timeLimitChecker.add(handshake);
  try {
    await handshake.complete();
    return true;
  } catch (error) {
    if (server.stopping) return false;
    const reason = handshake.overdue ? "timed out" : errorMessage(error);
    server.logHandshakeError(clientAddress, reason);
    return false;
  } finally {
    server.timeLimitChecker.delete(handshake);
  }
}
