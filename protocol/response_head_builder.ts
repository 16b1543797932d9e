// Copyright 2026 the pystd authors. MIT license.

/**
 * The head of a response while it is written: its text, and what that says
 * about the body and the connection.
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

/** What a `Connection` field may say about the connection. */
export type ConnectionOption = "close" | "keep-alive";

/** Gathers a status line and header fields. */
export class HeadBuilder {
  /** The status code; 0 before there is one. */
  status = 0;
  /** The announced length of the body; `Infinity` if none was announced. */
  contentLength = Infinity;
  /** Whether a `Connection` field was added, whatever it says. */
  saysConnection = false;
  #framed = false;
  #silent = false;
  #strict = false;
  #text = "";

  /**
   * Begins a head.
   *
   * @param status The status code.
   * @param options Whether it is `silent`: not sent, since the client would
   * not understand it; and `strict`: fields that RFC 9110 forbids with the
   * status are left out.
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
   * @param version The version of HTTP.
   * @param reason The reason phrase.
   * @throws {TypeError} If it has a CR, LF, NUL or is no latin-1 text.
   */
  addStatusLine(version: string, reason: string): void {
    checkReason(reason);
    if (!this.#silent) this.#text += `${version} ${this.status} ${reason}\r\n`;
  }

  /**
   * Adds a field.
   *
   * @param name The field's name.
   * @param value Its value.
   * @returns What the field says about the connection, if it does.
   * @throws {TypeError} If either has a CR, LF, NUL or is no latin-1 text, or
   * a `Content-Length` is no number.
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
   * Adds fields that have been checked.
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

  /** Ends the head with its empty line. */
  end(): void {
    if (!this.#silent) this.#text += "\r\n";
  }

  /**
   * Takes out what has been gathered.
   *
   * @returns The text, latin-1, one character an octet.
   */
  take(): string {
    const text = this.#text;
    this.#text = "";
    return text;
  }

  /** Whether the body's end is known from the head, or there is none. */
  get delimited(): boolean {
    return this.#framed || endsWithHead(this.status);
  }

  #append(name: string, value: string): void {
    if (!this.#silent) this.#text += `${name}: ${value}\r\n`;
  }

  #addFraming(name: string, value: string): undefined {
    this.#framed = true;
    // RFC 9110 8.6, RFC 9112 6.1: a server MUST NOT send them with these.
    if (this.#strict && !allowsFraming(this.status)) return;
    this.#append(name, value);
  }
}

function connectionOption(value: string): ConnectionOption | undefined {
  const option = value.toLowerCase();
  return option === "close" || option === "keep-alive" ? option : undefined;
}
