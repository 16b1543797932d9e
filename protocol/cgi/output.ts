// Copyright 2026 the pystd authors. MIT license.

/**
 * Parses the output of a CGI script (RFC 3875 section 6).
 *
 * There are two steps. A {@linkcode CgiHeadScanner} finds the end of the header
 * block as the output arrives. Then {@linkcode parseCgiHead} parses the block
 * and determines the kind of response.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { trimOws } from "../fields.ts";
import { HOP_BY_HOP } from "../hop_by_hop.ts";
import { CR, FIELD_VALUE, isToken, LF, OCTET_CLASS } from "../octets.ts";

/** The state of a scanner. */
export type CgiScanState = "partial" | "complete" | "too-large";

/** Collects the output of a script until its header block is complete. */
export class CgiHeadScanner {
  /** All output so far. */
  #bytes: Uint8Array = new Uint8Array(0);
  #limit: number;
  #position = 0;
  #lineStart = 0;
  /** 0 until the block is complete. */
  #headLength = 0;

  /**
   * Creates a scanner.
   *
   * @param limit The largest header block, in bytes.
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The header block, with its empty line. */
  get head(): Uint8Array {
    return this.#bytes.subarray(0, this.#headLength);
  }

  /** The output after the header block. */
  get rest(): Uint8Array {
    return this.#bytes.subarray(this.#headLength);
  }

  /** Scans more output. */
  push(chunk: Uint8Array): CgiScanState {
    this.#bytes = this.#bytes.length === 0
      ? chunk
      : Buffer.concat([this.#bytes, chunk]);
    const bytes = this.#bytes;
    const end = Math.min(bytes.length, this.#limit);
    for (;;) {
      const lf = bytes.indexOf(LF, this.#position);
      if (lf === -1 || lf >= end) break;
      const length = lf - this.#lineStart;
      this.#position = this.#lineStart = lf + 1;
      if (length === 0 || (length === 1 && bytes[lf - 1] === CR)) {
        this.#headLength = lf + 1;
        return "complete";
      }
    }
    this.#position = end;
    return bytes.length >= this.#limit ? "too-large" : "partial";
  }
}

/** A parsed header block. */
export type CgiHead =
  | CgiDocument
  /** Answer as if the client had requested this path (6.2.2). */
  | { kind: "local"; location: string }
  | { kind: "malformed"; reason: string };

/** A response for the client, which may be a redirect. */
export interface CgiDocument {
  kind: "document";
  /** Status code. */
  status: number;
  /** Reason phrase; `undefined` if the script sent none. */
  reason: string | undefined;
  /** Whether the script sent a `Status` field. */
  explicit: boolean;
  /** Whether a body may follow: not after a redirect without a document. */
  hasBody: boolean;
  /** `Content-Length`, if the script sent one. */
  contentLength: number | undefined;
  /** Fields for the client, in order, without `Content-Length`. */
  fields: [name: string, value: string][];
}

/** CGI fields, each allowed once (6.3). */
const CGI_FIELDS = ["content-type", "location", "status"];

/**
 * Fields that scripts cannot send to the client: those of the connection
 * (6.3.4), and `Date` and `Server`, which this server sends itself.
 */
const WITHHELD: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  "content-length",
  "date",
  "server",
  "status",
]);

/**
 * Parses the header block of a script. Lines end in LF or CRLF, without
 * continuation lines (6.3).
 *
 * @param head The block, with its empty line.
 *
 * @example
 * ```ts
 * import { parseCgiHead } from "./output.ts";
 * import { assertEquals } from "@std/assert/equals";
 *
 * const head = new TextEncoder().encode("Location: /other?x\n\n");
 * assertEquals(parseCgiHead(head), { kind: "local", location: "/other?x" });
 * ```
 */
export function parseCgiHead(head: Uint8Array): CgiHead {
  const fields: [string, string][] = [];
  const cgi: Record<string, string | undefined> = {};
  const lines = Buffer.from(head).toString("latin1").split("\n");
  for (const line of lines.slice(0, -2)) {
    const field = parseField(line.endsWith("\r") ? line.slice(0, -1) : line);
    if (typeof field === "string") return malformed(field);
    const name = field[0].toLowerCase();
    if (CGI_FIELDS.includes(name) || name === "content-length") {
      if (cgi[name] !== undefined) return malformed(`${field[0]} is repeated`);
      cgi[name] = field[1];
    }
    fields.push(field);
  }
  if (CGI_FIELDS.every((name) => cgi[name] === undefined)) {
    return malformed("there is no Content-Type, Location or Status");
  }
  return interpret(fields, cgi);
}

function interpret(
  fields: [string, string][],
  cgi: Record<string, string | undefined>,
): CgiHead {
  const { location, status } = cgi;
  const others = fields.filter(([name]) => isForwarded(name));
  const alone = others.length === 1 && status === undefined;
  if (location !== undefined && alone && isLocal(location)) {
    return { kind: "local", location };
  }
  const parsed = parseStatus(
    status ?? (location === undefined ? "200" : "302"),
  );
  if (parsed === undefined) return malformed(`the Status is "${status}"`);
  const length = cgi["content-length"];
  // `Number()` is not exact beyond 15 digits.
  if (length !== undefined && !/^[0-9]{1,15}$/.test(length)) {
    return malformed(`the Content-Length is "${length}"`);
  }
  // A redirect without a document has no body (6.2.3).
  const hasBody = location === undefined || cgi["content-type"] !== undefined;
  return {
    kind: "document",
    ...parsed,
    explicit: status !== undefined,
    hasBody,
    contentLength: length === undefined ? undefined : Number(length),
    fields: others,
  };
}

/** Parses a line. Returns a field, or an error message. */
function parseField(line: string): [name: string, value: string] | string {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0));
  if (!isToken(name)) return "a line is no header field";
  const value = trimOws(line.slice(colon + 1));
  for (let i = 0; i < value.length; i++) {
    // Some parsers end a field at a CR, others at a NUL.
    if ((OCTET_CLASS[value.charCodeAt(i)] & FIELD_VALUE) === 0) {
      return `${name} has a control character`;
    }
  }
  return [name, value];
}

function isForwarded(field: string): boolean {
  const name = field.toLowerCase();
  return !WITHHELD.has(name) && !name.startsWith("x-cgi-");
}

/**
 * Returns whether a location is a path on this server, with or without a query
 * (6.3.2).
 */
function isLocal(location: string): boolean {
  return /^\/[^#\x00-\x20\x7f]*$/.test(location);
}

/** Parses a `Status`. Scripts cannot send interim responses (1xx). */
function parseStatus(
  text: string,
): { status: number; reason: string | undefined } | undefined {
  const match = /^([2-9][0-9]{2})(?: (.*))?$/.exec(text);
  if (match === null) return undefined;
  const reason = match[2]?.trim();
  return {
    status: Number(match[1]),
    reason: reason === "" ? undefined : reason,
  };
}

function malformed(reason: string): CgiHead {
  return { kind: "malformed", reason };
}
