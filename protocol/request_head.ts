// Copyright 2026 the pystd authors. MIT license.

/**
 * The head of a request: from bytes to a request line and header fields.
 *
 * Two steps, both without sockets. A {@linkcode HeadScanner} is fed a growing
 * buffer and finds where the head ends, remembering how far it has looked, so
 * that a head which arrives byte by byte costs no more than one that arrives
 * whole. {@linkcode parseHead} then reads the complete head once.
 *
 * Strict heads follow RFC 9112 sections 3 and 5; lenient ones follow CPython,
 * which reads header fields with its e-mail parser.
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

/** How large a head may be. */
export interface HeadLimits {
  /** The longest line in bytes, its end included. */
  lineBytes: number;
  /** The most header lines, the empty one at the end included. */
  lines: number;
  /** The most bytes of a head in all. */
  headBytes: number;
}

/** What a {@linkcode HeadScanner} has found so far. */
export type ScanState =
  /** More bytes are needed; the request line is not complete. */
  | "partial"
  /** The request line is complete, the header block is not. */
  | "line"
  /** The head is complete. */
  | "complete"
  /** The request line is over its limit: 414. */
  | "line-too-long"
  /** A header line is over its limit: 431. */
  | "field-too-long"
  /** There are too many header lines: 431. */
  | "too-many-fields"
  /** The head as a whole is over its limit: 431. */
  | "head-too-large";

/** Finds the end of a head in a buffer that grows. */
export class HeadScanner {
  /** The length of the request line with its end; 0 until it is complete. */
  lineLength = 0;
  /** The length of the head; 0 until it is complete. */
  headLength = 0;
  #position = 0;
  #lineStart = 0;
  #headerLines = 0;

  /** Forgets the head found last, to look for the next one. */
  reset(): void {
    this.lineLength = 0;
    this.headLength = 0;
    this.#position = 0;
    this.#lineStart = 0;
    this.#headerLines = 0;
  }

  /**
   * Looks at the bytes that have come since the last call.
   *
   * @param bytes The buffer.
   * @param start Where the head starts in it.
   * @param end Where the bytes received so far end.
   * @param limits What is too large.
   * @returns What is known now.
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
    // Whatever is exceeded first counts, however the bytes came in.
    const lineTooLong = length - lineStart > limits.lineBytes;
    if (lineTooLong && lineStart + limits.lineBytes <= limits.headBytes) {
      return this.lineLength === 0 ? "line-too-long" : "field-too-long";
    }
    if (length > limits.headBytes) return "head-too-large";
    return this.lineLength === 0 ? "partial" : "line";
  }
}

/** A head, or why it cannot be served. */
export type Head =
  | RequestHead
  | {
    /** The line is empty: CPython closes the connection without a word. */
    kind: "empty";
    requestline: string;
  }
  | BadHead;

/** A head that says what is wanted. */
export interface RequestHead {
  kind: "request";
  /** The request line without its end, latin-1 text. */
  requestline: string;
  /** The method as it was sent. */
  command: string;
  /** The target as it was sent. */
  target: string;
  /** The version as it was sent; `undefined` if there was none (HTTP/0.9). */
  version: string | undefined;
  /** Whether the version is 1.1 or higher. */
  atLeast11: boolean;
  /** The header fields. */
  fields: Fields;
}

/** A head that is answered with an error. */
export interface BadHead {
  kind: "bad";
  requestline: string;
  /** The status to answer with. */
  status: number;
  /** The reason, where the status's own is not precise enough. */
  message?: string;
  /** What explains it, where the status's own text is not precise enough. */
  explain?: string;
  /** The version as it was sent, where it was valid. */
  version?: string;
  /** The method, where it was read. */
  command?: string;
  /** The target, where it was read. */
  target?: string;
}

/**
 * Reads a head that is complete in a buffer.
 *
 * @param bytes The buffer.
 * @param start Where the head starts.
 * @param lineLength The length of the request line, its end included.
 * @param headLength The length of the whole head. It may be that of the
 * request line, where no header block follows, or end in the middle of a
 * field, where the stream did.
 * @param strict Whether the rules of RFC 9112 hold, or CPython's.
 * @returns The request, or what is wrong with it.
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
 * Reads a request line whose header block is missing or of no use.
 *
 * @param bytes The buffer.
 * @param start Where the line starts.
 * @param lineLength Its length, its end included.
 * @param strict As for {@linkcode parseHead}.
 * @returns The line, and what could be read of it.
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
 * Whether a header block follows a request line: not after an HTTP/0.9
 * request, nor after a line that is answered with an error at once.
 *
 * @param bytes The buffer.
 * @param start Where the request line starts.
 * @param lineLength Its length, its end included.
 * @param strict As for {@linkcode parseHead}.
 * @returns Whether to read on before the request can be answered.
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
 * The fast path: one space between three words, HTTP/1.0 or HTTP/1.1, and no
 * octet that either set of rules would look at twice.
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
    // Python takes 0x85 and 0xa0 for white space, RFC 9112 refuses them here.
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

/** RFC 9112 section 5: the fields, or the reason why they are malformed. */
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
      // A line that starts with white space is obs-fold, or a trick.
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

/** How much of a malformed line is shown to the one who sent it. */
const SHOWN_OF_LINE = 80;

function malformed(text: string, lineStart: number): string {
  const end = text.indexOf("\n", lineStart);
  const line = text.slice(lineStart, end === -1 ? undefined : end);
  return `Bad header line (${repr(line.slice(0, SHOWN_OF_LINE))})`;
}

/**
 * CPython's reading of a header block: any kind of line end, folded lines
 * joined, a nameless field skipped, and all lost from the first line on that
 * is no field.
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
