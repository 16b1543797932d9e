// Copyright 2026 the pystd authors. MIT license.

/**
 * A client that sends exactly the given bytes.
 *
 * `fetch` and URL classes normalise `..`, bare line feeds and odd header lines,
 * so tests use raw sockets. Bytes are latin-1 text: one character per byte.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { type Answer, parseAnswers } from "./answers.ts";

/**
 * A part of a request: text as latin-1, bytes, repeated text, or a pause after
 * sending all earlier parts.
 */
export type Part =
  | string
  | Uint8Array
  | { repeat: string; times: number }
  | { pause_ms: number };

/**
 * Interval at which {@linkcode RawClient.waitFor} checks its condition, in ms.
 */
const LOOK_AGAIN = 20;

/**
 * Encodes text, one byte per character.
 *
 * @param text Characters up to U+00FF.
 * @returns The bytes.
 */
export function encodeLatin1(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/**
 * Decodes bytes, one character per byte. `TextDecoder("latin1")` would be
 * windows-1252.
 *
 * @param bytes Any bytes.
 * @returns As many characters, up to U+00FF.
 */
export function decodeLatin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString("latin1");
}

/**
 * Waits for a time, if there is no event to wait for.
 *
 * @param ms The time in ms.
 * @returns A promise that resolves after that time.
 */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Waits until a port refuses connections. A program started by another test has
 * a copy of each socket between fork and exec, so a port may stay open for a
 * moment after its server closes.
 *
 * @param port The port on 127.0.0.1.
 * @returns Whether it refuses them in time.
 */
export async function nobodyListens(port: number): Promise<boolean> {
  for (let tries = 0; tries < 500; tries++) {
    try {
      (await Deno.connect({ hostname: "127.0.0.1", port })).close();
    } catch {
      return true;
    }
    await pause(LOOK_AGAIN);
  }
  return false;
}

/**
 * A connection that is read from the start, so that no response is lost if the
 * server answers early and resets the connection.
 */
export class RawClient implements AsyncDisposable {
  readonly #conn: Deno.TcpConn;
  readonly #reading: Promise<void>;
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();
  #disposed = false;

  /** All data received, as latin-1. */
  received = "";
  /** Whether the server closed the connection, or reset it. */
  closed = false;
  /** Whether the server reset the connection. */
  reset = false;

  /**
   * Wraps a connection.
   *
   * @param conn A connection with no other reader.
   */
  constructor(conn: Deno.TcpConn) {
    this.#conn = conn;
    this.#reading = this.#read();
  }

  /**
   * Connects.
   *
   * @param port The port of the server.
   * @param hostname Its address.
   * @returns The client, to be disposed of.
   */
  static async connect(
    port: number,
    hostname = "127.0.0.1",
  ): Promise<RawClient> {
    return new RawClient(await Deno.connect({ hostname, port }));
  }

  /**
   * The client's own port, which identifies it to the server.
   *
   * @returns The port number.
   */
  get localPort(): number {
    return this.#conn.localAddr.port;
  }

  /**
   * Sends parts. If the server closes the connection, sending ends, and
   * {@linkcode RawClient.closed} is set.
   *
   * @param parts The parts, in order.
   * @returns A promise that resolves when the system has accepted or refused
   * all of them.
   */
  async send(...parts: Part[]): Promise<void> {
    try {
      for (const part of parts) {
        if (typeof part === "object" && "pause_ms" in part) {
          await pause(part.pause_ms);
        } else {
          await this.#write(toBytes(part));
        }
      }
    } catch (error) {
      if (!isDisconnect(error)) throw error;
    }
  }

  /**
   * Closes the sending side, and keeps reading.
   *
   * @returns A promise that resolves when it is closed.
   */
  async closeWrite(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (error) {
      if (!isDisconnect(error)) throw error;
    }
  }

  /**
   * Waits until a condition holds. Checks it when data arrives, when the
   * connection closes, and every 20 ms.
   *
   * @param condition The condition, for example on {@linkcode
   * RawClient.received}.
   * @param ms The longest wait, in ms.
   * @returns Whether it held in time.
   */
  async waitFor(condition: () => boolean, ms = 20_000): Promise<boolean> {
    const until = performance.now() + ms;
    while (!condition()) {
      const left = until - performance.now();
      if (left <= 0) return false;
      await this.#next(Math.min(left, LOOK_AGAIN));
    }
    return true;
  }

  /**
   * Waits for silence.
   *
   * @param ms The length of the silence, in ms.
   * @returns Whether nothing arrived, not even the end of the connection.
   */
  async silence(ms = 250): Promise<boolean> {
    const before = this.received.length;
    const spoke = () => this.closed || this.received.length > before;
    return !(await this.waitFor(spoke, ms));
  }

  /** Closes the connection. */
  async [Symbol.asyncDispose](): Promise<void> {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#conn.close();
    await this.#reading;
  }

  async #write(bytes: Uint8Array): Promise<void> {
    for (let sent = 0; sent < bytes.length;) {
      sent += await this.#conn.write(bytes.subarray(sent));
    }
  }

  async #read(): Promise<void> {
    const buffer = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        const count = await this.#conn.read(buffer);
        if (count === null) break;
        this.received += decodeLatin1(buffer.subarray(0, count));
        this.#announce();
      }
    } catch (error) {
      if (this.#disposed) return;
      if (!isDisconnect(error)) throw error;
      this.reset = true;
    }
    this.closed = true;
    this.#announce();
  }

  #announce(): void {
    this.#changed.resolve();
    this.#changed = Promise.withResolvers();
  }

  async #next(ms: number): Promise<void> {
    const timer = setTimeout(this.#changed.resolve, ms);
    try {
      await this.#changed.promise;
    } finally {
      clearTimeout(timer);
      this.#changed = Promise.withResolvers();
    }
  }
}

/**
 * Sends a request on a new connection, and reads until the server closes it, or
 * the response is complete and silence follows.
 *
 * @param port The server's port.
 * @param request What to send.
 * @returns The responses, in order.
 */
export async function ask(
  port: number,
  ...request: Part[]
): Promise<Answer[]> {
  await using client = await RawClient.connect(port);
  await client.send(...request);
  const methods = methodsOf(flatten(request));
  const complete = () => {
    const answers = parseAnswers(client.received, methods);
    const final = answers.filter(({ status }) => status >= 200);
    return final.length >= Math.max(1, methods.length) &&
      answers.every((answer) => answer.complete);
  };
  await client.waitFor(() => client.closed || complete());
  if (!client.closed) await client.silence(50);
  return parseAnswers(client.received, methods);
}

/**
 * Joins the parts of a request, without pauses.
 *
 * @param parts The parts.
 * @returns The request as latin-1.
 */
export function flatten(parts: readonly Part[]): string {
  return parts.map((part) =>
    typeof part === "object" && "pause_ms" in part
      ? ""
      : decodeLatin1(toBytes(part))
  ).join("");
}

/**
 * Returns the methods of the requests in a text. (A response to `HEAD` has no
 * body, whatever its fields say.)
 *
 * @param request One or more requests, bodies included.
 * @returns The methods, in order.
 */
export function methodsOf(request: string): string[] {
  const lines = request.matchAll(/^(\S+) [^\r\n]*HTTP\/\d+\.\d+\r?$/gm);
  return [...lines].map((match) => match[1]!);
}

function toBytes(
  part: string | Uint8Array | { repeat: string; times: number },
): Uint8Array {
  if (part instanceof Uint8Array) return part;
  if (typeof part === "string") return encodeLatin1(part);
  return encodeLatin1(part.repeat.repeat(part.times));
}

function isDisconnect(error: unknown): boolean {
  return error instanceof Deno.errors.ConnectionReset ||
    error instanceof Deno.errors.ConnectionAborted ||
    error instanceof Deno.errors.BrokenPipe ||
    error instanceof Deno.errors.NotConnected;
}
