// Copyright 2026 the pystd authors. MIT license.

/**
 * A handler for tests over fetch, and a server of fetch handlers.
 *
 * @module
 */

import type { FetchHandler } from "../../fetch.ts";
import { BaseHTTPRequestHandler } from "../../handlers/base.ts";

/** The path selects the kind of response. */
export class Cases extends BaseHTTPRequestHandler {
  static override protocolVersion = "HTTP/1.1";

  do_GET(): void | Promise<void> {
    switch (this.path.split("?")[0]) {
      case "/length":
        return this.#text(`${this.command} ${this.path}\n`);
      case "/chunks":
        return this.#chunks();
      case "/close":
        this.sendResponse(200);
        this.endHeaders();
        this.wfile.write("until the end\n");
        return;
      case "/cookies":
        this.sendResponse(200);
        this.sendHeader("Set-Cookie", "a=1");
        this.sendHeader("Set-Cookie", "b=2");
        this.sendHeader("Content-Length", 0);
        this.endHeaders();
        return;
      case "/reset":
        this.sendResponse(205);
        this.sendHeader("Content-Length", 0);
        this.endHeaders();
        return;
      case "/early":
        this.sendResponseOnly(103);
        this.sendHeader("Link", "</a.css>; rel=preload");
        this.endHeaders();
        return this.#text("late\n");
      case "/throw":
        throw new Error("Deliberate");
      case "/persist":
        this.sendResponse(200);
        this.sendHeader("Connection", "keep-alive");
        this.sendHeader("Content-Length", 2);
        this.endHeaders();
        this.wfile.write("ok");
        return;
      case "/agent":
        return this.#text(`${this.headers.get("x-agent")}\n`);
      default:
        this.sendError(404);
    }
  }

  do_HEAD(): void | Promise<void> {
    return this.do_GET();
  }

  do_DELETE(): void {
    this.sendResponse(204);
    this.endHeaders();
  }

  async do_POST(): Promise<void> {
    await this.#text(new TextDecoder().decode(await this.rfile.read()));
  }

  /** Answers before the body has been read. */
  async do_PUT(): Promise<void> {
    await this.#text("no need\n");
  }

  async #text(text: string): Promise<void> {
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain");
    const body = new TextEncoder().encode(text);
    this.sendHeader("Content-Length", body.length);
    this.endHeaders();
    await this.wfile.write(body);
  }

  async #chunks(): Promise<void> {
    this.sendResponse(200);
    const body = this.endHeadersOfStream();
    for (const piece of ["one ", "", "two ", "three\n"]) {
      await body.write(piece);
    }
    await body.end();
  }

  override writeLog(): void {}
}

/**
 * Serves under `Deno.serve`.
 *
 * @param handler The handler.
 * @returns The server.
 */
export function serve(handler: FetchHandler): Deno.HttpServer<Deno.NetAddr> {
  return Deno.serve({
    hostname: "127.0.0.1",
    port: 0,
    onListen() {},
    onError: () => new Response("refused", { status: 500 }),
  }, handler);
}
