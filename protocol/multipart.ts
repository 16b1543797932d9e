// Copyright 2026 the pystd authors. MIT license.

/**
 * `multipart/form-data` (RFC 7578, RFC 2046 section 5.1) as a stream: bytes
 * in, parts out, in a memory that does not depend on how long a part is.
 *
 *     preamble  --boundary CRLF  head  CRLF CRLF  data  CRLF--boundary ...
 *
 * Strict where leniency would let two readers see different parts: lines end
 * in CRLF, and nothing but spaces follows a boundary on its line.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { RequestError } from "./request_error.ts";

/** One step of a form: a part begins, some of its data, the part ends. */
export type MultipartEvent =
  | { readonly kind: "part"; readonly fields: ReadonlyMap<string, string> }
  | { readonly kind: "data"; readonly bytes: Uint8Array }
  | { readonly kind: "end" };

/** A part's head with its empty line: a name and a path of some thousand characters fit. */
const MAX_HEAD_BYTES = 16 * 1024;
/** Forms have a handful of fields a part; this is CPython's limit on a head. */
const MAX_HEAD_LINES = 100;
/** Spaces that may follow a boundary on its line. */
const MAX_PADDING_BYTES = 128;
/** RFC 2046 section 5.1.1: up to 70 characters, none of them special. */
const BOUNDARY = /^[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]$/;

const END: MultipartEvent = { kind: "end" };

type State = "preamble" | "delimiter" | "head" | "data" | "epilogue";

/**
 * Takes a form apart as its bytes come in.
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
  /** Whether the delimiter that is being read ends a part. */
  #inPart = false;
  #delimiter: Buffer;
  /** What has come in and is not told apart yet; less than a head. */
  #rest: Buffer;

  /**
   * Starts before the first part.
   *
   * @param boundary The boundary, without its dashes.
   * @throws {RequestError} 400 if it is no boundary.
   */
  constructor(boundary: string) {
    if (!BOUNDARY.test(boundary)) {
      throw new RequestError(400, "Bad multipart boundary");
    }
    this.#delimiter = Buffer.from(`\r\n--${boundary}`, "latin1");
    // The first delimiter need not have a line before it.
    this.#rest = Buffer.from("\r\n");
  }

  /**
   * Takes the next bytes.
   *
   * @param bytes The bytes; what is yielded of them is a view.
   * @returns What they mean, to be used before more is fed.
   * @throws {RequestError} 400 if that is no form.
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
          // What might be the start of a delimiter is kept for the next time.
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
          // Not before: only now is it certain that this was a delimiter.
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
   * Says that no more bytes come.
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

  /** Where the line of a delimiter ends, -1 if that is still to come. */
  #endOfDelimiter(input: Buffer, at: number): number {
    if (input.length < at + 2) return -1;
    if (input[at] === 0x2d && input[at + 1] === 0x2d) {
      this.#state = "epilogue";
      return at;
    }
    let end = at;
    while (input[end] === 0x20 || input[end] === 0x09) end++;
    if (end - at > MAX_PADDING_BYTES) throw badForm();
    if (input.length < end + 2) {
      if (input.length > end && input[end] !== 0x0d) throw badForm();
      return -1;
    }
    if (input[end] !== 0x0d || input[end + 1] !== 0x0a) throw badForm();
    this.#state = "head";
    return end + 2;
  }
}

function badForm(): RequestError {
  return new RequestError(400, "Bad multipart form");
}

/** Where a part's head ends, its empty line included; -1 if it goes on. */
function endOfHead(input: Buffer, at: number): number {
  if (input[at] === 0x0d && input[at + 1] === 0x0a) return at + 2;
  const empty = input.indexOf("\r\n\r\n", at, "latin1");
  const end = empty === -1 ? input.length : empty + 4;
  if (end - at > MAX_HEAD_BYTES) {
    throw new RequestError(400, "Multipart header too long");
  }
  return empty === -1 ? -1 : end;
}

/** The fields of a part by lower-case name; browsers send them as UTF-8. */
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
    const match = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*(.*)$/s.exec(line);
    if (match === null || /[\r\n\0]/.test(line)) throw badForm();
    const name = match[1].toLowerCase();
    // Of two names for a file, readers would take different ones.
    if (fields.has(name)) throw badForm();
    fields.set(name, match[2].trimEnd());
  }
  return fields;
}
