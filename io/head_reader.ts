// Copyright 2026 the pystd authors. MIT license.

/**
 * Reads the heads of requests from the bytes that a connection receives.
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
 * Finds and parses heads in the buffer of a {@linkcode Reader}. All connections
 * with the same limits share a head reader: the state of a partial head is kept
 * in the connection's reader.
 */
export class HeadReader {
  /** Size limits of a head. */
  readonly limits: HeadLimits;
  /** Whether to parse by RFC 9112 rather than as CPython does. */
  readonly strict: boolean;

  /**
   * Stores its arguments.
   *
   * @param limits Size limits of a head.
   * @param strict Whether to parse by RFC 9112 rather than as CPython does.
   */
  constructor(limits: HeadLimits, strict: boolean) {
    this.limits = limits;
    this.strict = strict;
  }

  /**
   * Parses the next head, if it has been received.
   *
   * @param reader The connection's reader.
   * @returns The head; `undefined` if more bytes are needed.
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
   * Parses an incomplete head at the end of the stream.
   *
   * @param reader The connection's reader.
   * @returns The head; `undefined` if nothing was received.
   */
  last(reader: Reader): Head | undefined {
    const { bytes, start, available } = reader;
    if (available === 0) return undefined;
    const lineLength = reader.partial?.scanner.lineLength || available;
    // As in CPython, the end of the stream ends a line and a header block.
    if (!this.strict) return this.#take(reader, lineLength, available);
    // RFC 9112 section 8: do not process an incomplete request.
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
