// Copyright 2026 the pystd authors. MIT license.

/**
 * Servers: what CPython's `socketserver` and `http.server` do with a listening
 * socket, on `Deno.listen`.
 *
 * The life of a connection, each step an override point, in CPython's order:
 *
 *     serveForever, handleRequest
 *       getRequest -> verifyRequest -> processRequest -> finishRequest
 *                                          |               new Handler().run()
 *                                      shutdownRequest -> closeRequest
 *       and, where one of them throws: handleError -> shutdownRequest
 *
 * {@linkcode HTTPServer} serves one connection at a time, as in Python;
 * {@linkcode ThreadingHTTPServer} serves them concurrently on the event loop.
 *
 * @example Serve one request
 * ```ts
 * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
 * import { HTTPServer } from "@pystd/http-server/server";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class NoContent extends BaseHTTPRequestHandler {
 *   do_GET(): void {
 *     this.sendResponse(204);
 *     this.endHeaders();
 *   }
 *   override logMessage(): void {}
 * }
 *
 * await using httpd = new HTTPServer(["127.0.0.1", 0], NoContent);
 * const served = httpd.handleRequest();
 * const response = await fetch(`http://127.0.0.1:${httpd.serverPort}/`);
 * assertEquals(response.status, 204);
 * await served;
 * ```
 *
 * @module
 */

import type { Connection } from "./io/connection.ts";
import { Handshake } from "./io/handshake.ts";
import { logLine } from "./io/log.ts";
import {
  checkIdentity,
  readIdentity,
  type TLSIdentity,
} from "./io/tls_identity.ts";
import { Watchdog } from "./io/watch.ts";
import { wildcardHosts } from "./io/wildcard.ts";

export type { Connection } from "./io/connection.ts";

/** The address of a client: its host and port. */
export type ClientAddress = [host: string, port: number];

/**
 * Where a server listens: a host and port as in Python, where an empty host
 * means every interface, or the same by name, or a Unix domain socket.
 */
export type ServerAddress =
  | readonly [host: string, port: number]
  | { readonly hostname?: string; readonly port: number }
  | { readonly transport: "unix"; readonly path: string };

/** What serves a connection. */
export interface RequestHandler {
  /** Serves the connection to its end. */
  run(): Promise<void> | void;
}

/** A class of handlers, as the servers make use of it. */
export interface RequestHandlerClass {
  /**
   * Makes a handler for a connection.
   *
   * @param request The connection.
   * @param clientAddress The client's address.
   * @param server The server that accepted it.
   */
  new (
    request: Connection,
    clientAddress: ClientAddress,
    server: BaseServer,
  ): RequestHandler;
  /**
   * Makes sure that requests can be served, before the server listens: that
   * there is a permission for what they need, for example.
   */
  prepare?(): void;
}

/** Options of a server's constructor. */
export interface ServerOptions {
  /**
   * Whether the constructor calls `serverBind()` and `serverActivate()`.
   *
   * @default {true}
   */
  bindAndActivate?: boolean;
  /**
   * Whether several listeners may share the port (`SO_REUSEPORT`), so that the
   * system spreads connections over them. Wants `--unstable-net` on Deno 2.9.
   *
   * @default {false}
   */
  reusePort?: boolean;
}

/** Options of {@linkcode BaseServer.serveForever}. */
export interface ServeForeverOptions {
  /** Ends the serving, as `shutdown()` does. */
  signal?: AbortSignal;
  /**
   * How often `serviceActions()` is called, in milliseconds.
   *
   * @default {500}
   */
  pollInterval?: number;
}

/** How long a server out of descriptors waits before it tries again, in ms. */
const FIRST_BACKOFF_MS = 5;
const LAST_BACKOFF_MS = 1000;

/**
 * A server, apart from the kind of socket: the loop, and what each connection
 * goes through. Extend {@linkcode TCPServer} rather than this.
 *
 * Source: CPython 3.14, `socketserver.BaseServer`.
 *
 * @example Override a step
 * ```ts
 * import { HTTPServer } from "@pystd/http-server/server";
 * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Local extends HTTPServer {
 *   override timeout: number | null = 10;
 *   timeouts = 0;
 *   override handleTimeout(): void {
 *     this.timeouts++;
 *   }
 * }
 *
 * await using httpd = new Local(["127.0.0.1", 0], BaseHTTPRequestHandler);
 * await httpd.handleRequest(); // nobody comes
 * assertEquals(httpd.timeouts, 1);
 * ```
 */
export abstract class BaseServer {
  /** How long requests under way may take when the server closes, in ms. */
  static closeGrace = 5000;
  /** How often connections are checked against their time limits, in ms. */
  static watchInterval = 500;

  /** Where the server listens; the port is the real one once it is bound. */
  serverAddress: ServerAddress;
  /** What serves the connections. */
  readonly RequestHandlerClass: RequestHandlerClass;
  /** How long `handleRequest()` waits, in ms; `null` for as long as it takes. */
  timeout: number | null = null;
  /**
   * Keeps the time limits of the connections. Handlers register with it.
   *
   * @internal
   */
  readonly watchdog: Watchdog;
  #stopping = false;
  #loop: Promise<void> | undefined;
  #accepting: Promise<[Connection, ClientAddress]> | undefined;
  /** Ends the waiting for a connection. */
  #wake: (() => void) | undefined;
  #connections = new Set<Connection>();
  /** Wait for the last connection to end. */
  #whenEmpty = new Set<() => void>();
  /** What `serviceActions()` threw, if it did. */
  #failure: { error: unknown } | undefined;

  /**
   * Stores its arguments, and lets the handlers prepare.
   *
   * @param serverAddress Where to listen.
   * @param RequestHandlerClass What serves the connections.
   */
  constructor(
    serverAddress: ServerAddress,
    RequestHandlerClass: RequestHandlerClass,
  ) {
    this.serverAddress = serverAddress;
    this.RequestHandlerClass = RequestHandlerClass;
    RequestHandlerClass.prepare?.();
    this.watchdog = new Watchdog(
      (this.constructor as typeof BaseServer).watchInterval,
    );
  }

  /** Whether the server is about to stop: connections are not kept alive. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** How many connections are open. */
  get connectionCount(): number {
    return this.#connections.size;
  }

  /**
   * Accepts a connection.
   *
   * @returns The connection and the client's address.
   */
  abstract getRequest(): Promise<[Connection, ClientAddress]>;

  /** Starts to listen. */
  serverActivate(): void {}

  /**
   * Serves connections until `shutdown()`.
   *
   * @param options See {@linkcode ServeForeverOptions}.
   * @returns A promise that resolves when the loop has ended.
   * @throws {TypeError} If it serves already.
   * @throws {Error} What `serviceActions()` or `handleError()` throws.
   *
   * @example Until a signal
   * ```ts
   * import { ThreadingHTTPServer } from "@pystd/http-server/server";
   * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
   *
   * await using httpd = new ThreadingHTTPServer(
   *   ["127.0.0.1", 0],
   *   BaseHTTPRequestHandler,
   * );
   * await httpd.serveForever({ signal: AbortSignal.timeout(10) });
   * ```
   */
  async serveForever(options: ServeForeverOptions = {}): Promise<void> {
    if (this.#loop !== undefined) {
      throw new TypeError("Cannot serve: the server is serving already");
    }
    const { signal, pollInterval = 500 } = options;
    if (signal?.aborted) return;
    this.#stopping = false;
    this.#failure = undefined;
    const stop = (): void => this.#stop();
    signal?.addEventListener("abort", stop, { once: true });
    const timer = setInterval(() => this.#callServiceActions(), pollInterval);
    this.#loop = this.#serve();
    try {
      await this.#loop;
    } finally {
      this.#loop = undefined;
      clearInterval(timer);
      signal?.removeEventListener("abort", stop);
    }
  }

  /**
   * Ends `serveForever()`. Connections between two requests are closed;
   * requests under way go on.
   *
   * @returns A promise that resolves when the loop has ended.
   */
  async shutdown(): Promise<void> {
    this.#stop();
    await this.#loopEnd();
  }

  /**
   * Handles one connection; on a handler that speaks HTTP/1.0, one request.
   * If `timeout` passes before one comes, calls `handleTimeout()`.
   *
   * @throws {Deno.errors.BadResource} If the server is closed.
   */
  async handleRequest(): Promise<void> {
    if (this.#loop === undefined) this.#stopping = false;
    const waits = await this.#nextWaits(this.timeout);
    if (waits) await this.#handleNext();
    else if (waits === false) this.handleTimeout();
  }

  /** Called by `handleRequest()` when `timeout` has passed. */
  handleTimeout(): void {}

  /** Called by `serveForever()` every now and then, for a subclass's chores. */
  serviceActions(): void {}

  /**
   * Decides whether to serve a connection.
   *
   * @param _request The connection.
   * @param _clientAddress The client's address.
   * @returns Whether to serve it; otherwise it is closed.
   *
   * @example Nobody but some
   * ```ts
   * import {
   *   type ClientAddress,
   *   type Connection,
   *   HTTPServer,
   * } from "@pystd/http-server/server";
   *
   * class Guarded extends HTTPServer {
   *   override verifyRequest(
   *     _request: Connection,
   *     [host]: ClientAddress,
   *   ): boolean {
   *     return host.startsWith("192.168.");
   *   }
   * }
   * ```
   */
  verifyRequest(
    _request: Connection,
    _clientAddress: ClientAddress,
  ): boolean | Promise<boolean> {
    return true;
  }

  /**
   * Serves a connection and closes it.
   *
   * @param request The connection.
   * @param clientAddress The client's address.
   * @returns A promise that resolves when the next one may be accepted.
   */
  async processRequest(
    request: Connection,
    clientAddress: ClientAddress,
  ): Promise<void> {
    await this.finishRequest(request, clientAddress);
    await this.shutdownRequest(request);
  }

  /**
   * Makes a handler and lets it serve a connection.
   *
   * @param request The connection.
   * @param clientAddress The client's address.
   */
  finishRequest(
    request: Connection,
    clientAddress: ClientAddress,
  ): Promise<void> {
    const handler = new this.RequestHandlerClass(request, clientAddress, this);
    // No async function: its frame would be held by each idle connection.
    return Promise.resolve(handler.run());
  }

  /**
   * Ends a connection. In CPython it ends the sending direction first; closing
   * does that too.
   *
   * @param request The connection.
   */
  shutdownRequest(request: Connection): void | Promise<void> {
    return this.closeRequest(request);
  }

  /**
   * Closes a connection.
   *
   * @param request The connection.
   */
  closeRequest(request: Connection): void | Promise<void> {
    try {
      request.close();
    } catch {
      // A limit, or the end of the server, has closed it already.
    }
    this.#forget(request);
  }

  /**
   * Reports an exception of a handler. The server goes on.
   *
   * @param _request The connection.
   * @param clientAddress The client's address.
   * @param error What was thrown.
   */
  handleError(
    _request: Connection,
    clientAddress: ClientAddress,
    error: unknown,
  ): void {
    const rule = "-".repeat(40);
    const from = `('${clientAddress[0]}', ${clientAddress[1]})`;
    const trace = error instanceof Error ? error.stack : String(error);
    logLine(
      `${rule}\nException occurred during processing of request from ${from}\n${trace}\n${rule}`,
    );
  }

  /**
   * Stops listening, lets requests under way finish within `closeGrace`, and
   * closes what connections are left.
   */
  async serverClose(): Promise<void> {
    this.#stop();
    // A connection that was accepted and that nobody asked for any more.
    this.#accepting?.then(([request]) => this.closeRequest(request), () => {});
    this.#accepting = undefined;
    await this.#connectionsEnd(this.closingGrace());
    for (const connection of this.#connections) this.closeRequest(connection);
  }

  /** Does what `serverClose()` does, after `shutdown()`: for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await this.serverClose();
    await this.#loopEnd();
  }

  /**
   * How long `serverClose()` waits for requests under way.
   *
   * @returns The time in ms.
   */
  protected closingGrace(): number {
    return (this.constructor as typeof BaseServer).closeGrace;
  }

  #stop(): void {
    this.#stopping = true;
    this.watchdog.closeIdle();
    this.#wake?.();
  }

  /** The end of the loop, whichever way; its caller hears of a failure. */
  async #loopEnd(): Promise<void> {
    try {
      await this.#loop;
    } catch {
      // `serveForever()` throws it.
    }
  }

  #callServiceActions(): void {
    try {
      this.serviceActions();
    } catch (error) {
      this.#failure ??= { error };
      this.#stop();
    }
  }

  async #serve(): Promise<void> {
    let backoff = FIRST_BACKOFF_MS;
    while (!this.#stopping) {
      const waits = await this.#nextWaits(null);
      if (waits === undefined) {
        await this.#pause(backoff);
        backoff = Math.min(backoff * 2, LAST_BACKOFF_MS);
      } else if (waits && !this.#stopping) {
        backoff = FIRST_BACKOFF_MS;
        await this.#handleNext();
        this.#callServiceActions();
      }
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /** Waits, unless the server is to stop. */
  #pause(ms: number): Promise<void> {
    if (this.#stopping) return Promise.resolve();
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  /**
   * Waits for a connection: `undefined` if one could not be accepted, for want
   * of descriptors, say. One that is gone already is passed over.
   */
  async #nextWaits(timeout: number | null): Promise<boolean | undefined> {
    for (;;) {
      try {
        return await this.#connectionWaits(timeout);
      } catch (error) {
        if (this.#stopping) return false;
        if (error instanceof Deno.errors.BadResource) throw error;
        // Who resets connections at once must not make others wait.
        if (isGoneAlready(error)) continue;
        this.handleAcceptError(error);
        return undefined;
      }
    }
  }

  /**
   * Reports that a connection could not be accepted. The server waits a little
   * and goes on.
   *
   * @param error What was thrown.
   */
  protected handleAcceptError(error: unknown): void {
    logLine(`Cannot accept a connection: ${textOf(error)}`);
  }

  /**
   * Waits until a connection has been accepted, the time is up, or the server
   * is to stop. A connection that comes later is kept for the next call.
   */
  #connectionWaits(timeout: number | null): Promise<boolean> {
    this.#accepting ??= this.getRequest();
    const accepting = this.#accepting;
    return new Promise((resolve, reject) => {
      let timer: ReturnType<typeof setTimeout> | undefined;
      const settle = (waits: boolean): void => {
        clearTimeout(timer);
        this.#wake = undefined;
        resolve(waits);
      };
      this.#wake = () => settle(false);
      if (timeout !== null) timer = setTimeout(settle, timeout, false);
      accepting.then(() => settle(true), (error) => {
        if (this.#accepting === accepting) this.#accepting = undefined;
        clearTimeout(timer);
        reject(error);
      });
    });
  }

  /** Handles the connection that has been accepted. */
  async #handleNext(): Promise<void> {
    const accepting = this.#accepting;
    this.#accepting = undefined;
    // The server may have been closed in the meantime.
    if (accepting === undefined) return;
    const [request, clientAddress] = await accepting;
    this.#connections.add(request);
    try {
      if (await this.verifyRequest(request, clientAddress)) {
        await this.processRequest(request, clientAddress);
      } else {
        await this.shutdownRequest(request);
      }
    } catch (error) {
      try {
        this.handleError(request, clientAddress, error);
      } finally {
        await this.shutdownRequest(request);
      }
    }
  }

  #forget(request: Connection): void {
    this.#connections.delete(request);
    if (this.#connections.size > 0) return;
    for (const resolve of this.#whenEmpty) resolve();
  }

  async #connectionsEnd(grace: number): Promise<void> {
    if (this.#connections.size === 0 || grace <= 0) return;
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = grace < Infinity ? setTimeout(resolve, grace) : undefined;
    this.#whenEmpty.add(resolve);
    await promise;
    this.#whenEmpty.delete(resolve);
    clearTimeout(timer);
  }
}

/** Whether a connection was ended by its client before it was accepted. */
function isGoneAlready(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset;
}

/**
 * A server on a TCP or Unix domain socket.
 *
 * Source: CPython 3.14, `socketserver.TCPServer`.
 *
 * @example A protocol of one's own
 * ```ts
 * import { type Connection, TCPServer } from "@pystd/http-server/server";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Greeter {
 *   #request: Connection;
 *   constructor(request: Connection) {
 *     this.#request = request;
 *   }
 *   async run(): Promise<void> {
 *     await this.#request.write(new TextEncoder().encode("hello\n"));
 *   }
 * }
 *
 * await using server = new TCPServer(["127.0.0.1", 0], Greeter);
 * const served = server.handleRequest();
 * const { port } = server.socket.addr as Deno.NetAddr;
 * using client = await Deno.connect({ hostname: "127.0.0.1", port });
 * assertEquals(await new Response(client.readable).text(), "hello\n");
 * await served;
 * ```
 */
export class TCPServer extends BaseServer {
  /** How many connections may wait to be accepted: the listen backlog. */
  static requestQueueSize = 511;

  /** What the constructor was given. */
  protected readonly options: ServerOptions;
  #listener: Deno.Listener<Deno.Conn> | undefined;

  /**
   * Creates a server and, unless told otherwise, starts to listen.
   *
   * @param serverAddress Where to listen; port 0 picks a free one.
   * @param RequestHandlerClass What serves the connections.
   * @param options See {@linkcode ServerOptions}.
   * @throws {Deno.errors.AddrInUse} If somebody else listens there.
   * @throws {Deno.errors.NotCapable} Without `--allow-net` for the address.
   */
  constructor(
    serverAddress: ServerAddress,
    RequestHandlerClass: RequestHandlerClass,
    options: ServerOptions = {},
  ) {
    super(serverAddress, RequestHandlerClass);
    this.options = options;
    if (options.bindAndActivate ?? true) {
      this.serverBind();
      this.serverActivate();
    }
  }

  /** The listening socket. */
  get socket(): Deno.Listener<Deno.Conn> {
    if (this.#listener === undefined) {
      throw new TypeError("Cannot use the server's socket: it is not bound");
    }
    return this.#listener;
  }

  /**
   * Binds the socket to `serverAddress`, and sets that to where it is bound.
   * `Deno.listen` listens at once, so that `serverActivate()` has nothing to do.
   */
  serverBind(): void {
    this.#listener = this.listen(this.serverAddress);
    const { addr } = this.#listener;
    this.serverAddress = addr.transport === "unix"
      ? { transport: "unix", path: addr.path! }
      : [(addr as Deno.NetAddr).hostname, (addr as Deno.NetAddr).port];
  }

  /**
   * Opens the listening socket.
   *
   * @param address Where to listen.
   * @returns The listener.
   */
  protected listen(address: ServerAddress): Deno.Listener<Deno.Conn> {
    if ("transport" in address) {
      return Deno.listen({ transport: "unix", path: address.path });
    }
    const options = this.listenOptions(address);
    if (options.hostname !== "") return this.listenTcp(options);
    const [first, second] = wildcardHosts(Deno.build.os);
    try {
      return this.listenTcp({ ...options, hostname: first });
    } catch (error) {
      if (error instanceof Deno.errors.AddrInUse) throw error;
      return this.listenTcp({ ...options, hostname: second });
    }
  }

  /**
   * Opens a listening TCP socket; what a TLS server does otherwise.
   *
   * @param options What `Deno.listen` takes.
   * @returns The listener.
   */
  protected listenTcp(
    options: Deno.TcpListenOptions,
  ): Deno.Listener<Deno.Conn> {
    return Deno.listen(options);
  }

  /**
   * What `Deno.listen` is told for a TCP address.
   *
   * @param address The address.
   * @returns The options; an empty hostname means every interface.
   */
  protected listenOptions(
    address: Exclude<ServerAddress, { transport: "unix" }>,
  ): Deno.TcpListenOptions & { hostname: string; tcpBacklog: number } {
    const { hostname = "", port } = "port" in address
      ? address
      : { hostname: address[0], port: address[1] };
    const cls = this.constructor as typeof TCPServer;
    return {
      hostname,
      port,
      tcpBacklog: cls.requestQueueSize,
      ...(this.options.reusePort ? { reusePort: true } : {}),
    };
  }

  /** Accepts a connection. */
  override async getRequest(): Promise<[Connection, ClientAddress]> {
    const request = await this.socket.accept();
    const address = request.remoteAddr;
    return [
      request,
      address.transport === "tcp"
        ? [address.hostname, address.port]
        : ["unix", 0],
    ];
  }

  /** Stops listening, and does what {@linkcode BaseServer.serverClose} does. */
  override async serverClose(): Promise<void> {
    try {
      this.#listener?.close();
    } catch {
      // Closed already.
    }
    await super.serverClose();
  }
}

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
export class HTTPServer extends TCPServer {
  /** The host that the server is known by: the one it listens on. */
  declare serverName: string;
  /** The port that it listens on. */
  declare serverPort: number;

  /** Binds the socket, and sets `serverName` and `serverPort`. */
  override serverBind(): void {
    super.serverBind();
    const address = this.serverAddress;
    const [name, port] = "transport" in address
      ? [address.path, 0]
      : "port" in address
      ? [address.hostname ?? "", address.port]
      : address;
    this.serverName = name;
    this.serverPort = port;
  }
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
  /** Connections at once from one address that is not this machine's. */
  static maxConnectionsPerAddress = 512;

  #perAddress = new Map<string, number>();
  #serving = 0;
  #refusing = 0;

  /** Serves a connection while the next ones are accepted. */
  override processRequest(
    request: Connection,
    clientAddress: ClientAddress,
  ): Promise<void> {
    const cls = this.constructor as typeof ThreadingHTTPServer;
    const [host] = clientAddress;
    const count = (this.#perAddress.get(host) ?? 0) + 1;
    if (
      this.#serving >= cls.maxConnections ||
      (count > cls.maxConnectionsPerAddress && !isThisMachine(host))
    ) {
      this.#refuse(request, clientAddress);
      return Promise.resolve();
    }
    this.#serving++;
    this.#perAddress.set(host, count);
    const end = (): void => {
      this.#serving--;
      const left = this.#perAddress.get(host)! - 1;
      if (left === 0) this.#perAddress.delete(host);
      else this.#perAddress.set(host, left);
    };
    this.processRequestThread(request, clientAddress).then(end, (error) => {
      end();
      // As CPython reports what ends a thread.
      logLine(`Exception ignored in handleError(): ${textOf(error)}`);
    });
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

/**
 * Does the handshake of a connection. A failure is the client's, and is
 * logged; most are browsers that do not know the certificate.
 */
async function shakeHands(
  server: BaseServer,
  request: Connection,
  clientAddress: ClientAddress,
  limit: number,
): Promise<boolean> {
  const handshake = new Handshake(request, limit);
  server.watchdog.add(handshake);
  try {
    await handshake.complete();
    return true;
  } catch (error) {
    if (server.stopping) return false;
    const reason = handshake.overdue ? "timed out" : textOf(error);
    logLine(`TLS handshake with ${clientAddress[0]} failed: ${reason}`);
    return false;
  } finally {
    server.watchdog.delete(handshake);
  }
}

/** How many clients at once are told that there are too many. */
const MAX_REFUSING = 64;
/** How long each of them may take to read that, in ms. */
const REFUSAL_MS = 1000;

const TOO_MANY_CONNECTIONS = new TextEncoder().encode(
  "HTTP/1.1 503 Service Unavailable\r\n" +
    "Retry-After: 1\r\nConnection: close\r\nContent-Length: 0\r\n\r\n",
);

/** Whether an address is this machine's own: a test, or a proxy before us. */
function isThisMachine(host: string): boolean {
  return host.startsWith("127.") || host === "::1" ||
    host.startsWith("::ffff:127.") || host === "unix";
}

function textOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
