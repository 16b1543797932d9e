// Copyright 2026 the pystd authors. MIT license.

/**
 * Parses the head of a request: the request line and the header fields.
 *
 * There are two steps, both without sockets. A {@linkcode HeadScanner} finds
 * the end of the head in a growing buffer. It remembers its position, so that a
 * head that arrives byte by byte costs no more than one that arrives whole.
 * Then {@linkcode parseHead} parses the complete head once.
 *
 * Strict parsing follows RFC 9112 sections 3 and 5. Lenient parsing follows
 * CPython, which uses its e-mail parser for header fields.
 *
 * @module
 */

import type { Buffer } from "node:buffer";
import { Fields, NO_FIELDS } from "./fields.ts";
import {
  COLON,
  CR,
  FIELD_VALUE,
  HTAB,
  LF,
  OCTET_CLASS,
  SP,
  TARGET,
  TOKEN,
} from "./octets.ts";
import { repr } from "../python/text.ts";
import { parseRequestLine, type RequestLine } from "./request_line.ts";

/** Limits on the size of a head. */
export interface HeadLimits {
  /** Longest line, in bytes, with its line end. */
  lineBytes: number;
  /** Most header lines, with the empty line at the end. */
  lines: number;
  /** Largest head, in bytes. */
  headBytes: number;
}

/** The state of a {@linkcode HeadScanner}. */
export type ScanState =
  /** The request line is incomplete. */
  | "partial"
  /** The request line is complete; the header block is not. */
  | "line"
  /** The head is complete. */
  | "complete"
  /** The request line exceeds its limit: 414. */
  | "line-too-long"
  /** A header line exceeds its limit: 431. */
  | "field-too-long"
  /** There are too many header lines: 431. */
  | "too-many-fields"
  /** The head exceeds its limit: 431. */
  | "head-too-large";

/** Finds the end of a head in a growing buffer. */
export class HeadScanner {
  /** Length of the request line with its end; 0 until it is complete. */
  lineLength = 0;
  /** Length of the head; 0 until it is complete. */
  headLength = 0;
  #position = 0;
  #lineStart = 0;
  #headerLines = 0;

  /** Starts over, for the next head. */
  reset(): void {
    this.lineLength = 0;
    this.headLength = 0;
    this.#position = 0;
    this.#lineStart = 0;
    this.#headerLines = 0;
  }

  /**
   * Scans the bytes that arrived since the last call.
   *
   * @param start The start of the head in the buffer.
   * @param end The end of the bytes received so far.
   */
  scan(
    bytes: Uint8Array,
    start: number,
    end: number,
    limits: HeadLimits,
  ): ScanState {
    const length = end - start;
    let position = this.#position;
    let lineStart = this.#lineStart;
    for (; position < length; position++) {
      if (bytes[start + position] !== LF) continue;
      const lineLength = position + 1 - lineStart;
      if (lineLength > limits.lineBytes || position >= limits.headBytes) break;
      if (this.lineLength === 0) {
        this.lineLength = lineLength;
      } else {
        if (++this.#headerLines > limits.lines) return "too-many-fields";
        const empty = lineLength === 1 ||
          (lineLength === 2 && bytes[start + lineStart] === CR);
        if (empty) {
          this.headLength = position + 1;
          return "complete";
        }
      }
      lineStart = position + 1;
    }
    this.#position = position;
    this.#lineStart = lineStart;
    // The first limit exceeded counts, however the bytes were split.
    const lineTooLong = length - lineStart > limits.lineBytes;
    if (lineTooLong && lineStart + limits.lineBytes <= limits.headBytes) {
      return this.lineLength === 0 ? "line-too-long" : "field-too-long";
    }
    if (length > limits.headBytes) return "head-too-large";
    return this.lineLength === 0 ? "partial" : "line";
  }
}

/** A parsed head, or the reason why it cannot be served. */
export type Head =
  | RequestHead
  | {
    /** The request line is empty: CPython closes without a response. */
    kind: "empty";
    requestline: string;
  }
  | BadHead;

/** A valid head. */
export interface RequestHead {
  kind: "request";
  /** Request line without its end; latin-1 text. */
  requestline: string;
  /** Method, as sent. */
  command: string;
  /** Target, as sent. */
  target: string;
  /** Version, as sent; `undefined` for HTTP/0.9. */
  version: string | undefined;
  /** Whether the version is 1.1 or higher. */
  atLeast11: boolean;
  /** Header fields. */
  fields: Fields;
}

/** An invalid head. */
export interface BadHead {
  kind: "bad";
  requestline: string;
  /** Status of the response. */
  status: number;
  /** Reason phrase, if not the default one of the status. */
  message?: string;
  /** Explanation, if not the default one of the status. */
  explain?: string;
  /** Version, as sent, if it was valid. */
  version?: string;
  /** Method, if it was read. */
  command?: string;
  /** Target, if it was read. */
  target?: string;
}

/**
 * Parses a complete head.
 *
 * @param start The start of the head.
 * @param lineLength The length of the request line, with its end.
 * @param headLength The length of the head. It equals `lineLength` if there is
 * no header block, and ends within a field if the stream did.
 * @param strict Whether to apply the rules of RFC 9112, or those of CPython.
 * @returns The request, or the error.
 */
export function parseHead(
  bytes: Buffer,
  start: number,
  lineLength: number,
  headLength: number,
  strict: boolean,
): Head {
  const text = bytes.toString("latin1", start, start + headLength);
  const requestline = trimLineEnd(text, lineLength);
  // RFC 9112 2.2: a bare CR makes a line invalid, even one before its end.
  const bareCr = strict && lineLength - requestline.length > 2;
  const line = parseUsualLine(bytes, start, requestline) ??
    parseRequestLine(requestline, strict);
  if (line.kind !== "request") return { ...line, requestline };
  const { command, target, version, atLeast11 } = line;
  if (bareCr) {
    const message = `Bad request syntax (${repr(requestline + "\r")})`;
    return { kind: "bad", status: 400, message, version, requestline };
  }
  let fields = NO_FIELDS;
  if (headLength > lineLength && version !== undefined) {
    const parsed = strict
      ? parseStrictFields(bytes, start, lineLength, text)
      : parseLenientFields(text.slice(lineLength));
    if (typeof parsed === "string") {
      const message = parsed;
      return { ...line, kind: "bad", status: 400, message, requestline };
    }
    fields = parsed;
  }
  return {
    kind: "request",
    requestline,
    command,
    target,
    version,
    atLeast11,
    fields,
  };
}

/**
 * Parses a request line alone: its header block is missing or unusable.
 *
 * @param start The start of the line.
 * @param lineLength The length of the line, with its end.
 * @param strict As for {@linkcode parseHead}.
 * @returns The line, and its parts if they are valid.
 */
export function parseLineOnly(
  bytes: Buffer,
  start: number,
  lineLength: number,
  strict: boolean,
): Pick<BadHead, "requestline" | "version" | "command" | "target"> {
  const text = bytes.toString("latin1", start, start + lineLength);
  const requestline = trimLineEnd(text, lineLength);
  const line = parseRequestLine(requestline, strict);
  if (line.kind !== "request") return { requestline };
  const { command, target, version } = line;
  return { requestline, command, target, version };
}

/**
 * Returns whether a header block follows a request line. None follows an
 * HTTP/0.9 request, or a line that causes an error.
 *
 * @param start The start of the request line.
 * @param lineLength The length of the line, with its end.
 * @param strict As for {@linkcode parseHead}.
 * @returns Whether to read more before the response.
 */
export function expectsFields(
  bytes: Buffer,
  start: number,
  lineLength: number,
  strict: boolean,
): boolean {
  const text = bytes.toString("latin1", start, start + lineLength);
  const line = parseRequestLine(trimLineEnd(text, lineLength), strict);
  return line.kind === "request" && line.version !== undefined;
}

// As `str(raw, "iso-8859-1").rstrip("\r\n")` does.
function trimLineEnd(text: string, end: number): string {
  while (end > 0) {
    const code = text.charCodeAt(end - 1);
    if (code !== LF && code !== CR) break;
    end--;
  }
  return text.slice(0, end);
}

/**
 * Fast path for three words with one space between them, HTTP/1.0 or HTTP/1.1,
 * and only octets that strict and lenient parsing treat alike.
 */
function parseUsualLine(
  bytes: Uint8Array,
  start: number,
  line: string,
): RequestLine | undefined {
  const end = start + line.length;
  let i = start;
  while (OCTET_CLASS[bytes[i]] & TOKEN) i++;
  if (i === start || bytes[i] !== SP) return undefined;
  const targetStart = i + 1;
  const targetEnd = end - " HTTP/1.1".length;
  for (i = targetStart; i < targetEnd; i++) {
    const octet = bytes[i];
    // 0x85 and 0xa0 are white space to Python, and invalid in RFC 9112.
    if ((OCTET_CLASS[octet] & TARGET) === 0 || octet > 0x7e) return undefined;
  }
  if (targetEnd <= targetStart || bytes[targetEnd] !== SP) return undefined;
  const atLeast11 = line.endsWith("HTTP/1.1");
  if (!atLeast11 && !line.endsWith("HTTP/1.0")) return undefined;
  return {
    kind: "request",
    command: line.slice(0, targetStart - 1 - start),
    target: line.slice(targetStart - start, targetEnd - start),
    version: atLeast11 ? "HTTP/1.1" : "HTTP/1.0",
    atLeast11,
  };
}

/** Parses fields by RFC 9112 section 5. Returns them, or an error message. */
function parseStrictFields(
  bytes: Uint8Array,
  start: number,
  from: number,
  text: string,
): Fields | string {
  const marks: number[] = [];
  const end = start + text.length;
  let i = start + from;
  while (i < end) {
    const nameStart = i;
    while (OCTET_CLASS[bytes[i]] & TOKEN) i++;
    const nameEnd = i;
    if (nameEnd === nameStart) {
      if (bytes[i] === LF || (bytes[i] === CR && bytes[i + 1] === LF)) break;
      // White space at the start of a line (obs-fold) is an error.
      return malformed(text, nameStart - start);
    }
    if (bytes[i++] !== COLON) return malformed(text, nameStart - start);
    while (bytes[i] === SP || bytes[i] === HTAB) i++;
    const valueStart = i;
    while (OCTET_CLASS[bytes[i]] & FIELD_VALUE) i++;
    let valueEnd = i;
    if (bytes[i] === CR) i++;
    if (bytes[i++] !== LF) return malformed(text, nameStart - start);
    while (
      valueEnd > valueStart &&
      (bytes[valueEnd - 1] === SP || bytes[valueEnd - 1] === HTAB)
    ) valueEnd--;
    marks.push(
      nameStart - start,
      nameEnd - start,
      valueStart - start,
      valueEnd - start,
    );
  }
  return new Fields(text, marks);
}

/** Most characters of a malformed line in an error message. */
const MAX_SHOWN_CHARACTERS = 80;

function malformed(text: string, lineStart: number): string {
  const end = text.indexOf("\n", lineStart);
  const line = text.slice(lineStart, end === -1 ? undefined : end);
  return `Bad header line (${repr(line.slice(0, MAX_SHOWN_CHARACTERS))})`;
}

/**
 * Parses fields as CPython does: it accepts any line end, joins folded lines,
 * skips fields without a name, and stops at the first line that is not a field.
 */
function parseLenientFields(block: string): Fields {
  const pairs: [string, string][] = [];
  for (const line of block.split(/\r\n|\r|\n/)) {
    if (line === "") break;
    if (line[0] === " " || line[0] === "\t") {
      const last = pairs.at(-1);
      if (last !== undefined) last[1] += " " + line.trim();
      continue;
    }
    const name = /^[!-9;-~]*(?=:)/.exec(line)?.[0];
    if (name === undefined) break;
    if (name === "") continue;
    pairs.push([name, line.slice(name.length + 1).replace(/^[ \t]+/, "")]);
  }
  return Fields.from(pairs.map(([name, value]) => [name, value.trim()]));
}
