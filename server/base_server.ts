// Copyright 2026 the pystd authors. MIT license.

/**
 * The loop of a server, and the steps of a connection; `server.ts` has a diagram.
 * `acceptor.ts` waits for connections, `tcp_server.ts` opens the socket,
 * `threading.ts` serves connections concurrently, and `tls.ts` adds handshakes.
 *
 * @module
 */

import { AsyncLocalStorage } from "node:async_hooks";
import type { Connection } from "../io/connection.ts";
import { errorMessage, errorTrace, logLine } from "../io/log.ts";
import { TimeLimitChecker } from "../io/time_limits.ts";
import { Acceptor } from "./acceptor.ts";
import {
  type ClientAddress,
  hostAndPort,
  type ServerAddress,
} from "./address.ts";
import { catchUncaughtErrors } from "./uncaught_errors.ts";

/** A handler: serves one connection. */
export interface RequestHandler {
  /** Serves the connection to its end. */
  run(): Promise<void> | void;
}

/** A handler class, as the servers use it. */
export interface RequestHandlerClass {
  /**
   * Makes a handler for a connection.
   *
   * @param request The connection.
   * @param clientAddress The client's address.
   * @param server The server that accepted it; a handler class may require a
   * particular server class.
   */
  new (
    request: Connection,
    clientAddress: ClientAddress,
    // deno-lint-ignore no-explicit-any -- `BaseServer` would exclude such classes
    server: any,
  ): RequestHandler;
  /**
   * Checks, before the server listens, that requests can be served: that the
   * permissions are granted, for example.
   */
  prepare?(): void;
  /**
   * Tells whether an address is that of a proxy, whose connections serve many
   * clients.
   *
   * @param host The address of a connection.
   * @returns `true` if it is.
   */
  isTrustedProxy?(host: string): boolean;
}

/** Options of {@linkcode BaseServer.serveForever}. */
export interface ServeForeverOptions {
  /** Stops the server, as `shutdown()` does. */
  signal?: AbortSignal;
  /**
   * Interval at which `serviceActions()` is called, in ms.
   *
   * @default {500}
   */
  pollInterval?: number;
}

/** Delay before the next try when no connection can be accepted, in ms. */
const FIRST_BACKOFF_MS = 5;
const LAST_BACKOFF_MS = 1000;

/** The server whose loop waits for the current handler. */
const awaitedBy = new AsyncLocalStorage<BaseServer>();

/**
 * A server without a socket: the loop, and the steps of each connection. Extend
 * {@linkcode TCPServer} rather than this class.
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
 * await httpd.handleRequest(); // no client connects
 * assertEquals(httpd.timeouts, 1);
 * ```
 */
export abstract class BaseServer {
  /** Longest time for requests in progress when the server closes, in ms. */
  static closeGrace = 5000;
  /** Interval at which the time limits of connections are checked, in ms. */
  static limitCheckInterval = 500;
  /** Whether uncaught errors are logged rather than end the process. */
  static catchesUncaughtErrors = true;

  /** The host that the server listens on. */
  serverName = "";
  /** The port that the server listens on; the actual one once it is bound. */
  serverPort = 0;
  /** The class of handlers that serve the connections. */
  readonly RequestHandlerClass: RequestHandlerClass;
  /** Longest wait of `handleRequest()`, in ms; `null` for no limit. */
  timeout: number | null = null;
  /**
   * Checks the time limits of the connections. Handlers register theirs.
   *
   * @internal
   */
  readonly timeLimitChecker: TimeLimitChecker;
  #address!: ServerAddress;
  #stopping = false;
  #loop: Promise<void> | undefined;
  #acceptor = new Acceptor(() => this.getRequest());
  #connections = new Set<Connection>();
  /** Stops catching uncaught errors, if that has begun. */
  #endCatching: (() => void) | undefined;
  /** Called when the last connection has ended. */
  #whenEmpty = new Set<() => void>();
  /** The error of `serviceActions()`. */
  #failure: { error: unknown } | undefined;

  /**
   * Stores its arguments, and calls `prepare()` of the handler class.
   *
   * @param serverAddress Where to listen.
   * @param RequestHandlerClass The handler class.
   * @throws {TypeError} If an argument is missing or invalid.
   */
  constructor(
    serverAddress: ServerAddress,
    RequestHandlerClass: RequestHandlerClass,
  ) {
    this.serverAddress = serverAddress;
    // A bound class inherits `prototype` from the base of the class.
    if (
      typeof RequestHandlerClass !== "function" ||
      !Object.hasOwn(RequestHandlerClass, "prototype")
    ) {
      throw new TypeError(
        `Cannot serve: the second argument is ${
          nameOfType(RequestHandlerClass)
        }, not a handler class`,
      );
    }
    this.RequestHandlerClass = RequestHandlerClass;
    RequestHandlerClass.prepare?.();
    this.timeLimitChecker = new TimeLimitChecker(
      (this.constructor as typeof BaseServer).limitCheckInterval,
    );
  }

  /**
   * Where the server listens: host and port, the actual port once it is bound; the
   * path and 0 for a Unix domain socket. Setting it also sets `serverName` and
   * `serverPort`.
   */
  get serverAddress(): readonly [host: string, port: number] {
    return hostAndPort(this.#address);
  }
  set serverAddress(address: ServerAddress) {
    [this.serverName, this.serverPort] = hostAndPort(address);
    this.#address = address;
  }

  /** Where to listen, in the form given. */
  protected get listeningAddress(): ServerAddress {
    return this.#address;
  }

  /** Whether the server is stopping: connections do not persist then. */
  get stopping(): boolean {
    return this.#stopping;
  }

  /** Number of open connections. */
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
   * @throws {TypeError} If the server is serving already.
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
      throw new TypeError("Cannot serve: the server is already serving");
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
   * Ends `serveForever()`. Closes idle connections; requests in progress
   * continue.
   *
   * A handler may await it. In a server that serves one connection at a time, the
   * loop waits for that handler; then this does not wait for the loop. (CPython
   * would deadlock.)
   *
   * @returns A promise that resolves when the loop has ended.
   */
  async shutdown(): Promise<void> {
    this.#stop();
    if (awaitedBy.getStore() === this) return;
    await this.#loopEnd();
  }

  /**
   * Handles one connection; with a handler that speaks HTTP/1.0, one request.
   * Calls `handleTimeout()` if none arrives within `timeout`.
   *
   * @throws {Deno.errors.BadResource} If the server is closed.
   */
  async handleRequest(): Promise<void> {
    if (this.#loop === undefined) this.#stopping = false;
    let outcome;
    do outcome = await this.#wait(this.timeout); while (outcome === "gone");
    if (outcome === "come") await this.#handleAccepted();
    else if (outcome === "ended") this.handleTimeout();
  }

  /** Called by `handleRequest()` when `timeout` has passed. */
  handleTimeout(): void {}

  /** Called by `serveForever()` periodically. Does nothing; may be overridden. */
  serviceActions(): void {}

  /**
   * Decides whether to serve a connection.
   *
   * @param _request The connection.
   * @param _clientAddress The client's address.
   * @returns `false` to close it.
   *
   * @example Serve one network only
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
    await awaitedBy.run(
      this,
      () => this.finishRequest(request, clientAddress),
    );
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
    // No async function: each idle connection would hold its frame.
    return Promise.resolve(handler.run());
  }

  /**
   * Ends a connection. CPython closes the sending direction first, which closing
   * the connection does as well.
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
      // Closed already, by a time limit or the end of the server.
    }
    this.#forget(request);
  }

  /**
   * Logs an exception of a handler. The server continues.
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
    logLine(
      `${rule}\nException occurred during processing of request from ${from}\n${
        errorTrace(error)
      }\n${rule}`,
    );
  }

  /**
   * Logs an uncaught error: the rejection of a promise that a handler neither
   * awaited nor returned, or an error in a timer. The server continues, as in
   * Python, where such an error ends one thread. With
   * `catchesUncaughtErrors = false` these errors end the process.
   *
   * @param error What was thrown.
   */
  handleUncaughtError(error: unknown): void {
    const method = /\bdo_\w+/.exec(errorTrace(error))?.[0];
    const advice = method === undefined
      ? "Await or return every promise of a handler"
      : `Await or return every promise of ${method}()`;
    logLine(`Uncaught error. ${advice}:\n${errorTrace(error)}`);
  }

  /**
   * Stops listening, gives requests in progress `closeGrace` to finish, and
   * closes the remaining connections.
   */
  async serverClose(): Promise<void> {
    this.#stop();
    this.#acceptor.abandon(([request]) => void this.closeRequest(request));
    await this.#connectionsEnd(this.closingGrace());
    for (const connection of this.#connections) this.closeRequest(connection);
    this.#endCatching?.();
    this.#endCatching = undefined;
  }

  /** Calls `shutdown()` and `serverClose()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop();
    await this.serverClose();
    await this.#loopEnd();
  }

  /**
   * How long `serverClose()` waits for requests in progress.
   *
   * @returns The time in ms.
   */
  protected closingGrace(): number {
    return (this.constructor as typeof BaseServer).closeGrace;
  }

  #stop(): void {
    this.#stopping = true;
    this.timeLimitChecker.closeIdle();
    this.#acceptor.wake();
  }

  /** Waits for the end of the loop; ignores its failure. */
  async #loopEnd(): Promise<void> {
    try {
      await this.#loop;
    } catch {
      // `serveForever()` throws this error.
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
      const outcome = await this.#wait(null);
      if (this.#stopping) break;
      // No delay after "gone": clients that reset connections must not slow
      // down others.
      if (outcome === "failed") {
        await this.#acceptor.pause(backoff);
        backoff = Math.min(backoff * 2, LAST_BACKOFF_MS);
      } else if (outcome === "come") {
        backoff = FIRST_BACKOFF_MS;
        await this.#handleAccepted();
        this.#callServiceActions();
      }
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /**
   * Waits for a connection. Resolves to "come" if there is one, "failed" if it
   * could not be accepted (for lack of file descriptors, say), "gone" if the
   * client has already disconnected, "ended" if the waiting ended.
   */
  #wait(timeout: number | null): Promise<"come" | "failed" | "gone" | "ended"> {
    return this.#acceptor.comes(timeout).then(outcomeOf, (error) => {
      if (this.#stopping) return "ended";
      if (error instanceof Deno.errors.BadResource) throw error;
      if (isDisconnectedEarly(error)) return "gone";
      this.handleAcceptError(error);
      return "failed";
    });
  }

  /**
   * Logs that a connection could not be accepted. The server tries again after a
   * short delay.
   *
   * @param error What was thrown.
   */
  protected handleAcceptError(error: unknown): void {
    logLine(`Cannot accept a connection: ${errorMessage(error)}`);
  }

  async #handleAccepted(): Promise<void> {
    const accepted = this.#acceptor.take();
    // The server may have been closed in the meantime.
    if (accepted === undefined) return;
    const [request, clientAddress] = accepted;
    this.#connections.add(request);
    if ((this.constructor as typeof BaseServer).catchesUncaughtErrors) {
      this.#endCatching ??= catchUncaughtErrors((error) =>
        this.handleUncaughtError(error)
      );
    }
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

function outcomeOf(comes: boolean): "come" | "ended" {
  return comes ? "come" : "ended";
}

/** Whether the client disconnected before the connection was accepted. */
function isDisconnectedEarly(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset;
}

function nameOfType(value: unknown): string {
  if (value === undefined) return "missing";
  // Python passes options by functools.partial.
  return typeof value === "function"
    ? "an arrow or bound function (pass options by with(): " +
      "SimpleHTTPRequestHandler.with({ directory }))"
    : `of type ${typeof value}`;
}
