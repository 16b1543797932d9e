// Copyright 2026 the pystd authors. MIT license.

/**
 * Request lines: the rules of CPython, and those of RFC 9112 section 3.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { isAtLeast11, parseRequestLine } from "../../protocol/request_line.ts";

/** The line; method, target and version, or the status; the strict outcome. */
type Outcome = [string, string, string | undefined] | number | "empty";

const CASES: [line: string, lenient: Outcome, strict?: Outcome][] = [
  ["GET / HTTP/1.1", ["GET", "/", "HTTP/1.1"]],
  ["get / HTTP/1.1", ["get", "/", "HTTP/1.1"]],
  ["GET  /  HTTP/1.1 ", ["GET", "/", "HTTP/1.1"]],
  [" GET / HTTP/1.1", ["GET", "/", "HTTP/1.1"]],
  ["GET / HTTP/1.1\r", ["GET", "/", "HTTP/1.1"]],
  ["GET / HTTP/1.1\r ", ["GET", "/", "HTTP/1.1"], 400],
  ["GET\t/\tHTTP/1.1", ["GET", "/", "HTTP/1.1"], 400],
  ["GET\x0b/\x0cHTTP/1.1", ["GET", "/", "HTTP/1.1"], 400],
  ["\rGET / HTTP/1.1", ["GET", "/", "HTTP/1.1"], 400],
  ["GET\r/ HTTP/1.1", ["GET", "/", "HTTP/1.1"], 400],
  ["GET\x1c/ HTTP/1.1", ["GET", "/", "HTTP/1.1"], 400],
  ["GET\x85/ HTTP/1.1", ["GET", "/", "HTTP/1.1"], 400],
  ["GET\xa0/ HTTP/1.1", ["GET", "/", "HTTP/1.1"], 400],
  ["GET /\x00 HTTP/1.1", ["GET", "/\x00", "HTTP/1.1"], 400],
  ["GET /\x7f HTTP/1.1", ["GET", "/\x7f", "HTTP/1.1"], 400],
  ["GET /\xe4 HTTP/1.1", ["GET", "/\xe4", "HTTP/1.1"]],
  ["G(T / HTTP/1.1", ["G(T", "/", "HTTP/1.1"], 400],
  ["G\xe4T / HTTP/1.1", ["G\xe4T", "/", "HTTP/1.1"], 400],
  ["GET / HTTP/1.0", ["GET", "/", "HTTP/1.0"]],
  ["GET / HTTP/1.2", ["GET", "/", "HTTP/1.2"]],
  ["GET / HTTP/0.9", ["GET", "/", "HTTP/0.9"]],
  ["GET / HTTP/2.0", 505],
  ["PRI * HTTP/2.0", 505],
  ["GET / HTTP/9999999999.1", 505],
  ["GET / HTTP/99999999999.1", 400],
  ["GET / HTTP/1", 400],
  ["GET / HTTP/1.", 400],
  ["GET / HTTP/1.1.1", 400],
  ["GET / HTTP/-1.1", 400],
  ["GET / HTTP/1.\xb2", 400],
  ["GET / http/1.1", 400],
  ["GET / HTTPS/1.1", 400],
  ["GET / a HTTP/1.1", 400],
  ["GET HTTP/1.1", ["GET", "HTTP/1.1", undefined]],
  ["GET /", ["GET", "/", undefined]],
  ["POST /", 400],
  ["GET", 400],
  ["", "empty"],
  [" \t", "empty"],
];

Deno.test("parseRequestLine follows CPython, and RFC 9112 if strict", () => {
  for (const [text, lenient, strict = lenient] of CASES) {
    for (const isStrict of [false, true]) {
      const line = parseRequestLine(text, isStrict);
      const got: Outcome = line.kind === "empty"
        ? "empty"
        : line.kind === "bad"
        ? line.status
        : [line.command, line.target, line.version];
      assertEquals(got, isStrict ? strict : lenient, JSON.stringify(text));
    }
  }
});

Deno.test("parseRequestLine compares versions as numbers", () => {
  const cases: [string, boolean][] = [
    ["", false],
    ["HTTP/0.9", false],
    ["HTTP/1.0", false],
    ["HTTP/1.1", true],
    ["HTTP/1.10", true],
    ["HTTP/01.01", true],
    ["HTTP/0.10", false],
  ];
  for (const [version, wanted] of cases) {
    const line = parseRequestLine(`GET / ${version}`, false);
    assertEquals(line.kind === "request" && line.atLeast11, wanted, version);
    assertEquals(isAtLeast11(version), wanted, version);
  }
  assertEquals(isAtLeast11("HTTP/2.0"), true);
  assertEquals(isAtLeast11("HTTP/2"), false);
});
