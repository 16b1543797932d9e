// Copyright 2026 the pystd authors. MIT license.

/**
 * {@linkcode BaseHTTPRequestHandler}: HTTP on one connection.
 *
 * A connection and its requests:
 *
 *     run -> setup -> handle -> handleOneRequest, once a request -> finish
 *                                    |
 *           read a head, parseRequest, do_METHOD, end the response
 *
 * `io/` reads and writes bytes, `protocol/` parses them, `base/` holds the state
 * of the current request and answers failures. This class does not use the file
 * system.
 *
 * @example A handler
 * ```ts
 * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
 * import { HTTPServer } from "@pystd/http-server/server";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Hello extends BaseHTTPRequestHandler {
 *   do_GET(): void {
 *     const body = new TextEncoder().encode(`Hello from ${this.path}\n`);
 *     this.sendResponse(200);
 *     this.sendHeader("Content-Type", "text/plain");
 *     this.sendHeader("Content-Length", body.length);
 *     this.endHeaders();
 *     this.wfile.write(body);
 *   }
 *   override logMessage(): void {}
 * }
 *
 * await using httpd = new HTTPServer(["127.0.0.1", 0], Hello);
 * const served = httpd.handleRequest();
 * const response = await fetch(`http://127.0.0.1:${httpd.serverPort}/a`);
 * assertEquals(await response.text(), "Hello from /a\n");
 * await served;
 * ```
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { setImmediate } from "node:timers";
import { BodyStream } from "../io/body_stream.ts";
import type { Connection } from "../io/connection.ts";
import { logLine } from "../io/log.ts";
import { linger } from "../io/linger.ts";
import type { HeadReader } from "../io/head_reader.ts";
import { PendingTasks } from "../io/pending_tasks.ts";
import { Reader } from "../io/reader.ts";
import { RequestBody } from "../io/request_body.ts";
import { ConnectionTimer, type ExceededLimit } from "../io/time_limits.ts";
import { Writer } from "../io/writer.ts";
import {
  currentHttpDate,
  formatHttpDate,
  formatLogDate,
  MONTH_NAMES,
  WEEKDAY_NAMES,
} from "../protocol/date.ts";
import { DEFAULT_ERROR_MESSAGE, errorPage } from "../python/error_page.ts";
import { type Fields, NO_FIELDS } from "../protocol/fields.ts";
import { type Forwarded, resolveForwarded } from "../protocol/forwarded.ts";
import { HeaderBlock } from "../protocol/header_block.ts";
import { isToken } from "../protocol/octets.ts";
import { formatPercent } from "../python/percent_format.ts";
import { escapeControls, repr } from "../python/text.ts";
import { RequestError } from "../protocol/request_error.ts";
import { isAtLeast11 } from "../protocol/request_line.ts";
import { allowsBody, RESPONSES, type StatusTexts } from "../protocol/status.ts";
import { checkTargetAndHost } from "../protocol/strict_request.ts";
import type { ClientAddress } from "../server/address.ts";
import type { BaseServer } from "../server/base_server.ts";
import {
  rejectInstanceFields,
  type StaticOnly,
} from "./base/class_variables.ts";
import { connectionLimits } from "./base/limits.ts";
import {
  answerMissingHead,
  answerMissingResponse,
  endResponse,
  failRequest,
  timeOut,
} from "./base/failures.ts";
import { disallowedHost, trustedProxyCheck } from "./base/hosts_and_proxies.ts";
import {
  type Field,
  Observation,
  type ObservedPart,
  type PartAttributes,
  type RequestObserver,
  UNOBSERVED,
} from "./base/observer.ts";
import { type Message, RequestState } from "./base/request_state.ts";
import { runtimeVersion } from "./base/runtime.ts";

export type { Connection } from "../io/connection.ts";
export { RequestError } from "../protocol/request_error.ts";
export type { StatusTexts } from "../protocol/status.ts";
export { HeaderBlock } from "../protocol/header_block.ts";
export type {
  BodyStream,
  ClientAddress,
  Fields,
  Forwarded,
  RequestBody,
  Writer,
};
export type { StaticOnly } from "./base/class_variables.ts";
export type { Message } from "./base/request_state.ts";
export type {
  Field,
  ObservedPart,
  ObservedRequest,
  ObservedScope,
  PartAttributes,
  PartObservation,
  RequestObservation,
  RequestObserver,
  RequestOutcome,
} from "./base/observer.ts";

/** Makes a class variable that is written as a field a type error. */
export interface BaseHTTPRequestHandler extends StaticOnly {}

/**
 * Handles the requests of one connection: reads and checks each one, and calls
 * the method named after it, `do_GET()` for a GET.
 *
 * Extend it with `do_GET`, `do_POST` and so on; each may return a promise. A
 * method can
 *
 * - read `command`, `path`, `requestVersion`, `headers`, `rfile`,
 *   `clientAddress`, `server`;
 * - call `sendResponse`, `sendHeader` as often as needed, `endHeaders`, and
 *   then `wfile.write`; or `sendError`;
 * - set `closeConnection` to end the connection after this response.
 *
 * Between requests `command`, `path`, `requestline` and `headers` are empty.
 *
 * Every member that CPython's `BaseHTTPRequestHandler` has can be overridden.
 * The constructor only stores its arguments. The fields of a subclass are set
 * after it and before `setup()`; there is no request yet.
 *
 * The static properties `max...` and `...Timeout` are limits; `docs/limits.md`
 * has their values.
 *
 * Source: CPython 3.14, `http.server.BaseHTTPRequestHandler` and
 * `socketserver.StreamRequestHandler`; RFC 9110 and RFC 9112.
 *
 * @example Usage
 * ```ts
 * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Teapot extends BaseHTTPRequestHandler {
 *   static override serverVersion = "Teapot/1.0";
 *   do_BREW(): void {
 *     this.sendError(418);
 *   }
 * }
 *
 * const { status } = await respond(Teapot, "BREW / HTTP/1.0\r\n\r\n");
 * assertEquals(status, 418);
 * ```
 */
export class BaseHTTPRequestHandler {
  /**
   * Version of HTTP of the responses. With `"HTTP/1.1"` connections persist and
   * requests must follow RFC 9112. With `"HTTP/1.0"` requests are parsed as
   * leniently as in CPython.
   */
  static protocolVersion = "HTTP/1.0";
  /** Name and version of the server in the `Server` header. */
  static serverVersion = "pystd-http/0.1";
  /**
   * Name and version of the runtime, after `serverVersion`: `Deno/2.9.6`. Empty if
   * the runtime does not say what it is.
   */
  static sysVersion: string = runtimeVersion();
  /**
   * Template of error pages, with `%(code)d`, `%(message)s`, `%(explain)s`, and
   * `%(home)s` for the address of the server's root.
   */
  static errorMessageFormat: string = DEFAULT_ERROR_MESSAGE;
  /** Media type of error pages. */
  static errorContentType = "text/html;charset=utf-8";
  /** Version of a request until its own is known. */
  static defaultRequestVersion = "HTTP/0.9";
  /** Short and long text of each status. */
  static responses: Readonly<Record<number, StatusTexts>> = RESPONSES;
  /** Class of `headers`. */
  static MessageClass: new () => Message = Headers;
  /** Days of the week in dates, from Monday on. */
  static weekdayname: readonly string[] = WEEKDAY_NAMES;
  /** Months in dates; element 0 is `null`, as in Python. */
  static monthname: readonly (string | null)[] = MONTH_NAMES;
  /** Whether to turn Nagle's algorithm off (`TCP_NODELAY`). */
  static disableNagleAlgorithm = false;
  /**
   * Whether a response confirms the `Connection` of its request: `close` (a
   * SHOULD of RFC 9112 section 9.6), and `keep-alive` of an HTTP/1.0 client.
   * CPython does not.
   */
  static confirmsConnection = false;
  /**
   * Hosts whose requests are answered; `null` for all, as in CPython. A request
   * for another host, by `Host` or by a target in absolute form, gets 421. One
   * that names no host is answered, since every browser names one. This protects
   * against DNS rebinding: a web page whose name was re-pointed at this server
   * cannot read from it.
   *
   * An element is a name, a name after a dot for it and all its subdomains
   * (`.localhost`), an IP address or network (`127.0.0.0/8`, `::/0`), or `*`.
   * Ports do not count.
   */
  static allowedHosts: readonly string[] | null = null;
  /**
   * Proxies to trust: addresses or networks (`10.0.0.0/8`), and `unix` for
   * connections over a Unix domain socket. Client, scheme and host of their
   * requests come from `Forwarded` (RFC 7239) or `X-Forwarded-For`, `-Proto` and
   * `-Host`; see `forwarded`.
   */
  static trustedProxies: readonly string[] | null = null;
  /**
   * Whether `path` keeps a target in absolute form, `https` included, as in
   * CPython: clients send it to proxies. Otherwise `path` is in origin form. It
   * applies to handlers that speak HTTP/1.1. `headers` has the target's host in
   * both cases (RFC 9112 section 3.2.2).
   */
  static keepsAbsoluteTarget = false;
  /**
   * Observers of the requests, for traces and metrics; see `./telemetry`. `null`
   * for none.
   */
  static observers: readonly RequestObserver[] | null = null;

  /** Longest line of a head, in bytes with its end: CPython's (414, 431). */
  static maxLineBytes = 65536;
  /** Most lines of a header block, its empty one included: CPython's (431). */
  static maxHeaderLines = 100;
  /** Largest head, in bytes: four of the longest lines (431). */
  static maxHeadBytes = 262144;
  /** Largest request body, in bytes (413). It is streamed, not kept. */
  static maxBodyBytes = 1073741824;
  /** Most bytes of an unread body to drain to reuse the connection: Go's. */
  static maxDrainBytes = 262144;
  /** Most requests of one connection, which bounds leaks, as in nginx. */
  static maxRequests = 1000000;
  /**
   * Longest time from the first byte of a head to its last, in ms (408): ample
   * for a slow line, short for a client that sends a byte a second.
   */
  static headTimeout = 20000;
  /** Longest time between requests, in ms: nginx's 75 s. */
  static idleTimeout = 75000;
  /** Longest time that a body may be slower than `minRate`, in ms (408). */
  static stallTimeout = 30000;
  /** Lowest rate of a body or response, in bytes a second. */
  static minRate = 2048;
  /**
   * Bytes of a response that the system may hold for a slow client: a third of
   * Linux's largest send buffer (4 MiB), at which it accepts more, and the
   * window that the client's system opens at once. A response does not count as
   * stalled as long as `minRate` would need to send that much.
   */
  static sendBufferBytes = 2097152;
  /**
   * Longest time to read and discard what a client still sends after the last
   * response, in ms. Closing at once would reset the connection, and the client
   * might never see why its upload was refused.
   */
  static lingerTimeout = 5000;
  /**
   * CPython's limit, in ms. Unless it is `null`, it replaces `headTimeout`,
   * `idleTimeout` and `stallTimeout`.
   */
  static timeout: number | null = null;

  /** The connection. */
  declare readonly request: Connection;
  /** The client's host and port. */
  readonly clientAddress: ClientAddress;
  /** The server that accepted the connection. */
  readonly server: BaseServer;
  /** Method of the request, as sent. */
  command = "";
  /** Target of the request; leading slashes are reduced to one. */
  path = "";
  /** Target of the request as sent: the request-target of RFC 9112. */
  requestTarget = "";
  /** Version of the request, as sent. */
  requestVersion = "";
  /** Request line without its end. */
  requestline = "";
  /** Whether the connection ends after the current request. */
  closeConnection = true;
  /** Writer of the response; set by `setup()`. */
  wfile!: Writer;
  /** Header fields of the request as parsed: cheaper than `headers`. */
  protected fields: Fields = NO_FIELDS;
  /**
   * Client, scheme and host as reported by a proxy of `trustedProxies`;
   * `undefined` if the request came from none. `headers` has the same host.
   */
  protected forwarded: Forwarded | undefined = undefined;

  /** Whether the client uses HTTPS, as a trusted proxy reports it if there is one. */
  protected get secure(): boolean {
    const proto = this.forwarded?.proto;
    return proto === undefined
      ? "handshake" in this.#connection
      : proto === "https";
  }

  static {
    // For TypeScript a property, so that a subclass may narrow its type.
    Object.defineProperty(this.prototype, "request", {
      configurable: true,
      get(this: BaseHTTPRequestHandler): Connection {
        this.#lent = true;
        return this.#connection;
      },
    });
  }

  #connection: Connection;
  /** Whether the handler took the connection, and may write past `wfile`. */
  #lent = false;
  #reader!: Reader;
  #heads!: HeadReader;
  #watch!: ConnectionTimer<BaseHTTPRequestHandler>;
  readonly #state: RequestState = new RequestState();
  /** The call of `handle()` that is under way. */
  #handling: Promise<void> | undefined;
  /** The call of `handleOneRequest()` that is under way. */
  #handlingOne: Promise<void> | undefined;

  /**
   * Stores its arguments. The server calls it once for each connection.
   *
   * @param request The connection.
   * @param clientAddress The client's host and port.
   * @param server The server that accepted it.
   */
  constructor(
    request: Connection,
    clientAddress: ClientAddress,
    server: BaseServer,
  ) {
    this.#connection = request;
    this.clientAddress = clientAddress;
    this.server = server;
  }

  /**
   * Returns whether an address is in `trustedProxies`. Servers do not limit the
   * connections of a proxy, which stand for many clients.
   *
   * @param host The address of a connection, or `unix`.
   * @returns Whether it is.
   * @throws {SyntaxError} If an element of `trustedProxies` is not an address.
   */
  static isTrustedProxy(host: string): boolean {
    return this.trustedProxies !== null &&
      trustedProxyCheck(this.trustedProxies)(host);
  }

  get #class(): typeof BaseHTTPRequestHandler {
    return this.constructor as typeof BaseHTTPRequestHandler;
  }

  /** Body of the request; available after `setup()`. */
  get rfile(): RequestBody {
    return this.#state.body ??= new RequestBody(this.#reader, 0, 0);
  }

  /** Header fields of the request, an instance of `MessageClass`. */
  get headers(): Headers {
    const state = this.#state;
    if (state.headers === undefined) {
      const headers = new this.#class.MessageClass();
      for (const [name, value] of this.fields) {
        // `Headers` cannot hold every name that lenient parsing lets through.
        if (isToken(name)) headers.append(name, value);
      }
      state.headers = headers;
    }
    return state.headers as Headers;
  }

  /** Bytes of the request line, with a CRLF at the end. */
  get rawRequestline(): Uint8Array {
    return Buffer.from(`${this.requestline}\r\n`, "latin1");
  }

  /**
   * Serves the connection from its first byte to its last. The server calls it.
   *
   * @throws {Error} What a `do_*` method throws, after the client got an error.
   */
  run(): Promise<void> {
    this.setup();
    // Saves each idle connection a promise.
    if (this.handle === ownHandle) return this.#handle(true);
    return this.#runOverridden();
  }

  async #runOverridden(): Promise<void> {
    try {
      await this.handle();
      await this.#begunHandling();
    } finally {
      await this.finish();
    }
  }

  /**
   * Waits for calls that an overriding method has started and not awaited: in
   * Python `super().handle()` has done its work when it returns.
   */
  async #begunHandling(): Promise<void> {
    await this.#handling;
    await this.#handlingOne;
  }

  /** Prepares `rfile` and `wfile`. Call `super.setup()` when overriding. */
  setup(): void {
    const cls = this.#class;
    rejectInstanceFields(this, BaseHTTPRequestHandler);
    if (cls.disableNagleAlgorithm) this.#connection.setNoDelay?.(true);
    this.#reader = new Reader(this.#connection);
    this.wfile = new Writer(this.#connection);
    const strict = isAtLeast11(cls.protocolVersion);
    this.#state.strict = strict;
    const { heads, timeLimits } = connectionLimits(cls, strict);
    this.#heads = heads;
    this.#watch = new ConnectionTimer<BaseHTTPRequestHandler>(
      this.#reader,
      this.wfile,
      timeLimits,
      BaseHTTPRequestHandler.#giveUp,
      this,
    );
    this.server.timeLimitChecker?.add(this.#watch);
  }

  /** Handles the connection's requests, one after the other. */
  handle(): Promise<void> {
    const handling = this.#handle(false).catch(rejectNextTurn);
    const end = (): void => {
      if (this.#handling === handling) this.#handling = undefined;
    };
    handling.then(end, end);
    return this.#handling = handling;
  }

  async #handle(finishes: boolean): Promise<void> {
    try {
      this.closeConnection = true;
      do {
        // Wait here rather than in `handleOneRequest()`, whose frame would add to
        // the memory of each idle connection. So, unlike in CPython, an overriding
        // `handleOneRequest()` is called when the client has sent something.
        if (this.#waitsForRequest()) {
          try {
            const reader = this.#reader;
            this.#forgetRequest();
            reader.endRead(await reader.beginRead());
            // Do not parse the next request until the client has read the
            // responses.
            if (this.wfile.busy) await this.wfile.drained();
          } catch (error) {
            // The client has reset the connection.
            this.wfile.abort(error as Error);
            break;
          }
        }
        if (this.handleOneRequest === ownHandleOneRequest) {
          await this.#handleOneRequest();
        } else {
          await this.handleOneRequest();
          await this.#handlingOne;
        }
      } while (!this.closeConnection);
    } finally {
      if (finishes) await this.finish();
    }
  }

  /** Returns whether the connection is idle, after sending what is buffered. */
  #waitsForRequest(): boolean {
    const reader = this.#reader;
    if (this.wfile.full || reader.available > 0) return false;
    if (reader.ended || reader.reads || this.server.stopping) return false;
    this.wfile.flush();
    this.#watch.phase = "idle";
    return true;
  }

  /** Lets go of the last request, to save memory while idle. */
  #forgetRequest(): void {
    this.requestline = this.command = "";
    this.path = this.requestTarget = "";
    this.fields = NO_FIELDS;
    this.forwarded = undefined;
    this.#state.forget();
  }

  /** Sends the rest of the response. Call `super.finish()` when overriding. */
  async finish(): Promise<void> {
    await this.wfile.drained();
    this.wfile.endResponse();
    if (this.wfile.error === undefined && this.#mayCome()) {
      const { lingerTimeout } = this.#class;
      const close = (): void => this.#close();
      await linger(this.#connection, this.#reader, lingerTimeout, close);
    }
    this.#reader.release();
    this.server.timeLimitChecker?.delete(this.#watch);
  }

  /**
   * Handles a single request: waits for its head, parses it, and calls the
   * method named after it.
   *
   * @throws {Error} What that method throws, after the client got an error.
   */
  handleOneRequest(): Promise<void> {
    // Overlapping calls would take each other's bytes.
    const begun = this.#handlingOne === undefined
      ? this.#handleOneRequest()
      : this.#handlingOne.then(() => this.#handleOneRequest());
    const handling = begun.catch(rejectNextTurn);
    const end = (): void => {
      if (this.#handlingOne === handling) this.#handlingOne = undefined;
    };
    handling.then(end, end);
    return this.#handlingOne = handling;
  }

  async #handleOneRequest(): Promise<void> {
    try {
      this.#watch.phase = "idle";
      this.#watch.requests++;
      // Do not parse the next pipelined request until the client has read the
      // responses.
      if (this.wfile.full) await this.wfile.drained();
      const reader = this.#reader;
      const heads = this.#heads;
      const state = this.#state;
      state.head = heads.next(reader);
      // Not a method of its own, whose frame would take memory while waiting.
      while (state.head === undefined && this.#asksForMore()) {
        try {
          await reader.fill();
          if (this.wfile.busy) await this.wfile.drained();
        } catch (error) {
          // The client has reset the connection.
          this.wfile.abort(error as Error);
          break;
        }
        state.head = reader.ended ? heads.last(reader) : heads.next(reader);
      }
      if (state.head === undefined) {
        this.closeConnection = true;
        return;
      }
      this.#watch.phase = "request";
      this.wfile.beginResponse(state.strict);
      const accepted = this.parseRequest();
      state.head = undefined;
      const { observers } = this.#class;
      if (observers !== null) this.#observe(observers, accepted);
      if (accepted) {
        // Its response has no head.
        if (this.requestVersion === "HTTP/0.9") this.wfile.beginResponse();
        const result = this.#dispatch();
        if (result !== undefined) await result;
        if (state.tasks !== undefined) await this.#endTasks();
        if (this.wfile.untouched) this.#missResponse();
        else if (this.wfile.lacksHead) answerMissingHead(this, state);
      }
      if (!state.bodyEnded) await this.#skipBody();
      endResponse(this);
    } finally {
      this.requestEnded();
      this.#state.endObservation(this.wfile);
    }
  }

  /** Sends what is buffered; returns whether to wait for more of a head. */
  #asksForMore(): boolean {
    const reader = this.#reader;
    this.wfile.flush();
    if (reader.available > 0) this.#watch.phase = "head";
    else if (this.server.stopping) return false;
    return !reader.ended;
  }

  /** Begins to observe a request whose head is parsed, or rejected. */
  #observe(observers: readonly RequestObserver[], accepted: boolean): void {
    // An empty line is no request.
    if (!accepted && this.wfile.untouched) return;
    this.#state.observation = new Observation(observers, {
      method: this.command,
      target: this.requestTarget,
      version: this.requestVersion,
      scheme: this.secure ? "https" : "http",
      fields: this.fields,
      client: this.addressString(),
      peer: this.clientAddress,
    });
    if (!accepted) this.#state.observation.headFields(this.status);
  }

  /**
   * Called after each request, also after one that failed or that the client
   * never completed.
   */
  protected requestEnded(): void {}

  /** Calls the method. What it writes in this turn leaves in one write. */
  #dispatch(): Promise<void> | undefined {
    this.wfile.cork();
    let goesOn = false;
    try {
      const { observation } = this.#state;
      const result = observation === undefined
        ? this.dispatchRequest()
        : observation.run(() => this.dispatchRequest());
      goesOn = result instanceof Promise;
      if (result instanceof Promise) {
        return result.then(undefined, (error) => this.#fail(error));
      }
    } catch (error) {
      this.#fail(error);
    } finally {
      // If the method goes on or more requests are buffered, more may be written
      // in this turn.
      if (goesOn || this.#reader.available > 0) this.wfile.uncork();
      else this.wfile.uncorkInBatch();
    }
    return undefined;
  }

  async #endTasks(): Promise<void> {
    const errors = await this.#state.tasks!.end();
    this.#state.tasks = undefined;
    const [error] = errors;
    if (errors.length === 0) return;
    this.logError("do_%s() has not awaited what has failed", this.command);
    this.#fail(error);
  }

  /** Drains the rest of the body: it must not be parsed as a request. */
  async #skipBody(): Promise<void> {
    if (this.closeConnection) return;
    const ended = await this.rfile.drain(this.#class.maxDrainBytes);
    if (!ended) this.closeConnection = true;
  }

  #missResponse(): void {
    // A response of HTTP/0.9 may be empty, and a handler that has taken the
    // connection may have answered there.
    const intended = this.#lent || this.requestVersion === "HTTP/0.9";
    if (intended || this.wfile.error !== undefined) return;
    answerMissingResponse(this, this.#state);
  }

  /**
   * Parses the head of the request: sets `command`, `path`, `requestVersion`,
   * `headers`, `closeConnection` and `rfile`.
   *
   * @returns Whether to handle the request. If not, an error has been sent, or
   * the client sent nothing.
   */
  parseRequest(): boolean {
    const cls = this.#class;
    const state = this.#state;
    const head = state.head!;
    this.command = this.path = this.requestTarget = "";
    this.requestVersion = cls.defaultRequestVersion;
    this.closeConnection = true;
    this.requestline = head.requestline;
    this.fields = NO_FIELDS;
    this.forwarded = undefined;
    state.begin();
    if (head.kind === "empty") return false;
    if (head.kind === "bad") {
      this.requestVersion = head.version ?? this.requestVersion;
      this.command = head.command ?? "";
      this.path = this.requestTarget = head.target ?? "";
      return this.#rejectRequest(head.status, head.message, head.explain);
    }
    if (head.version !== undefined) this.requestVersion = head.version;
    this.command = head.command;
    this.path = this.requestTarget = head.target;
    this.fields = head.fields;
    state.atLeast11 = head.atLeast11;
    let error = state.strict ? this.#checkTarget(head.atLeast11) : undefined;
    if (error !== undefined) {
      return this.#rejectRequest(error.status, error.message);
    }
    const asks = cls.allowedHosts !== null || cls.trustedProxies !== null;
    if (asks && !this.#checkHost()) return false;
    // `//host/path` in a redirect would lead to another host (gh-87389).
    if (this.path.startsWith("//")) {
      this.path = this.path.replace(/^\/+/, "/");
    }
    error = state.frameBody(this.fields, this.#reader, cls.maxBodyBytes);
    if (error !== undefined) {
      return this.#rejectRequest(error.status, error.message);
    }
    const last = this.server.stopping ||
      this.#watch.requests >= cls.maxRequests;
    this.closeConnection = state.closes(this.fields, last);
    return !(state.strict && head.atLeast11) || this.#meetsExpectation();
  }

  /** Answers a request with an invalid head. */
  #rejectRequest(status: number, message?: string, explain?: string): false {
    // Without a status line, a client would take the page for a part of the
    // response before. Only a valid HTTP/0.9 request gets none.
    if (this.#state.strict && this.requestVersion === "HTTP/0.9") {
      this.requestVersion = this.#class.protocolVersion;
    }
    this.sendError(status, message, explain);
    return false;
  }

  #checkTarget(atLeast11: boolean): RequestError | undefined {
    const { command, path, fields } = this;
    const checked = checkTargetAndHost(command, path, fields, atLeast11);
    if (checked instanceof RequestError) return checked;
    const { keepsAbsoluteTarget } = this.#class;
    if (
      checked.secure && !keepsAbsoluteTarget &&
      !("handshake" in this.#connection)
    ) {
      // RFC 9110 7.4: an https resource MUST NOT be served without TLS.
      return new RequestError(421, "Misdirected Request");
    }
    if (!keepsAbsoluteTarget) this.path = checked.path;
    if (checked.host !== undefined) {
      // RFC 9112 3.2.2: a server MUST ignore the Host field then.
      this.fields = fields.with("host", "Host", checked.host);
    }
    return undefined;
  }

  /**
   * Applies `trustedProxies`, and answers requests for hosts that are not in
   * `allowedHosts`.
   */
  #checkHost(): boolean {
    const cls = this.#class;
    const [peer] = this.clientAddress;
    if (cls.isTrustedProxy(peer)) {
      const trusts = (host: string): boolean => cls.isTrustedProxy(host);
      this.forwarded = resolveForwarded(peer, this.fields, trusts);
    }
    const host = this.forwarded?.host;
    const unknown = cls.allowedHosts === null
      ? undefined
      : disallowedHost(cls.allowedHosts, this.path, this.fields, host);
    if (unknown !== undefined) {
      this.logError(
        "Host %s is not in allowedHosts: --allow-host adds it",
        repr(unknown),
      );
      return this.#rejectRequest(421, undefined, UNKNOWN_HOST);
    }
    if (host !== undefined) {
      this.fields = this.fields.with("host", "Host", host);
    }
    return true;
  }

  #meetsExpectation(): boolean {
    const expectation = this.fields.get("expect");
    if (expectation === undefined) return true;
    if (expectation.toLowerCase() === "100-continue") {
      return this.handleExpect100();
    }
    this.sendError(417);
    return false;
  }

  /**
   * Calls the `do_*` method of the request. A subclass can check every request
   * here, for permissions say, before it calls `super.dispatchRequest()`.
   *
   * @returns What that method returns.
   *
   * @example For all methods
   * ```ts
   * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
   * import { respond } from "@pystd/http-server/testing";
   * import { assertEquals } from "@std/assert/equals";
   *
   * class Closed extends BaseHTTPRequestHandler {
   *   protected override dispatchRequest(): unknown {
   *     if (this.headers.get("x-key") === "42") return super.dispatchRequest();
   *     return this.sendError(403);
   *   }
   * }
   *
   * const { status } = await respond(Closed, "GET / HTTP/1.0\r\n\r\n");
   * assertEquals(status, 403);
   * ```
   */
  protected dispatchRequest(): unknown {
    const name = `do_${this.command}`;
    const method = (this as unknown as Record<string, unknown>)[name];
    if (typeof method === "function") return method.call(this);
    this.sendError(501, `Unsupported method (${repr(this.command)})`);
    return undefined;
  }

  /**
   * Answers `Expect: 100-continue`, by default with 100.
   *
   * @returns Whether to handle the request; `false` after an error was sent.
   */
  handleExpect100(): boolean {
    this.sendResponseOnly(100);
    this.endHeaders();
    return true;
  }

  /**
   * Sends an error page and logs it. The connection ends after it, unless
   * `keepsConnectionAfterError()` returns `true`.
   *
   * @param code The status code.
   * @param message The reason; by default the short text in `responses`.
   * @param explain A longer explanation; by default the long text there.
   * @throws {TypeError} If `message` has a CR, LF or NUL.
   *
   * @example With a reason
   * ```ts
   * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
   * import { respond } from "@pystd/http-server/testing";
   * import { assertEquals } from "@std/assert/equals";
   *
   * class Gone extends BaseHTTPRequestHandler {
   *   do_GET(): void {
   *     this.sendError(410, "Sold out");
   *   }
   * }
   *
   * const { text } = await respond(Gone, "GET / HTTP/1.0\r\n\r\n");
   * assertEquals(text.split("\r\n")[0], "HTTP/1.0 410 Sold out");
   * ```
   */
  sendError(code: number, message?: string, explain?: string): void {
    checkStatus(code);
    const cls = this.#class;
    const [short, long] = cls.responses[code] ?? ["???", "???"];
    message ??= short;
    explain ??= long;
    this.logError("code %d, message %s", code, message);
    this.sendResponse(code, message);
    if (this.closeConnection || !this.keepsConnectionAfterError(code)) {
      this.sendHeader("Connection", "close");
    }
    let body: Uint8Array | undefined;
    // A 205 has no page, as in CPython.
    if (allowsBody(code)) {
      const page = errorPage(
        cls.errorMessageFormat,
        code,
        message,
        explain,
        this.home,
      );
      body = Buffer.from(page, "utf8");
      this.sendHeader("Content-Type", cls.errorContentType);
      this.sendHeader("Content-Length", body.length);
    }
    this.endHeaders();
    if (body !== undefined && this.command !== "HEAD") this.wfile.write(body);
  }

  /** Address of the server's root, for error pages. */
  protected get home(): string {
    return "/";
  }

  /**
   * Returns whether the connection may persist after an error. In CPython it
   * never does, and never after an error of framing.
   *
   * @param _code The status code of the error.
   * @returns Whether to leave `closeConnection` as it is.
   */
  keepsConnectionAfterError(_code: number): boolean {
    return false;
  }

  /**
   * Starts a response: logs the request, adds the status line, `Server` and
   * `Date`.
   *
   * @param code The status code.
   * @param message The reason; by default the short text in `responses`.
   * @throws {TypeError} If `message` has a CR, LF or NUL.
   */
  sendResponse(code: number, message?: string): void {
    this.logRequest(code);
    this.sendResponseOnly(code, message);
    const server = this.versionString();
    const date = this.dateTimeString();
    if (server !== signature.server || date !== signature.date) {
      const block = new HeaderBlock([["Server", server], ["Date", date]]);
      signature = { server, date, block };
    }
    this.sendHeaderBlock(signature.block);
  }

  /**
   * Adds the status line alone.
   *
   * @param code The status code.
   * @param message The reason; by default the short text in `responses`.
   * @throws {TypeError} If `message` has a CR, LF or NUL.
   */
  sendResponseOnly(code: number, message?: string): void {
    checkStatus(code);
    const cls = this.#class;
    // RFC 9110 15.2: a 1xx MUST NOT be sent to a client that speaks HTTP/1.0.
    const silent = this.requestVersion === "HTTP/0.9" ||
      (code < 200 && this.#state.strict && !this.#state.atLeast11);
    this.#state.response.begin(code, { silent, strict: this.#state.strict });
    const reason = message ?? cls.responses[code]?.[0] ?? "";
    this.#state.response.addStatusLine(cls.protocolVersion, reason);
  }

  /**
   * Adds a header field to the response.
   *
   * @param keyword The field's name, sent in this spelling.
   * @param value The field's value.
   * @throws {TypeError} If either has a CR, LF or NUL, or cannot be sent as
   * latin-1 text, or a `Content-Length` is not a number.
   *
   * @example A redirect
   * ```ts
   * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
   * import { respond } from "@pystd/http-server/testing";
   * import { assertEquals } from "@std/assert/equals";
   *
   * class Redirect extends BaseHTTPRequestHandler {
   *   do_GET(): void {
   *     this.sendResponse(302);
   *     this.sendHeader("Location", `/new${this.path}`);
   *     this.sendHeader("Content-Length", 0);
   *     this.endHeaders();
   *   }
   * }
   *
   * const { headers } = await respond(Redirect, "GET /a HTTP/1.0\r\n\r\n");
   * assertEquals(headers.get("location"), "/new/a");
   * ```
   */
  sendHeader(keyword: string, value: string | number): void {
    const text = typeof value === "string" ? value : textOf(keyword, value);
    const option = this.#state.response.add(keyword, text);
    if (option !== undefined) this.closeConnection = option === "close";
  }

  /**
   * Adds header fields that were checked once, for many responses. Calls
   * `sendHeader` for each of them if a subclass overrides it.
   *
   * @param block The fields.
   */
  protected sendHeaderBlock(block: HeaderBlock): void {
    if (this.sendHeader === ownSendHeader) {
      this.#state.response.addBlock(block);
      return;
    }
    for (const [name, value] of block.fields) this.sendHeader(name, value);
  }

  /** Ends the header block and writes it to `wfile`. */
  endHeaders(): void {
    const { response } = this.#state;
    const { status } = response;
    try {
      if (status >= 200) {
        const { observation } = this.#state;
        if (observation !== undefined) {
          for (const [name, value] of observation.headFields(status)) {
            this.sendHeader(name, value);
          }
        }
        this.closeConnection = this.#state.frameResponse(
          this.wfile,
          this.command,
          this.closeConnection,
          this.#class.confirmsConnection,
        );
      }
      // The bytes after a 101 are not HTTP.
      if (status === 101) this.wfile.beginBody(Infinity, false);
    } catch (error) {
      response.take();
      throw error;
    }
    response.end();
    this.flushHeaders();
    if (status < 200 && status !== 101) {
      this.wfile.beginResponse(this.#state.strict);
    }
  }

  /**
   * Ends the header block of a response of unknown length. The body is sent in
   * chunks to a client that speaks HTTP/1.1, and ends with the connection
   * otherwise.
   *
   * @returns The body, to be written.
   *
   * @example Count
   * ```ts
   * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
   * import { respond } from "@pystd/http-server/testing";
   * import { assertEquals } from "@std/assert/equals";
   *
   * class Counter extends BaseHTTPRequestHandler {
   *   static override protocolVersion = "HTTP/1.1";
   *   async do_GET(): Promise<void> {
   *     this.sendResponse(200);
   *     const body = this.endHeadersOfStream();
   *     for (let i = 1; i <= 3; i++) await body.write(`${i}\n`);
   *     await body.end();
   *   }
   * }
   *
   * const { headers, body } = await respond(Counter, "GET / HTTP/1.0\r\n\r\n");
   * assertEquals(headers.get("transfer-encoding"), null); // HTTP/1.0 has none
   * assertEquals(body, "1\n2\n3\n");
   * ```
   */
  endHeadersOfStream(): BodyStream {
    const chunked = this.#state.strict && isAtLeast11(this.requestVersion);
    if (chunked) this.sendHeader("Transfer-Encoding", "chunked");
    this.endHeaders();
    return new BodyStream(this.wfile, chunked);
  }

  /** Writes the header block so far to `wfile`. */
  flushHeaders(): void {
    const text = this.#state.response.take();
    if (text !== "") this.wfile.writeHead(text);
  }

  /**
   * Logs a request that was accepted: `"GET / HTTP/1.1" 200 -`.
   *
   * @param code The status code.
   * @param size The size of the response in bytes, if known.
   */
  logRequest(code: number | string = "-", size: number | string = "-"): void {
    this.logMessage('"%s" %s %s', this.requestline, code, size);
  }

  /**
   * Logs that a request could not be served.
   *
   * @param format A printf-style format.
   * @param args The values for its conversions.
   */
  logError(format: string, ...args: unknown[]): void {
    this.logMessage(format, ...args);
  }

  /**
   * Logs a message with the client's address and the time. Control characters
   * are escaped, so that a client cannot forge log lines.
   *
   * @param format A printf-style format.
   * @param args The values for its conversions.
   *
   * @example A log without requests
   * ```ts
   * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
   * import { respond } from "@pystd/http-server/testing";
   * import { assertEquals } from "@std/assert/equals";
   *
   * class Reserved extends BaseHTTPRequestHandler {
   *   do_GET(): void {
   *     this.logMessage("%s wants %s", "somebody", this.path);
   *     this.sendError(404);
   *   }
   *   override logRequest(): void {}
   *   override logError(): void {}
   * }
   *
   * const { log } = await respond(Reserved, "GET /a HTTP/1.0\r\n\r\n");
   * assertEquals(log.map((line) => line.split("] ")[1]), ["somebody wants /a"]);
   * ```
   */
  logMessage(format: string, ...args: unknown[]): void {
    const message = escapeControls(formatPercent(format, args));
    const time = this.logDateTimeString();
    this.writeLog(`${this.addressString()} - - [${time}] ${message}`);
  }

  /**
   * Writes a finished log line to stderr, without waiting for it.
   *
   * @param line The line, without its end.
   */
  writeLog(line: string): void {
    logLine(line);
  }

  /**
   * Returns the value of the `Server` header.
   *
   * @returns `serverVersion` and `sysVersion`.
   */
  versionString(): string {
    return `${this.#class.serverVersion} ${this.#class.sysVersion}`;
  }

  /**
   * Formats a date for a header.
   *
   * @param timestamp The date, or its epoch milliseconds; now by default.
   * @returns The HTTP-date: `Sun, 06 Nov 1994 08:49:37 GMT`.
   *
   * @example Another header with a date
   * ```ts
   * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
   * import { respond } from "@pystd/http-server/testing";
   * import { assertEquals } from "@std/assert/equals";
   *
   * class Old extends BaseHTTPRequestHandler {
   *   do_GET(): void {
   *     this.sendResponse(200);
   *     this.sendHeader("Last-Modified", this.dateTimeString(784111777000));
   *     this.endHeaders();
   *   }
   * }
   *
   * const { headers } = await respond(Old, "GET / HTTP/1.0\r\n\r\n");
   * const date = "Sun, 06 Nov 1994 08:49:37 GMT";
   * assertEquals(headers.get("last-modified"), date);
   * ```
   */
  dateTimeString(timestamp?: Date | number): string {
    const date = timestamp === undefined
      ? currentHttpDate(Date.now())
      : formatHttpDate(Number(timestamp));
    const { weekdayname, monthname } = this.#class;
    if (weekdayname === WEEKDAY_NAMES && monthname === MONTH_NAMES) return date;
    const weekday = weekdayname[WEEKDAY_NAMES.indexOf(date.slice(0, 3))];
    const month = monthname[MONTH_NAMES.indexOf(date.slice(8, 11))];
    return `${weekday}, ${date.slice(5, 8)}${month}${date.slice(11)}`;
  }

  /**
   * Returns the current date for the log.
   *
   * @returns The local time: `06/Nov/1994 08:49:37`.
   */
  logDateTimeString(): string {
    const date = formatLogDate(Date.now());
    const { monthname } = this.#class;
    if (monthname === MONTH_NAMES) return date;
    const month = monthname[MONTH_NAMES.indexOf(date.slice(3, 6))];
    return `${date.slice(0, 3)}${month}${date.slice(6)}`;
  }

  /**
   * Returns the client's address, for the log and for counters by address.
   *
   * @returns The client's host, as a trusted proxy reports it if there is one.
   */
  addressString(): string {
    return this.forwarded?.address ?? this.clientAddress[0];
  }

  /** Status of the response begun last; 0 if there is none. */
  protected get status(): number {
    return this.#state.response.status;
  }

  /**
   * Tells observers the pattern of the request's path, such as `/users/{id}`.
   * There should be few of them, since metrics are counted by pattern.
   *
   * @param route The pattern: `http.route` of OpenTelemetry.
   */
  setRoute(route: string): void {
    this.#state.observation?.setRoute(route);
  }

  /**
   * Runs a part of the request's work that observers see: as a span, or as an
   * entry of `Server-Timing`.
   *
   * @param name The part's name, a token: `cgi`.
   * @param work The work. It gets an object for details.
   * @param attributes Details.
   * @returns What the work returns.
   *
   * @example A part of the work
   * ```ts
   * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
   * import { respond } from "@pystd/http-server/testing";
   * import { assertEquals } from "@std/assert/equals";
   *
   * class Sum extends BaseHTTPRequestHandler {
   *   do_GET(): void {
   *     const sum = this.observePart("sum", () => 1 + 2);
   *     this.sendResponse(200);
   *     this.endHeaders();
   *     this.wfile.write(`${sum}\n`);
   *   }
   * }
   *
   * assertEquals((await respond(Sum, "GET / HTTP/1.0\r\n\r\n")).body, "3\n");
   * ```
   */
  observePart<T>(
    name: string,
    work: (part: ObservedPart) => T,
    attributes: PartAttributes = {},
  ): T {
    const { observation } = this.#state;
    return observation === undefined
      ? work(UNOBSERVED)
      : observation.part(name, work, attributes);
  }

  /** Header fields that tell other programs the trace context of the request. */
  protected get traceFields(): readonly Field[] {
    return this.#state.observation?.traceFields ?? [];
  }

  /**
   * Waits until the client disconnects, so that a handler can stop work that
   * nobody waits for. The request's body must have been read.
   *
   * @param signal Ends the waiting.
   * @returns Whether the client has disconnected.
   */
  protected async clientDisconnected(signal: AbortSignal): Promise<boolean> {
    while (!signal.aborted && this.rfile.ended) {
      // A client that sends more requests is still connected.
      if (this.#reader.available > this.#class.maxHeadBytes) return false;
      if (!await this.#reader.readAhead()) return !signal.aborted;
    }
    return false;
  }

  /**
   * Makes the request wait for a promise, whether or not the caller awaits it.
   * Methods that subclasses call by `super` wrap their promise in this, so that
   * `do_GET() { super.do_GET(); }` works as in Python.
   *
   * @param work The promise.
   * @returns A promise of its result.
   */
  protected waitUntil<T>(work: Promise<T>): Promise<T> {
    return (this.#state.tasks ??= new PendingTasks()).add(work);
  }

  #fail(error: unknown): void {
    failRequest(this, this.#state, error, this.#reader.ended);
  }

  static #giveUp(limit: ExceededLimit, handler: BaseHTTPRequestHandler): void {
    timeOut(handler, handler.#state, limit);
    handler.#close();
  }

  /** Returns whether the client may still be sending. */
  #mayCome(): boolean {
    const reader = this.#reader;
    const { allRead, serverCloses, bodyEnded } = this.#state;
    const all = allRead && !serverCloses && bodyEnded &&
      reader.available === 0;
    return !all && !reader.ended;
  }

  #close(): void {
    try {
      this.#connection.close();
    } catch {
      // It is closed.
    }
  }
}

/** Explains a 421 to a person who has typed another name. */
const UNKNOWN_HOST =
  "This server does not answer to that name; use its address";

/** `handle` unless a subclass overrides it. */
const ownHandle = BaseHTTPRequestHandler.prototype.handle;

/** `handleOneRequest` unless a subclass overrides it. */
const ownHandleOneRequest = BaseHTTPRequestHandler.prototype.handleOneRequest;

/** `sendHeader` unless a subclass overrides it. */
const ownSendHeader = BaseHTTPRequestHandler.prototype.sendHeader;

/** `Server` and `Date` of the last response. */
let signature = { server: "", date: "", block: new HeaderBlock([]) };

/** Checks a value at run time: one parsed from JSON may have any type. */
function textOf(keyword: string, value: unknown): string {
  if (typeof value === "number") return `${value}`;
  throw new TypeError(
    `Cannot send the header ${keyword}: its value is neither text nor a number`,
  );
}

/** Rethrows an error in the next turn, when a method that drops it has ended. */
async function rejectNextTurn(error: unknown): Promise<never> {
  await new Promise((resolve) => setImmediate(resolve));
  throw error;
}

function checkStatus(code: unknown): void {
  if (typeof code === "number") return;
  throw new TypeError(`Cannot send the status ${code}: it is not a number`);
}
