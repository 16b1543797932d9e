// Copyright 2026 the pystd authors. MIT license.

/**
 * A connection in memory that carries one request of fetch and its response.
 *
 * @module
 */

import type { Connection } from "./connection.ts";
import { disconnectError } from "./client_errors.ts";
import { RequestSource } from "./request_source.ts";
import { ResponseSink } from "./response_sink.ts";

/**
 * How long a handler waits for the client's disconnect before the signal is read,
 * in ms. `Deno.serve` prints a notice once the signal of a request was read, and
 * most handlers that wait, for a CGI script say, respond sooner.
 */
const SIGNAL_DELAY_MS = 1000;

/** A connection in memory for one fetch request, to be served by a handler. */
export class FetchConnection implements Connection {
  /** The address of the server's end. */
  readonly localAddr: Deno.Addr;
  /** The address of the client's end. */
  readonly remoteAddr: Deno.Addr;
  #source: RequestSource;
  #sink: ResponseSink;
  #request: Request;
  #signal: AbortSignal | undefined;
  #onAbort = (): void => this.#abort();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /**
   * Wraps a request. Its body is read on demand.
   *
   * @param request The request.
   * @param localAddr The address of the server's end.
   * @param remoteAddr The address of the client's end.
   */
  constructor(request: Request, localAddr: Deno.Addr, remoteAddr: Deno.Addr) {
    this.localAddr = localAddr;
    this.remoteAddr = remoteAddr;
    this.#request = request;
    this.#source = new RequestSource(request);
    this.#sink = new ResponseSink(request.method);
    this.#sink.finished.then(() => this.#release());
  }

  /**
   * Discards the response when the request's signal is aborted. Reading at the
   * end of the request does the same after a second.
   */
  watchSignal(): void {
    if (this.#signal !== undefined) return;
    this.#signal = this.#request.signal;
    if (this.#signal.aborted) this.#abort();
    else this.#signal.addEventListener("abort", this.#onAbort, { once: true });
  }

  /**
   * The response. Rejects if the handler writes none, or the client
   * disconnects.
   */
  get response(): Promise<Response> {
    return this.#sink.response;
  }

  /** Whether the client has disconnected, as its request's signal says. */
  get aborted(): boolean {
    return this.#signal?.aborted ?? false;
  }

  /** Why fetch cannot represent the response, if so. */
  get refusal(): Error | undefined {
    return this.#sink.refusal;
  }

  /**
   * Reads the request. At its end, waits until the response has been written,
   * like a client that keeps its connection open.
   *
   * @param buffer Receives the bytes.
   * @returns The number of bytes, `null` at the end.
   */
  async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#sink.done) return null;
    const count = await Promise.race([
      this.#source.read(buffer),
      this.#sink.finished,
    ]);
    if (typeof count === "number") return count;
    if (!this.#sink.done && this.#signal === undefined) {
      this.#timer ??= setTimeout(() => this.watchSignal(), SIGNAL_DELAY_MS);
    }
    await this.#sink.finished;
    return null;
  }

  /**
   * Writes the response.
   *
   * @param data The bytes.
   * @returns The number of bytes accepted.
   */
  write(data: Uint8Array): Promise<number> {
    return this.#sink.write(data);
  }

  /** Ends the response. */
  closeWrite(): Promise<void> {
    this.#sink.end();
    return Promise.resolve();
  }

  /** Ends the response, and discards the rest of the request. */
  close(): void {
    this.#sink.end();
    this.#release();
  }

  #abort(): void {
    this.#sink.abort(disconnectError(), this.#signal?.reason);
    this.#release();
  }

  #release(): void {
    clearTimeout(this.#timer);
    this.#source.cancel();
    this.#signal?.removeEventListener("abort", this.#onAbort);
  }
}
