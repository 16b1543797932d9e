// Copyright 2026 the pystd authors. MIT license.

/**
 * A server under test, on a free port of 127.0.0.1. Keeps its log and its
 * handlers' errors by connection.
 *
 * @module
 */

import type { BaseHTTPRequestHandler } from "../../handlers/base.ts";
import { type ClientAddress, ThreadingHTTPServer } from "../../server.ts";

/** Lines by the client's port. */
type Lines = Map<number, string[]>;

/** A running server; disposing of it stops it. */
export class TestServer implements AsyncDisposable {
  readonly #logs: Lines = new Map();
  readonly #errors: Lines = new Map();
  readonly #serving: Promise<void>;

  /** The server itself. */
  readonly httpd: ThreadingHTTPServer;

  /**
   * Starts a server.
   *
   * @param Handler The handler class.
   */
  constructor(Handler: typeof BaseHTTPRequestHandler) {
    const Recording = recording(Handler, this.#logs);
    this.httpd = new RecordingServer(this.#errors, Recording);
    this.#serving = this.httpd.serveForever();
  }

  /**
   * The port it listens on.
   *
   * @returns The port number.
   */
  get port(): number {
    return this.httpd.serverPort;
  }

  /**
   * Returns the log lines for one client so far.
   *
   * @param localPort The client's own port.
   * @returns The lines without their ends, oldest first.
   */
  log(localPort: number): string[] {
    return this.#logs.get(localPort) ?? [];
  }

  /**
   * Returns the handlers' errors for one client so far.
   *
   * @param localPort The client's own port.
   * @returns The errors as text, oldest first.
   */
  errors(localPort: number): string[] {
    return this.#errors.get(localPort) ?? [];
  }

  /** Stops the server and waits until it has stopped. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.httpd.shutdown();
    await this.#serving;
    await this.httpd.serverClose();
  }
}

class RecordingServer extends ThreadingHTTPServer {
  readonly #errors: Lines;

  constructor(errors: Lines, Handler: typeof BaseHTTPRequestHandler) {
    super(["127.0.0.1", 0], Handler);
    this.#errors = errors;
  }

  override handleError(
    _request: unknown,
    clientAddress: ClientAddress,
    error: unknown,
  ): void {
    add(this.#errors, clientAddress, String(error));
  }
}

function recording(
  Handler: typeof BaseHTTPRequestHandler,
  logs: Lines,
): typeof BaseHTTPRequestHandler {
  return class extends Handler {
    override writeLog(line: string): void {
      add(logs, this.clientAddress, line);
    }
  };
}

function add(lines: Lines, [, port]: ClientAddress, line: string): void {
  const own = lines.get(port);
  if (own === undefined) lines.set(port, [line]);
  else own.push(line);
}
