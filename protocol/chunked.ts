// Copyright 2026 the pystd authors. MIT license.

/**
 * Decodes the chunked transfer coding (RFC 9112 section 7.1).
 *
 *     chunked-body = *chunk last-chunk trailer-section CRLF
 *     chunk        = chunk-size [ chunk-ext ] CRLF chunk-data CRLF
 *
 * A {@linkcode ChunkedDecoder} reads a buffer that its caller fills, and
 * reports where the next run of data is in that buffer. Only CRLF ends a line:
 * lenient line ends allow request smuggling past a proxy.
 *
 * @module
 */

import {
  COLON,
  CR,
  FIELD_VALUE,
  hexDigit,
  HTAB,
  LF,
  OCTET_CLASS,
  SP,
  TOKEN,
} from "./octets.ts";
import { RequestError } from "./request_error.ts";

const SEMICOLON = 0x3b;
/** Most bytes of chunk extensions in one body, as in Go's `net/http`. */
const MAX_EXTENSION_BYTES = 16 * 1024;
/** Most bytes of a trailer section. */
const MAX_TRAILER_BYTES = 16 * 1024;
/** Most digits of a chunk size: 13 hexadecimal digits are 2^52 - 1. */
const MAX_SIZE_DIGITS = 13;

const enum State {
  /** At the first digit of a chunk size. */
  SizeStart,
  /** Within a chunk size. */
  Size,
  /** Within white space before a chunk extension. */
  ExtensionSpace,
  /** Within a chunk extension. */
  Extension,
  /** At the LF that ends a size line. */
  SizeLf,
  /** Within chunk data. */
  Data,
  /** At the CR after chunk data. */
  DataCr,
  /** At the LF after chunk data. */
  DataLf,
  /** At the start of a trailer line. */
  TrailerStart,
  /** Within the name of a trailer field. */
  TrailerName,
  /** Within the value of a trailer field. */
  Trailer,
  /** At the LF that ends a trailer line. */
  TrailerLf,
  /** At the LF that ends the body. */
  EndLf,
  Done,
}

/** Decodes one chunked body. */
export class ChunkedDecoder {
  /** Start of the latest run of data in the buffer. */
  dataStart = 0;
  /** End of the latest run of data. */
  dataEnd = 0;
  #state: State = State.SizeStart;
  #size = 0;
  #digits = 0;
  #extensionBytes = 0;
  #trailerBytes = 0;

  /** Whether the whole body has been decoded. */
  get done(): boolean {
    return this.#state === State.Done;
  }

  /**
   * Decodes up to the end of the next run of data, or of the body.
   *
   * @param start The position to start at: the result of the previous call.
   * @param end The end of the bytes received so far.
   * @param limit The maximum number of data bytes in one run.
   * @returns The position after the consumed bytes. `dataStart` and `dataEnd`
   * are set to the run of data, an empty range if there is none.
   * @throws {RequestError} If the coding is malformed, or exceeds a limit.
   */
  next(
    bytes: Uint8Array,
    start: number,
    end: number,
    limit: number,
  ): number {
    let i = start;
    this.dataStart = this.dataEnd = i;
    while (i < end && this.#state !== State.Done) {
      if (this.#state === State.Data) {
        const length = Math.min(this.#size, end - i, limit);
        this.dataStart = i;
        this.dataEnd = i + length;
        this.#size -= length;
        if (this.#size === 0) this.#state = State.DataCr;
        return i + length;
      }
      this.#step(bytes[i++]);
    }
    this.dataStart = this.dataEnd = i;
    return i;
  }

  #step(octet: number): void {
    switch (this.#state) {
      case State.SizeStart:
      case State.Size:
        return this.#stepSize(octet);
      case State.ExtensionSpace:
        if (octet === SEMICOLON) this.#state = State.Extension;
        else if (octet !== SP && octet !== HTAB) throw malformed();
        return this.#countExtension(octet);
      case State.Extension:
        if (octet === CR) this.#state = State.SizeLf;
        else this.#countExtension(octet);
        return;
      case State.SizeLf:
        if (octet !== LF) throw malformed();
        this.#state = this.#size === 0 ? State.TrailerStart : State.Data;
        return;
      case State.DataCr:
        if (octet !== CR) throw malformed();
        this.#state = State.DataLf;
        return;
      case State.DataLf:
        if (octet !== LF) throw malformed();
        this.#state = State.SizeStart;
        return;
      case State.TrailerStart:
        // White space at the start of a line (obs-fold) is an error.
        if (octet !== CR) this.#countTrailer(octet, TOKEN);
        this.#state = octet === CR ? State.EndLf : State.TrailerName;
        return;
      case State.TrailerName:
        this.#countTrailer(octet, octet === COLON ? FIELD_VALUE : TOKEN);
        if (octet === COLON) this.#state = State.Trailer;
        return;
      case State.Trailer:
        if (octet === CR) this.#state = State.TrailerLf;
        else this.#countTrailer(octet, FIELD_VALUE);
        return;
      case State.TrailerLf:
        if (octet !== LF) throw malformed();
        this.#state = State.TrailerStart;
        return;
      case State.EndLf:
        if (octet !== LF) throw malformed();
        this.#state = State.Done;
        return;
    }
  }

  #stepSize(octet: number): void {
    const digit = hexDigit(octet);
    if (digit >= 0) {
      if (++this.#digits > MAX_SIZE_DIGITS) throw malformed();
      this.#size = this.#size * 16 + digit;
      this.#state = State.Size;
      return;
    }
    if (this.#state === State.SizeStart) throw malformed();
    this.#digits = 0;
    if (octet === CR) this.#state = State.SizeLf;
    else if (octet === SEMICOLON) this.#state = State.Extension;
    // RFC 9112 7.1.1: white space before an extension is allowed (BWS).
    else if (octet === SP || octet === HTAB) this.#state = State.ExtensionSpace;
    else throw malformed();
  }

  #countExtension(octet: number): void {
    if ((OCTET_CLASS[octet] & FIELD_VALUE) === 0) throw malformed();
    if (++this.#extensionBytes > MAX_EXTENSION_BYTES) {
      throw new RequestError(400, "Chunk extensions too large");
    }
  }

  #countTrailer(octet: number, allowed: number): void {
    if ((OCTET_CLASS[octet] & allowed) === 0) throw malformed();
    if (++this.#trailerBytes > MAX_TRAILER_BYTES) {
      throw new RequestError(431, "Trailer section too large");
    }
  }
}

function malformed(): RequestError {
  return new RequestError(400, "Bad chunked coding");
}
