// Copyright 2026 the pystd authors. MIT license.

/**
 * Serializes a `Request` of fetch to the bytes that a client would have sent: a
 * request line, header fields, and a body with its framing.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { HOP_BY_HOP } from "../protocol/hop_by_hop.ts";
import { disconnectError } from "./client_errors.ts";

/** Fields that belong to the connection, or that are set here. */
const LEFT_OUT = new Set([...HOP_BY_HOP, "content-length", "expect", "host"]);

const LAST_CHUNK: Uint8Array = Buffer.from("0\r\n\r\n", "latin1");
const CRLF: Uint8Array = Buffer.from("\r\n", "latin1");

/**
 * Returns the request target for a URL: its path and query, unchanged.
 *
 * @param url An absolute URL.
 * @returns Its path and query.
 */
export function requestTarget(url: string): string {
  const authority = url.indexOf("//") + 2;
  const hash = url.indexOf("#", authority);
  const whole = hash === -1 ? url : url.slice(0, hash);
  const rest = whole.slice(authority).search(/[/?]/);
  if (rest === -1) return "/";
  const target = whole.slice(authority + rest).replace(UNSAFE, escapeUtf8);
  return target.startsWith("/") ? target : `/${target}`;
}

/**
 * Characters that must not occur in a request line. Some platforms pass a URL on
 * unescaped, and U+010A would become a line feed in latin-1.
 */
const UNSAFE = /[^\x21-\x7e]+/g;

function escapeUtf8(text: string): string {
  const hex = Buffer.from(text, "utf8").toString("hex").toUpperCase();
  return hex.replace(/../g, "%$&");
}

/** Provides a request as a connection would, in pieces of any size. */
export class RequestSource {
  #pieces: Uint8Array[];
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Number of bytes left; `undefined` for a chunked body. */
  #left: number | undefined;

  /**
   * Serializes the head; the body is read on demand.
   *
   * @param request The request. Nothing else may read its body.
   */
  constructor(request: Request) {
    const { method, url, headers, body } = request;
    const lines = [
      `${method} ${requestTarget(url)} HTTP/1.1`,
      `Host: ${headers.get("host") ?? new URL(url).host}`,
    ];
    for (const [name, value] of headers) {
      if (!LEFT_OUT.has(name)) lines.push(`${name}: ${value}`);
    }
    const length = headers.get("content-length");
    if (body !== null) {
      this.#reader = body.getReader();
      if (length !== null && /^\d{1,15}$/.test(length)) {
        this.#left = Number(length);
        lines.push(`Content-Length: ${length}`);
      } else {
        lines.push("Transfer-Encoding: chunked");
      }
    } else if (length === "0") {
      lines.push("Content-Length: 0");
    }
    // Each connection has one request: no handler should wait for another.
    lines.push("Connection: close\r\n\r\n");
    this.#pieces = [Buffer.from(lines.join("\r\n"), "latin1")];
  }

  /**
   * Reads the next bytes.
   *
   * @param buffer Receives the bytes.
   * @returns The number of bytes, or `null` at the end of the request.
   * @throws {Error} If the body cannot be read.
   */
  async read(buffer: Uint8Array): Promise<number | null> {
    while (this.#pieces.length === 0) {
      if (this.#reader === undefined) return null;
      await this.#readBody(this.#reader);
    }
    const piece = this.#pieces[0]!;
    const count = Math.min(piece.length, buffer.length);
    buffer.set(count === piece.length ? piece : piece.subarray(0, count));
    if (count === piece.length) this.#pieces.shift();
    else this.#pieces[0] = piece.subarray(count);
    return count;
  }

  /** Discards what has not been read. */
  cancel(): void {
    this.#pieces = [];
    const reader = this.#reader;
    this.#reader = undefined;
    // The body may have failed already, which no longer matters.
    reader?.cancel().catch(() => {});
  }

  async #readBody(
    reader: ReadableStreamDefaultReader<Uint8Array>,
  ): Promise<void> {
    // If the body fails, the client has disconnected while it was sending.
    const { done, value } = await reader.read().catch(() => {
      throw disconnectError();
    });
    if (this.#reader !== reader) return;
    if (done) {
      this.#reader = undefined;
      if (this.#left === undefined) this.#pieces.push(LAST_CHUNK);
      return;
    }
    if (value.length === 0) return;
    if (this.#left === undefined) {
      const size = Buffer.from(`${value.length.toString(16)}\r\n`, "latin1");
      this.#pieces.push(size, value, CRLF);
      return;
    }
    // Bytes behind the announced length would be parsed as another request.
    const counted = value.subarray(0, this.#left);
    this.#left -= counted.length;
    if (counted.length > 0) this.#pieces.push(counted);
    if (this.#left > 0) return;
    this.#reader = undefined;
    reader.cancel().catch(() => {});
  }
}
