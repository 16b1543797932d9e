// Copyright 2026 the pystd authors. MIT license.

/**
 * What a CGI script answers: RFC 3875 section 6.
 *
 * Two steps, without processes. A {@linkcode CgiHeadScanner} is fed the output
 * as it comes and finds the end of the header block; {@linkcode parseCgiHead}
 * reads the block, and says which kind of response it begins.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { trimOws } from "../fields.ts";
import { HOP_BY_HOP } from "../hop_by_hop.ts";
import { CR, FIELD_VALUE, isToken, LF, OCTET_CLASS } from "../octets.ts";

/** How a scanner stands. */
export type CgiScanState = "partial" | "complete" | "too-large";

/** Collects a script's output until its header block is there. */
export class CgiHeadScanner {
  /** All output so far. */
  #bytes: Uint8Array = new Uint8Array(0);
  #limit: number;
  #position = 0;
  #lineStart = 0;
  /** 0 until the block is complete. */
  #headLength = 0;

  /**
   * Creates a scanner that has seen nothing.
   *
   * @param limit The most bytes of a header block.
   */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** The header block, with the empty line at its end. */
  get head(): Uint8Array {
    return this.#bytes.subarray(0, this.#headLength);
  }

  /** What came behind the header block. */
  get rest(): Uint8Array {
    return this.#bytes.subarray(this.#headLength);
  }

  /**
   * Looks at more output.
   *
   * @param chunk The output that follows.
   * @returns Whether the block is complete.
   */
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

/** What a script's header block says. */
export type CgiHead =
  | CgiDocument
  /** Answer as if this path had been asked for (6.2.2). */
  | { kind: "local"; location: string }
  | { kind: "malformed"; reason: string };

/** A response to pass on, be it that of a redirect. */
export interface CgiDocument {
  kind: "document";
  /** The status code. */
  status: number;
  /** The reason phrase; `undefined` if the script did not give one. */
  reason: string | undefined;
  /** Whether the script said the status itself. */
  explicit: boolean;
  /** Whether a body may follow: a mere redirect has none. */
  hasBody: boolean;
  /** The length that the script announced, if it did. */
  contentLength: number | undefined;
  /** The header fields to pass on, in order; not `Content-Length`. */
  fields: [name: string, value: string][];
}

/** At most once each (6.3). */
const CGI_FIELDS = ["content-type", "location", "status"];

/**
 * Fields that are between the server and the client (6.3.4): they, and the
 * date and server that this server says itself, are not the script's to send.
 */
const WITHHELD: ReadonlySet<string> = new Set([
  ...HOP_BY_HOP,
  "content-length",
  "date",
  "server",
  "status",
]);

/**
 * Reads a script's header block. Lines end in LF or CRLF; there are no
 * continuation lines (6.3).
 *
 * @param head The block, with the empty line at its end.
 * @returns What it says.
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
  // Number() of 16 digits and more is not exact.
  if (length !== undefined && !/^[0-9]{1,15}$/.test(length)) {
    return malformed(`the Content-Length is "${length}"`);
  }
  // A script that redirects without a document has none (6.2.3).
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

/** A field, or what is wrong with the line. */
function parseField(line: string): [name: string, value: string] | string {
  const colon = line.indexOf(":");
  const name = line.slice(0, Math.max(colon, 0));
  if (!isToken(name)) return "a line is no header field";
  const value = trimOws(line.slice(colon + 1));
  for (let i = 0; i < value.length; i++) {
    // A CR would end the field for some readers, a NUL for others.
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

/** Whether it is a path and perhaps a query on this server (6.3.2). */
function isLocal(location: string): boolean {
  return /^\/[^#\x00-\x20\x7f]*$/.test(location);
}

/** `404 Not Here`, from 200 on: an interim response is not the script's. */
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
