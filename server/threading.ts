// Copyright 2026 the pystd authors. MIT license.

import type { Connection } from "../io/connection.ts";
import { clientNetwork } from "../io/client_network.ts";
import { errorMessage, logLine } from "../io/log.ts";
import type { ClientAddress } from "./address.ts";
import { HTTPServer } from "./http_server.ts";

/** How many clients at once are told that there are too many. */
const MAX_REFUSING = 64;
/** How long each of them may take to read that, in ms. */
const REFUSAL_MS = 1000;

const TOO_MANY_CONNECTIONS = new TextEncoder().encode(
  "HTTP/1.1 503 Service Unavailable\r\n" +
    "Retry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
);

/** The connections of one client, which are many where a proxy is in front. */
interface Peer {
  /** How many there are. */
  count: number;
  /** Called when one ends; one function for all that are idle to hold. */
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
  /** Whether requests under way may be cut off when the server closes. */
  static daemonThreads = true;
  /**
   * Whether closing waits, without a limit, for requests under way where
   * `daemonThreads` is `false`.
   */
  static blockOnClose = true;
  /** Connections at once: what a usual limit on descriptors leaves room for. */
  static maxConnections = 16384;
  /**
   * Connections at once from one address, or one IPv6 network of 64 bits, that
   * is neither this machine's nor a trusted proxy's.
   */
  static maxConnectionsPerAddress = 512;

  /** Those who are being served, by address. */
  #peers = new Map<string, Peer>();
  #serving = 0;
  #refusing = 0;

  /** Serves a connection while the next ones are accepted. */
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
   * Serves a connection to its end, whatever happens.
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
      // Not awaited: the frame would be held by each idle connection.
      return Promise.resolve(this.finishRequest(request, clientAddress))
        .then(() => this.shutdownRequest(request), fail);
    } catch (error) {
      return fail(error);
    }
  }

  /** Whether many clients may have an address. */
  #isShared(host: string): boolean {
    return isThisMachine(host) ||
      (this.RequestHandlerClass.isTrustedProxy?.(host) ?? false);
  }

  /** Counts a connection, until its network's `end()` is called. */
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
    // As CPython reports what ends a thread.
    if (error !== undefined) {
      logLine(`Exception ignored in handleError(): ${errorMessage(error)}`);
    }
  }

  /** Turns a connection away, while the next ones are accepted. */
  #refuse(request: Connection, clientAddress: ClientAddress): void {
    logLine(`Too many connections: refused one from ${clientAddress[0]}`);
    const close = async (): Promise<void> => {
      try {
        await this.shutdownRequest(request);
      } catch (error) {
        this.handleError(request, clientAddress, error);
      }
    };
    if (this.#refusing >= MAX_REFUSING) {
      close();
      return;
    }
    this.#refusing++;
    const timer = setTimeout(close, REFUSAL_MS);
    this.refuseConnection(request, clientAddress).catch(() => {
      // The client is gone, or was too slow to be told.
    }).finally(() => {
      this.#refusing--;
      clearTimeout(timer);
      close();
    });
  }

  /**
   * Tells the client of a connection that is one too many so, with a 503. The
   * connection is closed after it, or when the client takes too long to read.
   *
   * @param request The connection.
   * @param _clientAddress The client's address.
   */
  protected async refuseConnection(
    request: Connection,
    _clientAddress: ClientAddress,
  ): Promise<void> {
    // What a fresh socket takes in one piece.
    await request.write(TOO_MANY_CONNECTIONS);
    await request.closeWrite?.();
    // Closing with a request unread would reset the connection, and the client
    // might lose the answer.
    const buffer = new Uint8Array(1024);
    while (await request.read(buffer) !== null);
  }

  /** As long as it takes, for requests that may not be cut off. */
  protected override closingGrace(): number {
    const cls = this.constructor as typeof ThreadingHTTPServer;
    return cls.daemonThreads || !cls.blockOnClose
      ? super.closingGrace()
      : Infinity;
  }
}

/** Whether an address is this machine's own: a test, or a proxy before us. */
function isThisMachine(host: string): boolean {
  return host.startsWith("127.") || host === "::1" ||
    host.startsWith("::ffff:127.") || host === "unix";
}
