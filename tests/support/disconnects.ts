// Copyright 2026 the pystd authors. MIT license.

/**
 * A program that runs a handler under `Deno.serve`. Some of its clients
 * disconnect early. It prints what the handler notices.
 *
 * @module
 */

import { toFetchHandler } from "../../fetch.ts";
import { BaseHTTPRequestHandler } from "../../handlers/base.ts";

/** Resolves when the handler has begun. */
let begun = Promise.withResolvers<void>();
/** Resolves when the client has disconnected. */
let gone = Promise.withResolvers<void>();
/** Resolves when the handler has ended. */
let ended = Promise.withResolvers<void>();

class Handler extends BaseHTTPRequestHandler {
  static override protocolVersion = "HTTP/1.1";

  /** Answers at once. */
  do_HELLO(): void {
    this.#greet();
    ended.resolve();
  }

  /** Answers after the client has disconnected. */
  async do_LATE(): Promise<void> {
    begun.resolve();
    await gone.promise;
    this.#greet();
    ended.resolve();
  }

  /** Answers while it waits for the client's disconnect, as for a script. */
  async do_BRIEF(): Promise<void> {
    await this.rfile.read();
    const over = new AbortController();
    this.clientDisconnected(over.signal);
    await new Promise((resolve) => setTimeout(resolve, 20));
    this.#greet();
    over.abort();
    ended.resolve();
  }

  /** Sends without end. */
  async do_STREAM(): Promise<void> {
    this.sendResponse(200);
    this.endHeaders();
    const piece = new Uint8Array(64 * 1024);
    try {
      for (;;) {
        await this.wfile.write(piece);
        begun.resolve();
      }
    } catch (error) {
      console.log(`STREAM ${(error as Error).name}`);
      ended.resolve();
      throw error;
    }
  }

  /** Reads a body of which only a part arrives. */
  async do_UPLOAD(): Promise<void> {
    begun.resolve();
    try {
      await this.rfile.read();
    } catch (error) {
      console.log(`UPLOAD ${(error as Error).name}`);
      ended.resolve();
      throw error;
    }
  }

  override writeLog(): void {}

  #greet(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 3);
    this.endHeaders();
    this.wfile.write("hi\n");
  }
}

const server = Deno.serve(
  { hostname: "127.0.0.1", port: 0, onListen() {} },
  toFetchHandler(Handler),
);
const { port } = server.addr;

for (const method of ["HELLO", "BRIEF", "LATE", "STREAM", "UPLOAD", "HELLO"]) {
  begun = Promise.withResolvers();
  gone = Promise.withResolvers();
  ended = Promise.withResolvers();
  const client = await Deno.connect({ hostname: "127.0.0.1", port });
  const rest = method === "UPLOAD" ? "Content-Length: 9\r\n\r\npart" : "\r\n";
  const request = `${method} / HTTP/1.1\r\nHost: localhost\r\n${rest}`;
  await client.write(new TextEncoder().encode(request));
  if (method === "HELLO" || method === "BRIEF") {
    const count = await client.read(new Uint8Array(1000));
    console.log(`${method} ${count! > 0}`);
  } else await begun.promise;
  client.close();
  gone.resolve();
  await ended.promise;
}
await server.shutdown();
