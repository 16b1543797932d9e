// Copyright 2026 the pystd authors. MIT license.

/**
 * What every engine serves. The name in `Host` selects the handler.
 *
 * @module
 */

import {
  toFetchHandler,
  type ToFetchHandlerOptions,
} from "@pystd/http-server/fetch";
import { BaseHTTPRequestHandler } from "@pystd/http-server/handlers/base";
import { ShareHTTPRequestHandler } from "@pystd/http-server/handlers/share";
import { Archives } from "@pystd/http-server/handlers/share/archives";
import { SourceUploads } from "@pystd/http-server/handlers/share/source-uploads";
import { SimpleHTTPRequestHandler } from "@pystd/http-server/handlers/simple";
import { MemorySource, type Source } from "@pystd/http-server/sources";
import { FILES, HIDING, UPLOAD_OPTIONS } from "../../sources/files.ts";

/** Answers a request; engines pass more arguments, of their own kinds. */
export type Answer = (
  request: Request,
  // deno-lint-ignore no-explicit-any -- each engine has its own types
  origin?: any,
) => Promise<Response>;

/** Bytes of a piece of the endless response. */
const PIECE_BYTES = 64 * 1024;

/** What became of the endless response. */
const endless = { pieces: 0, ended: "" };

/** Sends bodies back, and a response without end. */
class Bodies extends BaseHTTPRequestHandler {
  static override protocolVersion = "HTTP/1.1";

  /** Sends pieces until the client leaves, at the path `/endless`. */
  async do_GET(): Promise<void> {
    if (this.path === "/state") return await this.#send(endless);
    if (this.path === "/who") return await this.#send(this.clientAddress);
    endless.pieces = 0;
    endless.ended = "";
    this.sendResponse(200);
    const body = this.endHeadersOfStream();
    const piece = new Uint8Array(PIECE_BYTES);
    try {
      for (;;) {
        await body.write(piece);
        endless.pieces++;
      }
    } catch (error) {
      endless.ended = (error as Error).name;
      throw error;
    }
  }

  /** Returns the size of the body, and its sum. */
  async do_PUT(): Promise<void> {
    let size = 0;
    let sum = 0;
    for await (const piece of this.rfile.readable) {
      size += piece.length;
      for (const byte of piece) sum = (sum + byte) % 65521;
    }
    await this.#send({ size, sum });
  }

  /** Sends the body back while it arrives. */
  async do_POST(): Promise<void> {
    this.sendResponse(200);
    const body = this.endHeadersOfStream();
    for await (const piece of this.rfile.readable) await body.write(piece);
    await body.end();
  }

  async #send(value: unknown): Promise<void> {
    const text = JSON.stringify(value);
    this.sendResponse(200);
    this.sendHeader("Content-Length", text.length);
    this.endHeaders();
    await this.wfile.write(text);
  }

  override logMessage(): void {}
}

class QuietSimple extends SimpleHTTPRequestHandler {
  override logMessage(): void {}
}

class QuietShare extends ShareHTTPRequestHandler {
  override logMessage(): void {}
}

/** Receives bodies up to the limit of the table of uploads. */
class Receiving extends QuietShare {
  static override maxBodyBytes = 1_000_000;
}

/**
 * Creates the handlers.
 *
 * @param how How to get the client's address on this engine.
 * @param source The files; in memory by default.
 * @returns Answers a request.
 */
export function createSite(
  how: ToFetchHandlerOptions = {},
  source: Source = new MemorySource(FILES, Date.UTC(2026, 0)),
): Answer {
  const options = { ...HIDING, source };
  const archives = new Archives();
  const sites: Record<string, Answer> = {
    "simple": toFetchHandler(QuietSimple.with(options)),
    "share": toFetchHandler(QuietShare.with({ ...options, archives })),
    "uploads": toFetchHandler(Receiving.with({
      ...options,
      uploads: new SourceUploads(source, UPLOAD_OPTIONS),
    })),
    "large": toFetchHandler(QuietShare.with({
      ...options,
      uploads: new SourceUploads(source),
    })),
    "bodies": toFetchHandler(Bodies, how),
  };
  return (request, origin) => {
    const { hostname } = new URL(request.url);
    return sites[hostname]!(request, origin);
  };
}
