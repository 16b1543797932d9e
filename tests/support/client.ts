// Copyright 2026 the pystd authors. MIT license.

/**
 * A client that sends exactly the bytes it is told to.
 *
 * `fetch` and every URL class normalise the evidence away (`..`, bare line
 * feeds, odd header lines), so the tests speak over a raw socket. Bytes are
 * handled as latin-1 text: one character, one byte.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { type Answer, parseAnswers } from "./answers.ts";

/**
 * What a client sends: text as latin-1, bytes, a text repeated, or a pause
 * with all that came before already sent.
 */
export type Part =
  | string
  | Uint8Array
  | { repeat: string; times: number }
  | { pause_ms: number };

/** How often {@linkcode RawClient.waitFor} looks again by itself, in ms. */
const LOOK_AGAIN = 20;

/**
 * Encodes text, one character a byte.
 *
 * @param text Characters up to U+00FF.
 * @returns The bytes.
 */
export function encodeLatin1(text: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(text, "latin1"));
}

/**
 * Decodes bytes, one byte a character. `TextDecoder("latin1")` will not do:
 * it is windows-1252 on the web.
 *
 * @param bytes Any bytes.
 * @returns As many characters, up to U+00FF.
 */
export function decodeLatin1(bytes: Uint8Array): string {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
    .toString("latin1");
}

/**
 * Waits, for what has no event to wait for.
 *
 * @param ms How long, in ms.
 * @returns When the time is over.
 */
export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/**
 * Waits until a port refuses connections. A program that a test beside this
 * one starts has a copy of each socket between fork and exec, so that a port
 * may stay open for a moment when its server is closed.
 *
 * @param port The port, of 127.0.0.1.
 * @returns Whether it came to refuse them.
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
 * One connection, read from its first moment on, so that a server that answers
 * and resets before the request is out loses nothing that had arrived.
 */
export class RawClient implements AsyncDisposable {
  readonly #conn: Deno.TcpConn;
  readonly #reading: Promise<void>;
  #changed: PromiseWithResolvers<void> = Promise.withResolvers();
  #disposed = false;

  /** All that has arrived, as latin-1. */
  received = "";
  /** Whether the server closed the connection, or reset it. */
  closed = false;
  /** Whether it was a reset. */
  reset = false;

  /**
   * Wraps a connection.
   *
   * @param conn A connection that nobody else reads.
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
   * The client's own port, by which a server knows it.
   *
   * @returns The port number.
   */
  get localPort(): number {
    return this.#conn.localAddr.port;
  }

  /**
   * Sends. A server may close while it is being sent to: that ends the
   * sending, and is seen in {@linkcode RawClient.closed}.
   *
   * @param parts What to send, in turn.
   * @returns When all is handed to the system, or refused by it.
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
   * Says that nothing more will be sent, and goes on reading.
   *
   * @returns When it is said.
   */
  async closeWrite(): Promise<void> {
    try {
      await this.#conn.closeWrite();
    } catch (error) {
      if (!isDisconnect(error)) throw error;
    }
  }

  /**
   * Waits until a condition holds, looking at it whenever something arrives,
   * when the connection closes, and every 20 ms.
   *
   * @param condition Looks at {@linkcode RawClient.received} and the like.
   * @param ms How long at most, in ms.
   * @returns Whether it came to hold.
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
   * Waits for the server to say nothing.
   *
   * @param ms How long the silence is to be, in ms.
   * @returns Whether nothing came, not even the end of the connection.
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
 * One request on a connection of its own, with all that came back until the
 * server closed, or the answer was complete and silence followed.
 *
 * @param port The server's port.
 * @param request What to send.
 * @returns The responses in turn.
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
 * The request as one text, without its pauses.
 *
 * @param parts What is sent.
 * @returns The same as latin-1.
 */
export function flatten(parts: readonly Part[]): string {
  return parts.map((part) =>
    typeof part === "object" && "pause_ms" in part
      ? ""
      : decodeLatin1(toBytes(part))
  ).join("");
}

/**
 * The methods of the requests in a text: a response to `HEAD` has no body,
 * whatever its headers say.
 *
 * @param request One or more requests, bodies included.
 * @returns The methods in turn.
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
