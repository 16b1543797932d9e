// Copyright 2026 the pystd authors. MIT license.

/**
 * Parses a stream of responses without normalising it: tests see the bytes as
 * sent.
 *
 * @module
 */

/** A response, or the bytes in place of one. */
export interface Answer {
  /**
   * The status line and the fields with the empty line; "" if there are none.
   */
  head: string;
  /** The bytes between the head and the next response, as sent. */
  raw: string;
  /** The body, decoded if it was chunked. */
  body: string;
  /** The version in the status line, "" without a head. */
  version: string;
  /** The status code, 0 without a head. */
  status: number;
  /** The reason phrase. */
  reason: string;
  /** The fields as sent: `[name, value]`, one space after the colon dropped. */
  fields: [string, string][];
  /** Whether the body ended by its framing rather than with the data. */
  complete: boolean;
}

/**
 * Parses responses (RFC 9112 section 6.3).
 *
 * @param text The data that a server sent, as latin-1.
 * @param methods The methods of the requests in order; `GET` for further ones.
 * @returns The responses. Other data becomes an answer without a head.
 */
export function parseAnswers(
  text: string,
  methods: readonly string[] = [],
): Answer[] {
  const answers: Answer[] = [];
  let turn = 0;
  for (let rest = text; rest !== "";) {
    const answer = parseAnswer(rest, methods[turn] ?? "GET");
    if (answer.status >= 200) turn++;
    answers.push(answer);
    rest = rest.slice(answer.head.length + answer.raw.length);
  }
  return answers;
}

/**
 * The value of a field.
 *
 * @param answer A response.
 * @param name The field name, in any case.
 * @returns The values joined by `, `, `undefined` if there is none.
 */
export function field(answer: Answer, name: string): string | undefined {
  const values = answer.fields
    .filter(([key]) => key.toLowerCase() === name.toLowerCase())
    .map(([, value]) => value);
  return values.length === 0 ? undefined : values.join(", ");
}

function parseAnswer(text: string, method: string): Answer {
  // CPython passes the header lines of CGI scripts on unchanged, with a bare
  // LF.
  const head = /^HTTP\/1\.\d \d{3}[^\n]*\n(?:[^\r\n][^\n]*\n)*\r?\n/.exec(text)
    ?.[0] ?? "";
  const lines = head.split(/\r?\n/).slice(0, -2);
  const [, version = "", status = "0", reason = ""] =
    /^(\S+) (\d{3}) ?(.*)$/s.exec(lines[0] ?? "") ?? [];
  const answer: Answer = {
    head,
    version,
    status: Number(status),
    reason,
    fields: lines.slice(1).map(splitField),
    raw: "",
    body: "",
    complete: false,
  };
  return { ...answer, ...takeBody(answer, method, text.slice(head.length)) };
}

function splitField(line: string): [string, string] {
  const colon = line.indexOf(":");
  if (colon < 0) return [line, ""];
  return [line.slice(0, colon), line.slice(colon + 1).replace(/^ /, "")];
}

function takeBody(
  answer: Answer,
  method: string,
  rest: string,
): Pick<Answer, "raw" | "body" | "complete"> {
  const { status } = answer;
  const none = status > 0 && status < 200 || status === 204 || status === 304;
  if (none || method === "HEAD" && status > 0) {
    return { raw: "", body: "", complete: true };
  }
  if (field(answer, "Transfer-Encoding")?.toLowerCase() === "chunked") {
    return takeChunks(rest);
  }
  const length = field(answer, "Content-Length");
  if (length === undefined || !/^\d+$/.test(length)) {
    return { raw: rest, body: rest, complete: false };
  }
  const body = rest.slice(0, Number(length));
  return { raw: body, body, complete: body.length === Number(length) };
}

function takeChunks(rest: string): Pick<Answer, "raw" | "body" | "complete"> {
  let body = "";
  for (let at = 0;;) {
    const [line, size = ""] =
      /^([0-9a-f]+)[^\r\n]*\r\n/i.exec(rest.slice(at)) ??
        [];
    if (line === undefined) return { raw: rest, body, complete: false };
    const start = at + line.length;
    const length = parseInt(size, 16);
    if (length === 0) {
      const end = /^(?:[^\r\n]+\r\n)*\r\n/.exec(rest.slice(start))?.[0];
      if (end === undefined) return { raw: rest, body, complete: false };
      return { raw: rest.slice(0, start + end.length), body, complete: true };
    }
    body += rest.slice(start, start + length);
    at = start + length + 2;
  }
}
