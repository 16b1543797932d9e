// Copyright 2026 the pystd authors. MIT license.

/**
 * The loop of a server, and the life of a connection, which `server.ts` draws.
 * `acceptor.ts` waits for connections, `tcp_server.ts` opens the socket that
 * they come from, `threading.ts` serves many at once, and `tls.ts` does a
 * handshake before `finishRequest()`.
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
   * @param server The server that accepted it; a class of handlers may ask for
   * a class of servers of its own.
   */
  new (
    request: Connection,
    clientAddress: ClientAddress,
    // deno-lint-ignore no-explicit-any -- `BaseServer` would exclude those
    server: any,
  ): RequestHandler;
  /**
   * Makes sure that requests can be served, before the server listens: that
   * there is a permission for what they need, for example.
   */
  prepare?(): void;
  /**
   * Whether an address is that of a proxy, whose connections are those of many
   * clients.
   *
   * @param host The address of a connection.
   * @returns Whether it is.
   */
  isTrustedProxy?(host: string): boolean;
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

/** The server whose loop waits for the handler that is running. */
const awaitedBy = new AsyncLocalStorage<BaseServer>();

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
  static limitCheckInterval = 500;
  /** Whether errors that nobody catches are logged and end no process. */
  static catchesUncaughtErrors = true;

  /** The host that the server is known by: the one it listens on. */
  serverName = "";
  /** The port that it listens on, the real one once it is bound. */
  serverPort = 0;
  /** What serves the connections. */
  readonly RequestHandlerClass: RequestHandlerClass;
  /** How long `handleRequest()` waits, in ms; `null` for as long as it takes. */
  timeout: number | null = null;
  /**
   * Keeps the time limits of the connections. Handlers register with it.
   *
   * @internal
   */
  readonly timeLimitChecker: TimeLimitChecker;
  #address!: ServerAddress;
  #stopping = false;
  #loop: Promise<void> | undefined;
  #acceptor = new Acceptor(() => this.getRequest());
  #connections = new Set<Connection>();
  /** Ends the catching of stray errors, once it has begun. */
  #endCatching: (() => void) | undefined;
  /** Wait for the last connection to end. */
  #whenEmpty = new Set<() => void>();
  /** What `serviceActions()` threw, if it did. */
  #failure: { error: unknown } | undefined;

  /**
   * Stores its arguments, and lets the handlers prepare.
   *
   * @param serverAddress Where to listen.
   * @param RequestHandlerClass What serves the connections.
   * @throws {TypeError} If one of them is missing, or something else.
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
   * Where the server listens: its host and port, the real one once it is bound;
   * on a Unix domain socket its path, and 0. Setting it sets `serverName` and
   * `serverPort`, too.
   */
  get serverAddress(): readonly [host: string, port: number] {
    return hostAndPort(this.#address);
  }
  set serverAddress(address: ServerAddress) {
    [this.serverName, this.serverPort] = hostAndPort(address);
    this.#address = address;
  }

  /** Where to listen, in the form that was given. */
  protected get listeningAddress(): ServerAddress {
    return this.#address;
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
   * A handler may await it. Where the loop itself waits for that handler, as
   * in a server that serves one connection at a time, it does not wait for the
   * loop. (In CPython that is a deadlock.)
   *
   * @returns A promise that resolves when the loop has ended.
   */
  async shutdown(): Promise<void> {
    this.#stop();
    if (awaitedBy.getStore() === this) return;
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
    let outcome;
    do outcome = await this.#wait(this.timeout); while (outcome === "gone");
    if (outcome === "come") await this.#handleNext();
    else if (outcome === "ended") this.handleTimeout();
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
    logLine(
      `${rule}\nException occurred during processing of request from ${from}\n${
        errorTrace(error)
      }\n${rule}`,
    );
  }

  /**
   * Reports an error that nobody has caught, and that would end the process: a
   * promise that a handler has started and neither awaited nor returned, or a
   * timer of its own. The server goes on, as in Python, where it would end a
   * thread. `catchesUncaughtErrors = false` leaves such errors to the program.
   *
   * @param error What was thrown.
   */
  handleUncaughtError(error: unknown): void {
    const method = /\bdo_\w+/.exec(errorTrace(error))?.[0];
    const who = method === undefined
      ? "A handler has to await what it starts, or return it"
      : `${method}() has to await what it starts, or return it`;
    logLine(`${who}; nobody has caught this error:\n${errorTrace(error)}`);
  }

  /**
   * Stops listening, lets requests under way finish within `closeGrace`, and
   * closes what connections are left.
   */
  async serverClose(): Promise<void> {
    this.#stop();
    this.#acceptor.abandon(([request]) => void this.closeRequest(request));
    await this.#connectionsEnd(this.closingGrace());
    for (const connection of this.#connections) this.closeRequest(connection);
    this.#endCatching?.();
    this.#endCatching = undefined;
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
    this.timeLimitChecker.closeIdle();
    this.#acceptor.wake();
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
      const outcome = await this.#wait(null);
      if (this.#stopping) break;
      // Who resets connections at once must not make others wait.
      if (outcome === "failed") {
        await this.#acceptor.pause(backoff);
        backoff = Math.min(backoff * 2, LAST_BACKOFF_MS);
      } else if (outcome === "come") {
        backoff = FIRST_BACKOFF_MS;
        await this.#handleNext();
        this.#callServiceActions();
      }
    }
    if (this.#failure !== undefined) throw this.#failure.error;
  }

  /**
   * Waits for a connection: has one `come`, could it not be accepted, for want
   * of descriptors, say, was it gone already, or has the waiting ended?
   */
  #wait(timeout: number | null): Promise<"come" | "failed" | "gone" | "ended"> {
    return this.#acceptor.comes(timeout).then(outcomeOf, (error) => {
      if (this.#stopping) return "ended";
      if (error instanceof Deno.errors.BadResource) throw error;
      if (isGoneAlready(error)) return "gone";
      this.handleAcceptError(error);
      return "failed";
    });
  }

  /**
   * Reports that a connection could not be accepted. The server waits a little
   * and goes on.
   *
   * @param error What was thrown.
   */
  protected handleAcceptError(error: unknown): void {
    logLine(`Cannot accept a connection: ${errorMessage(error)}`);
  }

  /** Handles the connection that has been accepted. */
  async #handleNext(): Promise<void> {
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

/** Whether a connection was ended by its client before it was accepted. */
function isGoneAlready(error: unknown): boolean {
  return error instanceof Deno.errors.NotConnected ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.ConnectionReset;
}

function nameOfType(value: unknown): string {
  if (value === undefined) return "missing";
  // Python's way to pass options is functools.partial.
  return typeof value === "function"
    ? "an arrow or bound function (pass options by with(): " +
      "SimpleHTTPRequestHandler.with({ directory }))"
    : `of type ${typeof value}`;
}
