// Copyright 2026 the pystd authors. MIT license.

/**
 * A streaming parser for `multipart/form-data` (RFC 7578, RFC 2046 section
 * 5.1). Memory does not depend on the size of the parts.
 *
 *     preamble  --boundary CRLF  head  CRLF CRLF  data  CRLF--boundary ...
 *
 * The parser is strict where lenient parsers would disagree on the parts: lines
 * end in CRLF, and only spaces follow a boundary on its line.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { CR, HTAB, isToken, LF, SP } from "./octets.ts";
import { RequestError } from "./request_error.ts";

/** An event: the start of a part, a piece of its data, or its end. */
export type MultipartEvent =
  | { readonly kind: "part"; readonly fields: ReadonlyMap<string, string> }
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "end" };

/**
 * Largest head of a part, in bytes: room for a path of thousands of characters.
 */
const MAX_HEAD_BYTES = 16 * 1024;
/** Most header lines of a part: CPython's limit on a head. Forms need a few. */
const MAX_HEAD_LINES = 100;
/** Most spaces after a boundary on its line. */
const MAX_PADDING_BYTES = 128;
/** RFC 2046 section 5.1.1: 1 to 70 characters, without a space at the end. */
const BOUNDARY = /^[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]$/;

const END: MultipartEvent = { kind: "end" };

type State = "preamble" | "delimiter" | "head" | "data" | "epilogue";

/**
 * Parses a form as its bytes arrive.
 *
 * @example
 * ```ts
 * import { MultipartParser } from "./multipart.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const parser = new MultipartParser("x");
 * const form = '--x\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--x--';
 * const kinds = [...parser.feed(new TextEncoder().encode(form))]
 *   .map((event) => event.kind);
 * parser.end();
 * assertEquals(kinds, ["part", "data", "end"]);
 * ```
 */
export class MultipartParser {
  #state: State = "preamble";
  /** Whether the current delimiter ends a part. */
  #inPart = false;
  #delimiter: Buffer;
  /** Bytes that are not parsed yet; at most the head of a part. */
  #rest: Buffer;

  /**
   * Creates a parser.
   *
   * @param boundary The boundary, without its dashes.
   * @throws {RequestError} 400 if the boundary is invalid.
   */
  constructor(boundary: string) {
    if (!BOUNDARY.test(boundary)) {
      throw new RequestError(400, "Bad multipart boundary");
    }
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
    // The first delimiter may start the form: this is the CRLF before it.
    this.#rest = Buffer.from("\r\n");
  }

  /**
   * Parses the next bytes.
   *
   * @param bytes The bytes. Events hold views of them.
   * @returns The events; use them before the next call.
   * @throws {RequestError} 400 if the form is malformed.
   */
  *feed(bytes: Uint8Array): Generator<MultipartEvent, void, undefined> {
    let input = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    if (this.#rest.length > 0) input = Buffer.concat([this.#rest, input]);
    let at = 0;
    for (;;) {
      switch (this.#state) {
        case "preamble":
        case "data": {
          const found = input.indexOf(this.#delimiter, at);
          // Keep a possible start of a delimiter for the next call.
          const end = found === -1
            ? Math.max(at, input.length - this.#delimiter.length + 1)
            : found;
          if (this.#state === "data" && end > at) {
            yield { kind: "data", bytes: input.subarray(at, end) };
          }
          if (found === -1) return this.#keep(input, end);
          this.#inPart = this.#state === "data";
          at = found + this.#delimiter.length;
          this.#state = "delimiter";
          break;
        }
        case "delimiter": {
          const end = this.#endOfDelimiter(input, at);
          if (end === -1) return this.#keep(input, at);
          // Not earlier: only now is it certain that this was a delimiter.
          if (this.#inPart) yield END;
          at = end;
          break;
        }
        case "head": {
          const end = endOfHead(input, at);
          if (end === -1) return this.#keep(input, at);
          yield { kind: "part", fields: parseHead(input, at, end) };
          at = end;
          this.#state = "data";
          break;
        }
        case "epilogue":
          return this.#keep(input, input.length);
      }
    }
  }

  /**
   * Ends the form.
   *
   * @throws {RequestError} 400 if the last boundary is missing.
   */
  end(): void {
    if (this.#state !== "epilogue") {
      throw new RequestError(400, "Incomplete multipart form");
    }
  }

  #keep(input: Buffer, from: number): void {
    this.#rest = Buffer.from(input.subarray(from));
  }

  /** Returns the end of a delimiter's line; -1 if it is incomplete. */
  #endOfDelimiter(input: Buffer, at: number): number {
    if (input.length < at + 2) return -1;
    if (input[at] === 0x2d && input[at + 1] === 0x2d) {
      this.#state = "epilogue";
      return at;
    }
    let end = at;
    while (input[end] === SP || input[end] === HTAB) end++;
    if (end - at > MAX_PADDING_BYTES) throw badForm();
    if (input.length < end + 2) {
      if (input.length > end && input[end] !== CR) throw badForm();
      return -1;
    }
    if (input[end] !== CR || input[end + 1] !== LF) throw badForm();
    this.#state = "head";
    return end + 2;
  }
}

function badForm(): RequestError {
  return new RequestError(400, "Bad multipart form");
}

/** Returns the end of a part's head, after its empty line; -1 if incomplete. */
function endOfHead(input: Buffer, at: number): number {
  if (input[at] === CR && input[at + 1] === LF) return at + 2;
  const empty = input.indexOf("\r\n\r\n", at, "latin1");
  const end = empty === -1 ? input.length : empty + 4;
  if (end - at > MAX_HEAD_BYTES) {
    throw new RequestError(400, "Multipart header too long");
  }
  return empty === -1 ? -1 : end;
}

/** Parses the fields of a part, by lower-case name; browsers send UTF-8. */
function parseHead(
  input: Buffer,
  start: number,
  end: number,
): Map<string, string> {
  const fields = new Map<string, string>();
  const text = input.toString("utf8", start, end).slice(0, -2);
  const lines = text.split("\r\n").filter((line) => line !== "");
  if (lines.length > MAX_HEAD_LINES) {
    throw new RequestError(400, "Too many multipart headers");
  }
  for (const line of lines) {
    const colon = line.indexOf(":");
    const sent = line.slice(0, Math.max(colon, 0));
    if (!isToken(sent) || /[\r\n\0]/.test(line)) throw badForm();
    const name = sent.toLowerCase();
    // Parsers disagree on which of two equal fields counts.
    if (fields.has(name)) throw badForm();
    fields.set(name, line.slice(colon + 1).replace(/^[ \t]+/, "").trimEnd());
  }
  return fields;
}
