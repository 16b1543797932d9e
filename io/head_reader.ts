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
  parseHead,
  parseLineOnly,
} from "../protocol/request_head.ts";
import { CR, LF } from "../protocol/octets.ts";
import { PartialHead } from "./partial_head.ts";
import type { Reader } from "./reader.ts";

/**
 * Finds and parses the heads in a {@linkcode Reader}'s buffer. One serves all
 * connections that have the same limits: what belongs to one of them is in its
 * reader, while a part of a head is there.
 */
export class HeadReader {
  /** How large a head may be. */
  readonly limits: HeadLimits;
  /** Whether the rules of RFC 9112 hold, or CPython's. */
  readonly strict: boolean;

  /**
   * Stores its arguments.
   *
   * @param limits How large a head may be.
   * @param strict Whether the rules of RFC 9112 hold, or CPython's.
   */
  constructor(limits: HeadLimits, strict: boolean) {
    this.limits = limits;
    this.strict = strict;
  }

  /**
   * The next head, if enough of it has been received.
   *
   * @param reader A connection's receiving side.
   * @returns The head, `undefined` if more bytes are needed.
   */
  next(reader: Reader): Head | undefined {
    if (reader.available === 0) return undefined;
    const partial = reader.partial ?? new PartialHead();
    const head = this.#find(reader, partial);
    reader.partial = head === undefined ? partial : undefined;
    return head;
  }

  #find(reader: Reader, partial: PartialHead): Head | undefined {
    const { limits } = this;
    const { scanner } = partial;
    const { bytes, start, end } = reader;
    switch (scanner.scan(bytes, start, end, limits)) {
      case "partial":
        return undefined;
      case "complete":
        if (this.#skipsEmptyLine(reader, partial)) {
          return this.#find(reader, partial);
        }
        return this.#take(reader, scanner.lineLength, scanner.headLength);
      case "line":
        if (this.#skipsEmptyLine(reader, partial)) {
          return this.#find(reader, partial);
        }
        return this.#fieldsFollow(reader, partial)
          ? undefined
          : this.#take(reader, scanner.lineLength, scanner.lineLength);
      case "line-too-long":
        return { kind: "bad", status: 414, version: "", requestline: "" };
      case "field-too-long":
        return this.#tooLarge(
          reader,
          scanner.lineLength,
          "Line too long",
          `got more than ${limits.lineBytes} bytes when reading header line`,
        );
      case "too-many-fields":
        return this.#tooLarge(
          reader,
          scanner.lineLength,
          "Too many headers",
          `got more than ${limits.lines} headers`,
        );
      case "head-too-large":
        return this.#tooLarge(
          reader,
          scanner.lineLength,
          "Header block too large",
          `got more than ${limits.headBytes} bytes of headers`,
        );
    }
  }

  /**
   * What there is of a head when the stream has ended.
   *
   * @param reader A connection's receiving side.
   * @returns The head, `undefined` if there is nothing of it.
   */
  last(reader: Reader): Head | undefined {
    const { bytes, start, available } = reader;
    if (available === 0) return undefined;
    const lineLength = reader.partial?.scanner.lineLength || available;
    // The end of the stream ends a line and a header block, as in CPython.
    if (!this.strict) return this.#take(reader, lineLength, available);
    // RFC 9112 section 8: an incomplete request is not to be processed.
    const head = parseLineOnly(bytes, start, lineLength, this.strict);
    return {
      ...head,
      kind: "bad",
      status: 400,
      message: "Incomplete request head",
    };
  }

  /** RFC 9112 2.2: a server ignores an empty line before a request. */
  #skipsEmptyLine(reader: Reader, partial: PartialHead): boolean {
    const { bytes, start } = reader;
    if (!this.strict || partial.skipped) return false;
    const first = bytes[start];
    if (first !== LF && !(first === CR && bytes[start + 1] === LF)) {
      return false;
    }
    reader.take(partial.scanner.lineLength);
    partial.scanner.reset();
    partial.skipped = true;
    return true;
  }

  #fieldsFollow(reader: Reader, partial: PartialHead): boolean {
    if (partial.lineSeen) return true;
    const { bytes, start } = reader;
    const { lineLength } = partial.scanner;
    partial.lineSeen = expectsFields(bytes, start, lineLength, this.strict);
    return partial.lineSeen;
  }

  #take(reader: Reader, lineLength: number, headLength: number): Head {
    const { bytes, start } = reader;
    const head = parseHead(bytes, start, lineLength, headLength, this.strict);
    reader.take(headLength);
    return head;
  }

  #tooLarge(
    reader: Reader,
    lineLength: number,
    message: string,
    explain: string,
  ): Head {
    const { bytes, start } = reader;
    const head = parseLineOnly(bytes, start, lineLength, this.strict);
    return { ...head, kind: "bad", status: 431, message, explain };
  }
}
