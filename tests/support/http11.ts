// Copyright 2026 the pystd authors. MIT license.

/**
 * A handler that speaks HTTP/1.1, and its requests.
 *
 * @module
 */

import { BaseHTTPRequestHandler, RequestError } from "../../handlers/base.ts";

/** Speaks HTTP/1.1; each method is one case. */
export class Handler extends BaseHTTPRequestHandler {
  static override protocolVersion = "HTTP/1.1";

  text(body: string, status = 200): void {
    this.sendResponse(status);
    this.sendHeader("Content-Length", body.length);
    this.endHeaders();
    this.wfile.write(body);
  }

  do_GET(): void {
    this.text(`${this.command} ${this.path}\n`);
  }

  do_HEAD(): void {
    this.do_GET();
  }

  async do_POST(): Promise<void> {
    const body = await this.rfile.read();
    this.text(`read ${body.length}\n`);
  }

  /** Does not read the body. */
  do_PUT(): void {
    this.text("put\n");
  }

  async do_STREAM(): Promise<void> {
    this.sendResponse(200);
    const body = this.endHeadersOfStream();
    for (const piece of ["one", "", "three"]) await body.write(piece);
    await body.end();
  }

  do_SHORT(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 10);
    this.endHeaders();
    this.wfile.write("short");
  }

  do_UNFRAMED(): void {
    this.sendResponse(200);
    this.endHeaders();
    this.wfile.write("to the end");
  }

  do_EMPTY(): void {
    this.sendResponse(204);
    this.sendHeader("Content-Length", 0);
    this.sendHeader("Transfer-Encoding", "chunked");
    this.endHeaders();
    this.wfile.write("no body");
  }

  do_HINT(): void {
    this.sendResponseOnly(103);
    this.sendHeader("Link", "</a>");
    this.endHeaders();
    this.text("hinted\n");
  }

  do_THROW(): void {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 2);
    this.endHeaders();
    this.wfile.write("ok");
    throw new Error("after the response was written");
  }

  async do_LATETHROW(): Promise<void> {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 10);
    this.endHeaders();
    await this.wfile.write("ok");
    await this.wfile.drained();
    throw new Error("after the response was sent");
  }

  do_TEAPOT(): void {
    throw new RequestError(418, "Short and stout");
  }

  override keepsConnectionAfterError(code: number): boolean {
    return code === 501 || code === 417 || code === 413 || code === 400;
  }
}

/** The same, without a log. */
export class Quiet extends Handler {
  override writeLog(): void {}
}

/**
 * Returns the head of a request with a `Host`.
 *
 * @param line The request line without its version.
 * @param more Its other field lines, each with its line end.
 * @returns Its head.
 */
export const request = (line: string, more = ""): string =>
  `${line} HTTP/1.1\r\nHost: h\r\n${more}\r\n`;

/**
 * Returns the status codes in a server's output.
 *
 * @param text The output.
 * @returns The codes.
 */
export function statuses(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.[01] (\d{3}) /g)].map(([, code]) =>
    Number(code)
  );
}
