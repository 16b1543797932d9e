// Copyright 2026 the pystd authors. MIT license.

import type { Connection } from "../io/connection.ts";
import { clientNetwork } from "../io/client_network.ts";
import { errorMessage, logLine } from "../io/log.ts";
import type { ClientAddress } from "./address.ts";
import { HTTPServer } from "./http_server.ts";

/** Most refused clients at once that get an answer. */
const MAX_REFUSALS = 64;
/** Longest time for such a client to read the answer, in ms. */
const REFUSAL_MS = 1000;

const TOO_MANY_CONNECTIONS = new TextEncoder().encode(
  "HTTP/1.1 503 Service Unavailable\r\n" +
    "Retry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
);

/** The connections of one client, or of a proxy. */
interface Peer {
  /** Number of connections. */
  count: number;
  /** Called when a connection ends; shared by all, to save memory. */
  end: (error?: unknown) => void;
}

/**
 * An HTTP server that serves its connections concurrently, on the event loop.
 *
 * Source: CPython 3.14, `http.server.ThreadingHTTPServer`.
 *
 * @example Usage
 * ```ts
 * import { ThreadingHTTPServer } from "@pystd/http-server/server";
 * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Slow extends BaseHTTPRequestHandler {
 *   async do_GET(): Promise<void> {
 *     await new Promise((resolve) => setTimeout(resolve, 10));
 *     this.sendResponse(204);
 *     this.endHeaders();
 *   }
 *   override logMessage(): void {}
 * }
 *
 * await using httpd = new ThreadingHTTPServer(["127.0.0.1", 0], Slow);
 * const served = httpd.serveForever();
 * const url = `http://127.0.0.1:${httpd.serverPort}/`;
 * const responses = await Promise.all([fetch(url), fetch(url)]);
 * assertEquals(responses.map(({ status }) => status), [204, 204]);
 * await httpd.shutdown();
 * await served;
 * ```
 */
export class ThreadingHTTPServer extends HTTPServer {
  /** Whether closing the server may interrupt requests in progress. */
  static daemonThreads = true;
  /**
   * Whether closing the server waits without a limit for requests in progress, if
   * `daemonThreads` is `false`.
   */
  static blockOnClose = true;
  /** Most connections at once: fits the usual limit on file descriptors. */
  static maxConnections = 16384;
  /**
   * Most connections at once from one IPv4 address or one IPv6 /64 network. This
   * machine and trusted proxies are exempt.
   */
  static maxConnectionsPerAddress = 512;

  /** Clients with connections, by address or network. */
  #peers = new Map<string, Peer>();
  #serving = 0;
  #refusals = 0;

  /** Serves a connection, and does not wait for its end. */
  override processRequest(
    request: Connection,
    clientAddress: ClientAddress,
  ): Promise<void> {
    const cls = this.constructor as typeof ThreadingHTTPServer;
    const [host] = clientAddress;
    const network = clientNetwork(host);
    const count = this.#peers.get(network)?.count ?? 0;
    if (
      this.#serving >= cls.maxConnections ||
      (count >= cls.maxConnectionsPerAddress && !this.#isShared(host))
    ) {
      this.#refuse(request, clientAddress);
      return Promise.resolve();
    }
    const { end } = this.#begin(network);
    this.processRequestThread(request, clientAddress).then(end, end);
    return Promise.resolve();
  }

  /**
   * Serves a connection to its end, and reports errors.
   *
   * @param request The connection.
   * @param clientAddress The client's address.
   */
  processRequestThread(
    request: Connection,
    clientAddress: ClientAddress,
  ): Promise<void> {
    const fail = async (error: unknown): Promise<void> => {
      try {
        this.handleError(request, clientAddress, error);
      } finally {
        await this.shutdownRequest(request);
      }
    };
    try {
      // No `await`: each idle connection would hold the frame of the function.
      return Promise.resolve(this.finishRequest(request, clientAddress))
        .then(() => this.shutdownRequest(request), fail);
    } catch (error) {
      return fail(error);
    }
  }

  /** Whether an address may stand for many clients. */
  #isShared(host: string): boolean {
    return isThisMachine(host) ||
      (this.RequestHandlerClass.isTrustedProxy?.(host) ?? false);
  }

  /** Counts a connection, until `end()` of its peer is called. */
  #begin(network: string): Peer {
    let peer = this.#peers.get(network);
    if (peer === undefined) {
      peer = { count: 0, end: (error) => this.#end(network, error) };
      this.#peers.set(network, peer);
    }
    this.#serving++;
    peer.count++;
    return peer;
  }

  #end(network: string, error: unknown): void {
    this.#serving--;
    if (--this.#peers.get(network)!.count === 0) this.#peers.delete(network);
    // CPython reports an error that ends a thread like this.
    if (error !== undefined) {
      logLine(`Exception ignored in handleError(): ${errorMessage(error)}`);
    }
  }

  /** Refuses a connection, and does not wait for its end. */
  #refuse(request: Connection, clientAddress: ClientAddress): void {
    logLine(`Too many connections: refused one from ${clientAddress[0]}`);
    const close = async (): Promise<void> => {
      try {
        await this.shutdownRequest(request);
      } catch (error) {
        this.handleError(request, clientAddress, error);
      }
    };
    if (this.#refusals >= MAX_REFUSALS) {
      close();
      return;
    }
    this.#refusals++;
    const timer = setTimeout(close, REFUSAL_MS);
    this.refuseConnection(request, clientAddress).catch(() => {
      // The client has disconnected, or reads too slowly.
    }).finally(() => {
      this.#refusals--;
      clearTimeout(timer);
      close();
    });
  }

  /**
   * Answers a connection beyond the limit with 503. The connection is closed
   * afterwards, or when the client reads too slowly.
   *
   * @param request The connection.
   * @param _clientAddress The client's address.
   */
  protected async refuseConnection(
    request: Connection,
    _clientAddress: ClientAddress,
  ): Promise<void> {
    // A new socket accepts so few bytes in one write.
    await request.write(TOO_MANY_CONNECTIONS);
    await request.closeWrite?.();
    // Closing before the request is read would reset the connection, and the
    // client could lose the response.
    const buffer = new Uint8Array(1024);
    while (await request.read(buffer) !== null);
  }

  /** No limit, if requests in progress may not be interrupted. */
  protected override closingGrace(): number {
    const cls = this.constructor as typeof ThreadingHTTPServer;
    return cls.daemonThreads || !cls.blockOnClose
      ? super.closingGrace()
      : Infinity;
  }
}

/** Whether an address is of this machine: of a test or a local proxy, say. */
function isThisMachine(host: string): boolean {
  return host.startsWith("127.") || host === "::1" ||
    host.startsWith("::ffff:127.") || host === "unix";
}
