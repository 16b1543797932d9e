// Copyright 2026 the pystd authors. MIT license.

/**
 * Handlers with low limits, for tests of these limits.
 *
 * @module
 */

import { BaseHTTPRequestHandler } from "../../handlers/base.ts";
import { ThreadingHTTPServer } from "../../server.ts";
import { pause } from "./client.ts";

/** Checks time limits often, so that a test need not wait. */
export class Server extends ThreadingHTTPServer {
  static override limitCheckInterval = 20;
}

/** Low limits on sizes. */
export class Small extends BaseHTTPRequestHandler {
  static override protocolVersion = "HTTP/1.1";
  static override maxLineBytes = 100;
  static override maxHeaderLines = 5;
  static override maxHeadBytes = 300;
  static override maxBodyBytes = 1000;
  static override maxDrainBytes = 500;
  static override maxRequests = 3;
  static override lingerTimeout = 2000;
  static log: string[] = [];

  override writeLog(line: string): void {
    Small.log.push(line);
  }

  do_GET(): void {
    this.sendResponse(204);
    this.endHeaders();
  }

  async do_POST(): Promise<void> {
    const body = await this.rfile.read();
    this.sendResponse(200);
    this.sendHeader("Content-Length", 0);
    this.sendHeader("X-Read", body.length);
    this.endHeaders();
  }

  /** Sends more than all buffers hold. */
  async do_FLOOD(): Promise<void> {
    this.sendResponse(200);
    this.sendHeader("Content-Length", 64 * 2 ** 20);
    this.endHeaders();
    const piece = new Uint8Array(65536);
    for (let i = 0; i < 1024; i++) await this.wfile.write(piece);
  }

  /** Takes long, which is not the client's fault. */
  async do_THINK(): Promise<void> {
    await pause(400);
    this.do_GET();
  }
}

/** With low time limits, too. */
export class Hasty extends Small {
  static override headTimeout = 150;
  static override idleTimeout = 150;
  static override stallTimeout = 150;
  static override sendBufferBytes = 0;
}

/** A running server; disposing of it stops it. */
export interface Started extends AsyncDisposable {
  /** Its port. */
  port: number;
  /** The server. */
  httpd: Server;
}

/**
 * Starts a server.
 *
 * @param Handler Its handler class.
 * @param httpd The server, if not the default one.
 * @returns The running server.
 */
export function start(
  Handler: typeof BaseHTTPRequestHandler,
  httpd: Server = new Server(["127.0.0.1", 0], Handler),
): Started {
  const serving = httpd.serveForever();
  return {
    port: httpd.serverPort,
    httpd,
    async [Symbol.asyncDispose]() {
      await httpd.shutdown();
      await serving;
      await httpd.serverClose();
    },
  };
}

/** Returns what follows the date of a log line. */
export const message = (line: string): string => line.replace(/^.*?\] /, "");
