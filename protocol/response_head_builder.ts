// Copyright 2026 the pystd authors. MIT license.

/**
 * Builds the head of a response, and tracks what it says about the body and the
 * connection.
 *
 * @module
 */

import {
  checkField,
  checkReason,
  type HeaderBlock,
  parseContentLength,
} from "./header_block.ts";
import { allowsFraming, endsWithHead } from "./status.ts";

/** A value of the `Connection` field. */
export type ConnectionOption = "close" | "keep-alive";

/** Builds a status line and header fields. */
export class HeadBuilder {
  /** Status code; 0 before `begin()`. */
  status = 0;
  /** Value of `Content-Length`; `Infinity` if it is absent. */
  contentLength: number = Infinity;
  /** Whether a `Connection` field was added. */
  saysConnection = false;
  #framed = false;
  #silent = false;
  #strict = false;
  #text = "";

  /**
   * Begins a head.
   *
   * @param options `silent`: the head is not sent, because the client would not
   * understand it (HTTP/0.9). `strict`: fields that RFC 9110 forbids for the
   * status are omitted.
   */
  begin(status: number, options: { silent: boolean; strict: boolean }): void {
    this.status = status;
    this.contentLength = Infinity;
    this.saysConnection = false;
    this.#framed = false;
    this.#silent = options.silent;
    this.#strict = options.strict;
  }

  /**
   * Adds the status line.
   *
   * @throws {TypeError} If it has a CR, LF, NUL or a character beyond latin-1.
   */
  addStatusLine(version: string, reason: string): void {
    checkReason(reason);
    if (!this.#silent) this.#text += `${version} ${this.status} ${reason}\r\n`;
  }

  /**
   * Adds a field.
   *
   * @returns The value of a `Connection` field, if it is a known one.
   * @throws {TypeError} If either has a CR, LF, NUL or a character beyond
   * latin-1, or a `Content-Length` is not a number.
   */
  add(name: string, value: string): ConnectionOption | undefined {
    checkField(name, value);
    switch (name.toLowerCase()) {
      case "connection":
        this.saysConnection = true;
        this.#append(name, value);
        return connectionOption(value);
      case "content-length":
        this.contentLength = parseContentLength(name, value);
        return this.#addFraming(name, value);
      case "transfer-encoding":
        return this.#addFraming(name, value);
    }
    this.#append(name, value);
    return undefined;
  }

  /**
   * Adds fields that are already checked.
   *
   * @param block The fields.
   */
  addBlock(block: HeaderBlock): void {
    if (block.contentLength !== undefined) {
      if (this.#strict && !allowsFraming(this.status)) {
        for (const [name, value] of block.fields) this.add(name, value);
        return;
      }
      this.contentLength = block.contentLength;
      this.#framed = true;
    }
    if (!this.#silent) this.#text += block.text;
  }

  /** Adds the empty line. */
  end(): void {
    if (!this.#silent) this.#text += "\r\n";
  }

  /**
   * Returns the text so far and clears it.
   *
   * @returns The text; latin-1, one character per byte.
   */
  take(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }

  /** Whether the head determines the end of the body, or there is no body. */
  get delimited(): boolean {
    return this.#framed || endsWithHead(this.status);
  }

  #append(name: string, value: string): void {
    if (!this.#silent) this.#text += `${name}: ${value}\r\n`;
  }

  #addFraming(name: string, value: string): undefined {
    this.#framed = true;
    // RFC 9110 8.6, RFC 9112 6.1: not allowed with these statuses.
    if (this.#strict && !allowsFraming(this.status)) return;
    this.#append(name, value);
  }
}

function connectionOption(value: string): ConnectionOption | undefined {
  const option = value.toLowerCase();
  return option === "close" || option === "keep-alive" ? option : undefined;
}
