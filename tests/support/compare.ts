// Copyright 2026 the pystd authors. MIT license.

/**
 * Compares an answer with CPython's, by the rules of
 * `tests/testdata/cpython/README.md`.
 *
 * Parts that cannot be equal are masked, but only if they are correct: a `Date`
 * of now, the file's own `Last-Modified`, the `Server` of the handler's class
 * variables.
 *
 * @module
 */

import { type Answer, parseAnswers } from "./answers.ts";

/** The expectation of a vector with `compare: "expect"`. */
export interface Expectation {
  /** The status codes of the responses, in order. */
  statuses: number[];
  /** Whether the server closed the connection. */
  closed?: boolean;
  /** The body of the last response. */
  body?: string;
}

/** The result, of this package or of CPython. */
export interface Outcome {
  /** All bytes, as latin-1. */
  response: string;
  /** Whether the server closed the connection. */
  closed: boolean;
  /** The lines it logged, `null` for any. */
  log: string[] | null;
}

/** How to compare an outcome. */
export interface Recording extends Outcome {
  /** The rule; byte for byte if absent. */
  compare?: "headers+" | "expect" | "cgi" | "cgi-head" | "cgi-env";
  /** The alternatives that `expect` allows. */
  expect?: Expectation | Expectation[];
  /** Header lines of this package that `headers+` ignores. */
  ignore_headers?: string[];
  /** Variables that `cgi-env` ignores. */
  ignore_vars?: string[];
  /** The value of `<LAST_MODIFIED>`. */
  last_modified?: string;
}

/** The origin of an answer. */
export interface Origin {
  /** The methods of the requests, in order. */
  methods: string[];
  /** The `serverVersion` of the handler's class. */
  serverVersion: string;
  /** Whether the vector sets it, so that `Server` is not masked. */
  branded: boolean;
  /** Time of the request, in epoch ms. */
  now: number;
  /** The served directory, for `<ROOT>`. */
  root?: string;
}

/** The value of `<SYS_VERSION>`. */
export const SYS_VERSION: string = `Deno/${Deno.version.deno}`;

/** The names in `Server` of CPython's classes. */
const CPYTHON_VERSIONS = ["BaseHTTP/0.6", "SimpleHTTP/0.6"];

/** Largest deviation of a date, in ms: the test runs for some time. */
const CLOCK_TOLERANCE = 60_000;

/**
 * Compares.
 *
 * @param recording CPython's recorded answer.
 * @param outcome This package's answer.
 * @param origin The origin of that answer.
 * @returns The differences, for people to read; empty if there are none.
 */
export function differences(
  recording: Recording,
  outcome: Outcome,
  origin: Origin,
): string[] {
  switch (recording.compare) {
    case "expect":
      return expected(recording.expect!, outcome, origin);
    case "cgi":
    case "cgi-head":
    case "cgi-env":
      return [
        ...scripted(recording, outcome, origin),
        ...aftermath(recording, outcome, origin),
      ];
    default:
      return [
        ...exact(recording, outcome, origin),
        ...aftermath(recording, outcome, origin),
      ];
  }
}

/** Compares all bytes of the response, except masked ones. */
function exact(
  recording: Recording,
  outcome: Outcome,
  origin: Origin,
): string[] {
  const ignored = new Set(
    recording.ignore_headers?.map((name) => name.toLowerCase()),
  );
  const ours = parseAnswers(outcome.response, origin.methods)
    .map((answer) => maskHead(answer, recording, origin, ignored) + answer.raw)
    .join("");
  // The body separately: a different page says more than its different length.
  const [theirHead, theirRest] = split(brand(recording.response, origin));
  const [head, rest] = split(ours);
  return [
    ...unequal("head", theirHead, head),
    ...unequal("rest", theirRest, rest),
  ];
}

function split(text: string): [string, string] {
  const end = text.indexOf("\r\n\r\n") + 4;
  return end < 4 ? ["", text] : [text.slice(0, end), text.slice(end)];
}

/** Compares status codes and other expectations. */
function expected(
  expectations: Expectation | Expectation[],
  outcome: Outcome,
  origin: Origin,
): string[] {
  const answers = parseAnswers(outcome.response, origin.methods);
  const all = [expectations].flat().map(({ statuses, closed, body }) => [
    ...unequal("statuses", statuses, answers.map(({ status }) => status)),
    ...closed === undefined ? [] : unequal("closed", closed, outcome.closed),
    ...body === undefined
      ? []
      : unequal("body", body, answers.at(-1)?.body ?? ""),
  ]);
  return all.some((found) => found.length === 0) ? [] : all.flat();
}

/**
 * Compares status line, fields and body of a CGI script's response separately.
 */
function scripted(
  recording: Recording,
  outcome: Outcome,
  origin: Origin,
): string[] {
  const theirs = parseAnswers(brand(recording.response, origin))[0]!;
  const answers = parseAnswers(outcome.response, origin.methods);
  if (answers.length !== 1) return [`${answers.length} responses`];
  const head = maskHead(answers[0]!, recording, origin, new Set());
  const ours = parseAnswers(head + answers[0]!.raw, origin.methods)[0]!;
  const found = unequal("status line", statusLine(theirs), statusLine(ours));
  if (/[^\r]\n/.test(head)) found.push("a header line ends in a bare LF");
  for (const [name, value] of theirs.fields) {
    const values = ours.fields.filter(([own]) => own === name);
    found.push(...unequal(name, value, values.map(([, own]) => own).join()));
  }
  switch (recording.compare) {
    case "cgi":
      return [...found, ...unequal("body", theirs.body, ours.body)];
    case "cgi-env":
      return [
        ...found,
        ...environment(recording, theirs.body, ours.body, origin),
      ];
    default:
      return [...found, ...unequal("body", "", ours.body)];
  }
}

/** Compares the variables of a script. */
function environment(
  recording: Recording,
  theirs: string,
  ours: string,
  origin: Origin,
): string[] {
  const [wanted, got] = [variables(theirs), variables(ours)];
  // The script always prints the same names.
  const found = unequal("names", [...wanted.keys()], [...got.keys()]);
  if (!ours.endsWith("\n")) found.push("the body is cut off");
  for (const [name, value] of wanted) {
    if (recording.ignore_vars?.includes(name)) continue;
    if (name === "SERVER_NAME" || name === "SERVER_PORT") {
      if (!got.get(name)) found.push(`${name} is empty`);
      continue;
    }
    const meant = name === "SERVER_SOFTWARE"
      ? `${origin.serverVersion} ${SYS_VERSION}`
      : value.replace("<ROOT>", origin.root ?? "");
    found.push(...unequal(name, meant, got.get(name) ?? ""));
  }
  return found;
}

/** Parses `NAME=value` and `NAME unset`; an empty value counts as unset. */
function variables(body: string): Map<string, string> {
  const lines = body.split("\n").filter((line) => line !== "");
  return new Map(lines.map((line) => {
    const [, name, value] = /^(\w+)(?:=(.*)| unset)$/.exec(line) ?? [];
    return [name ?? line, value ?? ""];
  }));
}

/** Compares the end of the connection and the log. */
function aftermath(
  recording: Recording,
  outcome: Outcome,
  origin: Origin,
): string[] {
  const closed = unequal("closed", recording.closed, outcome.closed);
  if (recording.log === null || outcome.log === null) return closed;
  const log = outcome.log.map((line) => maskTime(line, origin.now));
  return [...closed, ...unequal("log", recording.log, log)];
}

/** Masks a head, and removes ignored lines. */
function maskHead(
  answer: Answer,
  recording: Recording,
  origin: Origin,
  ignored: ReadonlySet<string>,
): string {
  const lines = answer.head.split(/(?<=\n)/);
  return lines.map((line) => {
    const [, name, value, end] = /^([^:\r\n]+): (.*?)(\r?\n)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) return line;
    switch (name.toLowerCase()) {
      case "date":
        return isDateOfNow(value, origin.now) ? `${name}: <DATE>${end}` : line;
      case "last-modified":
        return value === recording.last_modified
          ? `${name}: <LAST_MODIFIED>${end}`
          : line;
      case "server":
        return `${name}: ${maskServer(value, origin)}${end}`;
      default:
        return ignored.has(name.toLowerCase()) ? "" : line;
    }
  }).join("");
}

/** Masks this package's `Server` if it matches the class variables. */
function maskServer(value: string, origin: Origin): string {
  const { serverVersion, branded } = origin;
  if (branded || value !== `${serverVersion} ${SYS_VERSION}`) return value;
  return isCPythons(origin) ? `${serverVersion} <SYS_VERSION>` : "<SERVER>";
}

/** Masks the recorded `Server`. */
function brand(response: string, origin: Origin): string {
  if (origin.branded || isCPythons(origin)) return response;
  return response.replaceAll(
    /^Server: (?:Base|Simple)HTTP\/0\.6 <SYS_VERSION>/gm,
    "Server: <SERVER>",
  );
}

function isCPythons({ serverVersion }: Origin): boolean {
  return CPYTHON_VERSIONS.includes(serverVersion);
}

function isDateOfNow(value: string, now: number): boolean {
  const time = Date.parse(value);
  return new Date(time).toUTCString() === value &&
    Math.abs(time - now) <= CLOCK_TOLERANCE;
}

/** Masks the time of a log line, if it is the local time of now. */
function maskTime(line: string, now: number): string {
  const pattern = /^(\S+ - - )\[(\d\d)\/(\w{3})\/(\d{4}) (\d\d:\d\d:\d\d)\] /;
  return line.replace(pattern, (all, before, day, month, year, clock) => {
    const time = new Date(`${day} ${month} ${year} ${clock}`).getTime();
    const near = Math.abs(time - now) <= CLOCK_TOLERANCE;
    return near ? `${before}[<TIME>] ` : all;
  });
}

function statusLine(answer: Answer): string {
  return answer.head.split(/\r?\n/)[0]!;
}

/** Describes where two values differ, with the surrounding text. */
function unequal(name: string, wanted: unknown, got: unknown): string[] {
  const [a, b] = [JSON.stringify(wanted), JSON.stringify(got) ?? "undefined"];
  if (a === b) return [];
  let at = 0;
  while (at < a.length && a[at] === b[at]) at++;
  const from = Math.max(0, at - 40);
  const excerpt = (text: string) =>
    (from > 0 ? "…" : "") + text.slice(from, at + 120);
  return [`${name}: expected ${excerpt(a)}, got ${excerpt(b)}`];
}
