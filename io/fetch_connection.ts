// Copyright 2026 the pystd authors. MIT license.

/**
 * A connection in memory, over which one request of fetch is answered.
 *
 * @module
 */

import type { Connection } from "./connection.ts";
import { disconnectError } from "./client_errors.ts";
import { RequestSource } from "./request_source.ts";
import { ResponseSink } from "./response_sink.ts";

/** One request and its response, as a connection that a handler serves. */
export class FetchConnection implements Connection {
  /** The address that the server says it has. */
  readonly localAddr: Deno.Addr;
  /** The address of the client's end. */
  readonly remoteAddr: Deno.Addr;
  #source: RequestSource;
  #sink: ResponseSink;
  #signal: AbortSignal;
  #onAbort = (): void => this.#abort();

  /**
   * Wraps a request. Nothing of its body is read before somebody asks for it.
   *
   * @param request The request.
   * @param localAddr The address of the server's end.
   * @param remoteAddr The address of the client's end.
   */
  constructor(request: Request, localAddr: Deno.Addr, remoteAddr: Deno.Addr) {
    this.localAddr = localAddr;
    this.remoteAddr = remoteAddr;
    this.#source = new RequestSource(request);
    this.#sink = new ResponseSink(request.method);
    this.#signal = request.signal;
    if (this.#signal.aborted) this.#abort();
    else this.#signal.addEventListener("abort", this.#onAbort, { once: true });
    this.#sink.finished.then(() => this.#release());
  }

  /** The response; rejects if the handler writes none, or the client is gone. */
  get response(): Promise<Response> {
    return this.#sink.response;
  }

  /** Why the response could not be given to fetch, if that is so. */
  get refusal(): Error | undefined {
    return this.#sink.refusal;
  }

  /**
   * Reads the request. Behind its end nothing comes until the response has
   * been written, as on a connection whose client waits.
   *
   * @param buffer Where to put the bytes.
   * @returns How many there are, `null` at the end.
   */
  async read(buffer: Uint8Array): Promise<number | null> {
    if (this.#sink.done) return null;
    const count = await Promise.race([
      this.#source.read(buffer),
      this.#sink.finished,
    ]);
    if (typeof count === "number") return count;
    await this.#sink.finished;
    return null;
  }

  /**
   * Writes the response.
   *
   * @param data The bytes.
   * @returns How many of them were taken.
   */
  write(data: Uint8Array): Promise<number> {
    return this.#sink.write(data);
  }

  /** Ends the response. */
  closeWrite(): Promise<void> {
    this.#sink.end();
    return Promise.resolve();
  }

  /** Ends both. */
  close(): void {
    this.#sink.end();
    this.#release();
  }

  #abort(): void {
    this.#sink.abort(disconnectError(), this.#signal.reason);
    this.#release();
  }

  #release(): void {
    this.#source.cancel();
    this.#signal.removeEventListener("abort", this.#onAbort);
  }
}
