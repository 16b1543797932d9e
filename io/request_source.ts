// Copyright 2026 the pystd authors. MIT license.

/**
 * The bytes that a client would have sent for a `Request` of fetch.
 *
 * A `Request` is what is left of an HTTP message when its connection has been
 * taken away. Here it is written out again, so that a handler finds what it
 * expects: a request line, header fields, and a body with its framing.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { HOP_BY_HOP } from "../protocol/hop_by_hop.ts";
import { disconnectError } from "./client_errors.ts";

/** Fields that the connection brings, or that are written anew. */
const LEFT_OUT = new Set([...HOP_BY_HOP, "content-length", "expect", "host"]);

const LAST_CHUNK: Uint8Array = Buffer.from("0\r\n\r\n", "latin1");
const CRLF: Uint8Array = Buffer.from("\r\n", "latin1");

/**
 * The target of a request line that asks for a URL: what stands behind the
 * authority, as it was written.
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
 * What must not stand in a request line. Some platforms hand on a URL as it
 * came in, and as latin-1 U+010A would become a line feed.
 */
const UNSAFE = /[^\x21-\x7e]+/g;

function escapeUtf8(text: string): string {
  const hex = Buffer.from(text, "utf8").toString("hex").toUpperCase();
  return hex.replace(/../g, "%$&");
}

/** Hands out a request as a connection would, in whatever pieces fit. */
export class RequestSource {
  #pieces: Uint8Array[];
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  /** Bytes left of a body with a length; `undefined` for a chunked one. */
  #left: number | undefined;

  /**
   * Writes a request's head; its body is read when it is asked for.
   *
   * @param request The request. Nobody else may read its body.
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
    // There is one request a connection: a handler need not wait for another.
    lines.push("Connection: close\r\n\r\n");
    this.#pieces = [Buffer.from(lines.join("\r\n"), "latin1")];
  }

  /**
   * Reads on.
   *
   * @param buffer Where to put the bytes.
   * @returns How many there are, or `null` once the request has been read.
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

  /** Gives up what has not been read. */
  cancel(): void {
    this.#pieces = [];
    const reader = this.#reader;
    this.#reader = undefined;
    // The body may be broken already: nobody is left who wants to know.
    reader?.cancel().catch(() => {});
  }

  async #readBody(
    reader: ReadableStreamDefaultReader<Uint8Array>,
  ): Promise<void> {
    // A body that breaks is a client that went away while it sent.
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
    // Behind its announced length a body would be taken for a request.
    const counted = value.subarray(0, this.#left);
    this.#left -= counted.length;
    if (counted.length > 0) this.#pieces.push(counted);
    if (this.#left > 0) return;
    this.#reader = undefined;
    reader.cancel().catch(() => {});
  }
}
