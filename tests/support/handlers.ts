// Copyright 2026 the pystd authors. MIT license.

/**
 * Ports of the handlers that recorded CPython's answers, as
 * `tests/testdata/cpython/README.md` describes them.
 *
 * @module
 */

import { BaseHTTPRequestHandler } from "../../handlers/base.ts";
import { decodeLatin1, encodeLatin1 } from "./client.ts";

/** Exercises every call of the handler API. */
export class Methods extends BaseHTTPRequestHandler {
  async do_GET(): Promise<void> {
    await this.#text(this.#dump());
  }

  async do_HEAD(): Promise<void> {
    const number = /^\/(\d+)$/.exec(this.path)?.[1];
    if (number !== undefined) this.sendError(Number(number));
    else await this.#text(this.#dump(), false);
  }

  async do_POST(): Promise<void> {
    const length = Number(this.headers.get("Content-Length") ?? 0);
    const body = await this.rfile.read(length);
    await this.#text(`${body.length} bytes\n${decodeLatin1(body)}`);
  }

  do_KEEP(): void {
    this.#connection("keep-alive");
  }

  do_CLOSE(): void {
    this.#connection("close");
  }

  do_ERROR(): void {
    this.sendError(Number(this.path.slice(1)));
  }

  do_EXPLAIN(): void {
    this.sendError(999, "Short Message", "This is a long \n explanation");
  }

  do_MESSAGE(): void {
    this.sendError(404, "No such thing");
  }

  do_MARKUP(): void {
    this.sendError(400, `a <b> & "c" 'd'`, `x < y > z & "q" 'r'`);
  }

  do_LATIN1ERROR(): void {
    this.sendError(400, "D\u00e4ngerous Mind", "\u00c4rger \u2014 \u20ac");
  }

  do_CUSTOM(): void {
    this.sendResponse(999);
    this.sendHeader("Content-Type", "text/html");
    this.sendHeader("Connection", "close");
    this.endHeaders();
  }

  do_REASON(): void {
    this.sendResponse(200, "Fine & dandy");
    this.sendHeader("Content-Length", "0");
    this.endHeaders();
  }

  async do_LATIN1(): Promise<void> {
    this.sendResponse(200);
    this.sendHeader("X-Special", "D\u00e4ngerous Mind");
    this.sendHeader("Connection", "close");
    this.endHeaders();
    await this.wfile.write(this.headers.get("X-Special-Incoming") ?? "");
  }

  async do_ECHOHEAD(): Promise<void> {
    // The iterator of `Headers` drops an empty first value of repeated fields;
    // `get()` does not.
    const names = [...new Set(this.headers.keys())].sort();
    const lines = names.map((name) => {
      const value = (this.headers.get(name) ?? "").replace(/[ \t\r\n]+/g, " ");
      return `${name}: ${value.replace(/^ | $/g, "")}\n`;
    });
    await this.#text(lines.join(""));
  }

  async do_INFO(): Promise<void> {
    this.sendResponseOnly(103);
    this.sendHeader("Link", "</style.css>; rel=preload");
    this.endHeaders();
    await this.#text("done\n");
  }

  async do_ONLY(): Promise<void> {
    this.sendResponseOnly(200, "Only");
    this.sendHeader("content-LENGTH", "2");
    this.endHeaders();
    await this.wfile.write("ok");
  }

  async do_LATE(): Promise<void> {
    this.sendResponse(200);
    this.sendHeader("Content-Length", "4");
    this.flushHeaders();
    this.sendHeader("X-Late", "yes");
    this.endHeaders();
    await this.wfile.write("la");
    await this.wfile.write("te");
  }

  do_ODD(): void {
    this.sendResponse(200);
    this.sendHeader("X-Empty", "");
    this.sendHeader("X-Number", 5);
    this.sendHeader("x-UPPER", "  spaced  ");
    this.sendHeader("X-Twice", 1);
    this.sendHeader("X-Twice", 2);
    this.sendHeader("CONNECTION", "Close");
    this.sendHeader("Content-Length", 0);
    this.endHeaders();
  }

  async do_RAW(): Promise<void> {
    this.closeConnection = true;
    await this.wfile.write("raw, without a head\n");
  }

  do_LOG(): void {
    const text = "tab\tback\\slash";
    this.logMessage("note %s %d%% %s", text, 7, "\x7f\x80\x9f\xa0\xe9");
    this.logError("wrong: %s", "a\r\nb");
    this.logRequest();
    this.logRequest(201, 17);
    this.sendResponse(204);
    this.endHeaders();
  }

  #dump(): string {
    return `command=${this.command}\npath=${this.path}\n` +
      `version=${this.requestVersion}\nline=${this.requestline}\n`;
  }

  async #text(text: string, body = true): Promise<void> {
    const bytes = encodeLatin1(text);
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain");
    this.sendHeader("Content-Length", bytes.length);
    this.endHeaders();
    if (body) await this.wfile.write(bytes);
  }

  #connection(value: string): void {
    this.sendResponse(204);
    this.sendHeader("Content-Type", "text/html");
    this.sendHeader("Connection", value);
    this.endHeaders();
  }
}

/** Refuses every expectation. */
export class Reject extends Methods {
  override handleExpect100(): boolean {
    this.sendError(417);
    return false;
  }
}

/** Treats a request without a version as HTTP/1.1. */
export class Default11 extends Methods {
  static override defaultRequestVersion = "HTTP/1.1";
}

/** Changes every class variable that affects a response. */
export class Branded extends Methods {
  static override serverVersion = "Toy/2.5";
  static override sysVersion = "";
  static override errorContentType = "text/plain";
  static override errorMessageFormat =
    "%(code)d|%(code)s|%(message)s|%(explain)s|100%%\n";
  static override responses: typeof BaseHTTPRequestHandler.responses = {
    ...BaseHTTPRequestHandler.responses,
    799: ["Odd", "Odd indeed"],
    404: ["Gone Fishing", "Back at five"],
  };
}
