// Copyright 2026 the pystd authors. MIT license.

/**
 * Takes the heads of requests out of what a connection receives, one at a time.
 *
 * @module
 */

import {
  expectsFields,
  type Head,
  type HeadLimits,
  HeadScanner,
  parseHead,
  parseLineOnly,
} from "../protocol/head.ts";
import { CR, LF } from "../protocol/octets.ts";
import type { Reader } from "./reader.ts";

/** Finds and parses the heads in a {@linkcode Reader}'s buffer. */
export class HeadReader {
  #reader: Reader;
  #limits: HeadLimits;
  #strict: boolean;
  #scanner = new HeadScanner();
  /** Whether the request line that is there has been looked at. */
  #lineSeen = false;
  /** Whether an empty line has been skipped before this head. */
  #skipped = false;

  /**
   * Reads heads from a connection's receiving side.
   *
   * @param reader The receiving side.
   * @param limits How large a head may be.
   * @param strict Whether the rules of RFC 9112 hold, or CPython's.
   */
  constructor(reader: Reader, limits: HeadLimits, strict: boolean) {
    this.#reader = reader;
    this.#limits = limits;
    this.#strict = strict;
  }

  /**
   * The next head, if enough of it has been received.
   *
   * @returns The head, `undefined` if more bytes are needed.
   */
  next(): Head | undefined {
    const { bytes, start, end } = this.#reader;
    if (start === end) return undefined;
    const scanner = this.#scanner;
    const limits = this.#limits;
    const state = scanner.scan(bytes, start, end, limits);
    switch (state) {
      case "partial":
        return undefined;
      case "complete":
        if (this.#skipsEmptyLine()) return this.next();
        return this.#take(scanner.headLength);
      case "line":
        if (this.#skipsEmptyLine()) return this.next();
        return this.#fieldsFollow()
          ? undefined
          : this.#take(scanner.lineLength);
      case "line-too-long":
        return { kind: "bad", status: 414, version: "", requestline: "" };
      case "field-too-long":
        return this.#tooLarge(
          "Line too long",
          `got more than ${limits.lineBytes} bytes when reading header line`,
        );
      case "too-many-fields":
        return this.#tooLarge(
          "Too many headers",
          `got more than ${limits.lines} headers`,
        );
      case "head-too-large":
        return this.#tooLarge(
          "Header block too large",
          `got more than ${limits.headBytes} bytes of headers`,
        );
    }
  }

  /**
   * What there is of a head when the stream has ended.
   *
   * @returns The head, `undefined` if there is nothing of it.
   */
  last(): Head | undefined {
    const { bytes, start, available } = this.#reader;
    if (available === 0) return undefined;
    const lineLength = this.#scanner.lineLength || available;
    // The end of the stream ends a line and a header block, as in CPython.
    if (!this.#strict) return this.#parse(lineLength, available);
    // RFC 9112 section 8: an incomplete request is not to be processed.
    const head = parseLineOnly(bytes, start, lineLength, this.#strict);
    return {
      ...head,
      kind: "bad",
      status: 400,
      message: "Incomplete request head",
    };
  }

  /** RFC 9112 2.2: a server ignores an empty line before a request. */
  #skipsEmptyLine(): boolean {
    const { bytes, start } = this.#reader;
    if (!this.#strict || this.#skipped) return false;
    const first = bytes[start];
    if (first !== LF && !(first === CR && bytes[start + 1] === LF)) {
      return false;
    }
    this.#reader.take(this.#scanner.lineLength);
    this.#scanner.reset();
    this.#skipped = true;
    return true;
  }

  #fieldsFollow(): boolean {
    if (this.#lineSeen) return true;
    const { bytes, start } = this.#reader;
    const { lineLength } = this.#scanner;
    this.#lineSeen = expectsFields(bytes, start, lineLength, this.#strict);
    return this.#lineSeen;
  }

  #take(headLength: number): Head {
    return this.#parse(this.#scanner.lineLength, headLength);
  }

  #parse(lineLength: number, headLength: number): Head {
    const { bytes, start } = this.#reader;
    const head = parseHead(bytes, start, lineLength, headLength, this.#strict);
    this.#reader.take(headLength);
    this.#scanner.reset();
    this.#lineSeen = false;
    this.#skipped = false;
    return head;
  }

  #tooLarge(message: string, explain: string): Head {
    const { bytes, start } = this.#reader;
    const { lineLength } = this.#scanner;
    const head = parseLineOnly(bytes, start, lineLength, this.#strict);
    return { ...head, kind: "bad", status: 431, message, explain };
  }
}
