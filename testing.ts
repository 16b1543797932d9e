// Copyright 2026 the pystd authors. MIT license.

/**
 * Tests handlers without sockets: a connection in memory, and a function that
 * returns a handler's response to a request given as text.
 *
 * Text is latin-1: one character is one byte, so that tests can send and compare
 * any bytes.
 *
 * @example Test a handler
 * ```ts
 * import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * class Greeter extends BaseHTTPRequestHandler {
 *   do_GET(): void {
 *     this.sendResponse(200);
 *     this.sendHeader("Content-Length", 6);
 *     this.endHeaders();
 *     this.wfile.write("hello\n");
 *   }
 * }
 *
 * const response = await respond(Greeter, "GET / HTTP/1.0\r\n\r\n");
 * assertEquals(response.status, 200);
 * assertEquals(response.body, "hello\n");
 * assertEquals(response.writes, 1);
 * ```
 *
 * @module
 */

import { Buffer } from "node:buffer";
import type { BaseHTTPRequestHandler } from "./handlers/base.ts";
import { disconnectError } from "./io/client_errors.ts";
import type { Connection } from "./io/connection.ts";
import type { ClientAddress } from "./server/address.ts";
import { HTTPServer } from "./server/http_server.ts";

/** Options of {@linkcode MemoryConnection}. */
export interface MemoryConnectionOptions {
  /**
   * Most bytes that one `read` returns; 1 feeds a handler byte by byte.
   *
   * @default {Infinity}
   */
  readSize?: number;
  /**
   * Most bytes that one `write` accepts.
   *
   * @default {Infinity}
   */
  writeSize?: number;
  /**
   * The address of the client.
   *
   * @default {{ transport: "tcp", hostname: "127.0.0.1", port: 50000 }}
   */
  remoteAddr?: Deno.Addr;
}

/** A handler class; it may require a particular server class. */
export type HandlerClass =
  & Pick<
    typeof BaseHTTPRequestHandler,
    Exclude<keyof typeof BaseHTTPRequestHandler, "prototype">
  >
  & (new (
    request: Connection,
    clientAddress: ClientAddress,
    // deno-lint-ignore no-explicit-any -- `BaseServer` would exclude such classes
    server: any,
  ) => BaseHTTPRequestHandler);

const LOCAL: Deno.Addr = { transport: "tcp", hostname: "127.0.0.1", port: 80 };
const REMOTE: Deno.Addr = {
  transport: "tcp",
  hostname: "127.0.0.1",
  port: 50000,
};

/**
 * A connection in memory. Reads return what the test passed to
 * {@linkcode MemoryConnection.send}; writes are recorded.
 *
 * @example Usage
 * ```ts
 * import { MemoryConnection } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const connection = new MemoryConnection("ping");
 * const buffer = new Uint8Array(8);
 * assertEquals(await connection.read(buffer), 4);
 * await connection.write(new TextEncoder().encode("pong"));
 * assertEquals(connection.text, "pong");
 * ```
 */
export class MemoryConnection implements Connection {
  /** The server's end: `127.0.0.1`, port 80. */
  readonly localAddr: Deno.Addr = LOCAL;
  /** The client's end. */
  readonly remoteAddr: Deno.Addr;
  /** The bytes of each write, in order. */
  readonly writes: Uint8Array[] = [];
  /** Whether the server has closed the connection. */
  closed = false;
  #options: MemoryConnectionOptions;
  #input: Uint8Array[] = [];
  #ended = false;
  #stalled = false;
  #error: Error | undefined;
  #changed = Promise.withResolvers<void>();

  /**
   * Creates a connection.
   *
   * @param input Bytes that the client has sent; text as latin-1.
   * @param options See {@linkcode MemoryConnectionOptions}.
   */
  constructor(
    input: string | Uint8Array = "",
    options: MemoryConnectionOptions = {},
  ) {
    this.#options = options;
    this.remoteAddr = options.remoteAddr ?? REMOTE;
    this.send(input);
  }

  /** All bytes written so far. */
  get bytes(): Uint8Array {
    return Buffer.concat(this.writes);
  }

  /** All bytes written so far, as latin-1 text. */
  get text(): string {
    return Buffer.concat(this.writes).toString("latin1");
  }

  /**
   * Sends bytes as the client.
   *
   * @param input The bytes; text as latin-1.
   */
  send(input: string | Uint8Array): void {
    if (input.length === 0) return;
    this.#input.push(
      typeof input === "string" ? Buffer.from(input, "latin1") : input,
    );
    this.#announce();
  }

  /** Ends the stream as the client. */
  end(): void {
    this.#ended = true;
    this.#announce();
  }

  /** Stops accepting bytes: writes wait. */
  stall(): void {
    this.#stalled = true;
  }

  /** Accepts bytes again after `stall()`. */
  resume(): void {
    this.#stalled = false;
    this.#announce();
  }

  /**
   * Fails the connection, as if the client had reset it.
   *
   * @param error Thrown by all further reads and writes.
   */
  fail(error: Error = resetError()): void {
    this.#error = error;
    this.#announce();
  }

  /**
   * Reads bytes that the client has sent; waits if there are none.
   *
   * @param buffer Receives the bytes.
   * @returns The number of bytes, `null` at the end of the stream.
   * @throws {Deno.errors.BadResource} If the connection is closed.
   */
  async read(buffer: Uint8Array): Promise<number | null> {
    for (;;) {
      this.#check();
      const piece = this.#input[0];
      if (piece !== undefined) {
        const { readSize = Infinity } = this.#options;
        const count = Math.min(piece.length, buffer.length, readSize);
        buffer.set(piece.subarray(0, count));
        if (count === piece.length) this.#input.shift();
        else this.#input[0] = piece.subarray(count);
        return count;
      }
      if (this.#ended) return null;
      await this.#changed.promise;
    }
  }

  /**
   * Records bytes; waits while the client is stalled.
   *
   * @param data The bytes.
   * @returns The number of bytes accepted.
   * @throws {Deno.errors.BadResource} If the connection is closed.
   */
  async write(data: Uint8Array): Promise<number> {
    while (this.#stalled && this.#error === undefined && !this.closed) {
      await this.#changed.promise;
    }
    this.#check();
    const { writeSize = Infinity } = this.#options;
    const taken = data.slice(0, Math.min(data.length, writeSize));
    this.writes.push(new Uint8Array(taken));
    return taken.length;
  }

  /** Closes the connection; reads and writes in progress fail. */
  close(): void {
    this.closed = true;
    this.#announce();
  }

  /**
   * Ends the stream as the client too. Later writes are recorded all the same.
   *
   * @returns A resolved promise.
   */
  closeWrite(): Promise<void> {
    this.end();
    return Promise.resolve();
  }

  #check(): void {
    if (this.#error !== undefined) throw this.#error;
    if (this.closed) throw closedError();
  }

  #announce(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers<void>();
  }
}

/** The response of a handler. */
export interface RawResponse {
  /** The status of the first response; 0 if there is no status line. */
  status: number;
  /** The header fields of the first response. */
  headers: Headers;
  /** All bytes behind the first head, as UTF-8 text. */
  body: string;
  /** All bytes sent, as latin-1 text. */
  text: string;
  /** Number of writes. */
  writes: number;
  /** The log lines. */
  log: string[];
}

/**
 * Sends bytes to a handler over one connection, ends the stream, and returns the
 * response.
 *
 * @param Handler The handler class.
 * @param rawRequest One or more requests, byte for byte; text as latin-1.
 * @param options See {@linkcode MemoryConnectionOptions}.
 * @returns The response.
 * @throws {Error} What a method of the handler throws.
 *
 * @example Two requests on one connection
 * ```ts
 * import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
 * import { respond } from "@pystd/http-server/testing";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const request = "BREW / HTTP/1.1\r\nHost: h\r\n\r\n";
 * const response = await respond(SimpleHTTPRequestHandler, request);
 * assertEquals(response.status, 501);
 * assertEquals(response.headers.get("Connection"), "close");
 * ```
 */
export async function respond(
  Handler: HandlerClass,
  rawRequest: string | Uint8Array,
  options: MemoryConnectionOptions = {},
): Promise<RawResponse> {
  const log: string[] = [];
  class Recording extends Handler {
    override writeLog(line: string): void {
      log.push(line);
    }
  }
  const connection = new MemoryConnection(rawRequest, options);
  connection.end();
  const server = new HTTPServer(["127.0.0.1", 0], Recording, {
    bindAndActivate: false,
  });
  const { remoteAddr } = connection;
  const address: [string, number] = "hostname" in remoteAddr
    ? [remoteAddr.hostname, remoteAddr.port]
    : ["unix", 0];
  await new Recording(connection, address, server).run();
  const { text, bytes, writes } = connection;
  return {
    ...parseFirstResponse(text, bytes),
    text,
    writes: writes.length,
    log,
  };
}

function resetError(): Error {
  const errors = globalThis.Deno?.errors;
  return errors === undefined
    ? disconnectError()
    : new errors.ConnectionReset("Reset by peer");
}

function closedError(): Error {
  const errors = globalThis.Deno?.errors;
  return errors === undefined
    ? disconnectError()
    : new errors.BadResource("Bad resource ID");
}

function parseFirstResponse(
  text: string,
  bytes: Uint8Array,
): Pick<RawResponse, "status" | "headers" | "body"> {
  const headers = new Headers();
  const decoder = new TextDecoder();
  const end = text.indexOf("\r\n\r\n");
  const status = /^HTTP\/[0-9.]+ ([0-9]{3})/.exec(text)?.[1];
  if (end === -1 || status === undefined) {
    return { status: 0, headers, body: decoder.decode(bytes) };
  }
  for (const line of text.slice(0, end).split("\r\n").slice(1)) {
    const colon = line.indexOf(":");
    headers.append(line.slice(0, colon), line.slice(colon + 1));
  }
  const body = decoder.decode(bytes.subarray(end + 4));
  return { status: Number(status), headers, body };
}
