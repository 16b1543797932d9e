// Copyright 2026 the pystd authors. MIT license.

/**
 * The scanner and the parser of request heads, which `HeadReader` combines.
 *
 * @module
 */

import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert/equals";
import { assertObjectMatch } from "@std/assert/object-match";
import {
  expectsFields,
  type Head,
  type HeadLimits,
  HeadScanner,
  parseHead,
  parseLineOnly,
  type ScanState,
} from "../../protocol/request_head.ts";
import { WIDE } from "../support/memory.ts";

Deno.test("parseHead and parseLineOnly accept a head at any position", () => {
  const rows: [head: string, wanted: Partial<Head>][] = [
    ["PUT /2 HTTP/1.1\nHost: h\n\n", { command: "PUT", target: "/2" }],
    // The malformed line, at most 80 characters of it
    ["GET / HTTP/1.1\nA : b\nC: d\n\n", {
      message: "Bad header line ('A : b')",
    }],
    ["GET / HTTP/1.1\n(: b\nC: d\n\n", {
      message: "Bad header line ('(: b')",
    }],
    ["GET / HTTP/1.1\nA: \0\nC: d\n\n", {
      message: "Bad header line ('A: \\x00')",
    }],
    [`GET / HTTP/1.1\n${"a".repeat(100)}\n\n`, {
      message: `Bad header line ('${"a".repeat(80)}')`,
    }],
    ["\n", { kind: "empty", requestline: "" }],
  ];
  for (const [text, wanted] of rows) {
    for (const before of ["", "GET /1 HTTP/1.1\r\n\r\n"]) {
      const bytes = Buffer.from(before + text, "latin1");
      const start = before.length;
      const lineLength = text.indexOf("\n") + 1;
      const head = parseHead(bytes, start, lineLength, text.length, true);
      assertObjectMatch(head, wanted);
      const line = parseLineOnly(bytes, start, lineLength, true);
      assertEquals(line.requestline, head.requestline);
      assertEquals(line.target, "target" in head ? head.target : undefined);
    }
  }
});

Deno.test("HeadScanner reports its state and the first exceeded limit", () => {
  const limits: HeadLimits = { lineBytes: 10, lines: 3, headBytes: 32 };
  const full = "123456789\n"; // a line as long as it may be
  const rows: [text: string, state: ScanState, line: number, head: number][] = [
    ["", "partial", 0, 0],
    ["a", "partial", 0, 0],
    ["\n", "line", 1, 0],
    ["a\n\n", "complete", 2, 3],
    ["a\n\r\n", "complete", 2, 4],
    // Lines that are not empty
    ["a\nb\n", "line", 2, 0],
    ["a\n\rb\n", "line", 2, 0],
    ["a\nb\nc\n\n", "complete", 2, 7],
    ["a\nb\nc\nd\n", "line", 2, 0],
    ["a\nb\nc\nd\n\n", "too-many-fields", 2, 0],
    [full, "line", 10, 0],
    ["1234567890", "partial", 0, 0],
    ["12345678901", "line-too-long", 0, 0],
    [full + "1234567890", "line", 10, 0],
    [full + "12345678901", "field-too-long", 10, 0],
    [full + full + full + "1", "line", 10, 0],
    [full + full + full + "\r\n", "complete", 10, 32],
    [full + full + full + "12", "line", 10, 0],
    [full + full + full + "123", "head-too-large", 10, 0],
    // Both limits at the same byte, and the head limit first
    ["12\n" + full + full.slice(1) + "12345678901", "field-too-long", 3, 0],
    ["12\n" + full + full + "12345678901", "head-too-large", 3, 0],
  ];
  for (const [text, state, lineLength, headLength] of rows) {
    const scanner = new HeadScanner();
    for (const before of ["", "a\nb\n\n"]) {
      for (const step of [1, text.length]) {
        const bytes = Buffer.from(before + text, "latin1");
        let got: ScanState = "partial";
        for (let end = step; end <= text.length; end += step || 1) {
          got = scanner.scan(
            bytes,
            before.length,
            before.length + end,
            limits,
          );
          if (got !== "partial" && got !== "line") break;
        }
        assertEquals(
          [got, scanner.lineLength, scanner.headLength],
          [state, lineLength, headLength],
          JSON.stringify(text),
        );
        scanner.reset();
      }
    }
  }
});

Deno.test("HeadScanner reads each byte once", () => {
  const head = Buffer.from("GET / HTTP/1.1\r\nHost: h\r\n\r\n", "latin1");
  const scanner = new HeadScanner();
  const states: string[] = [];
  for (let end = 1; end <= head.length; end++) {
    const state = scanner.scan(head, 0, end, WIDE);
    if (state !== states.at(-1)) states.push(state);
  }
  assertEquals(states, ["partial", "line", "complete"]);
  assertEquals(scanner.lineLength, 16);
  assertEquals(scanner.headLength, head.length);
  scanner.reset();
  assertEquals(scanner.scan(head, 0, 3, WIDE), "partial");
});

Deno.test("expectsFields is false for lines that get a response at once", () => {
  const cases: [string, boolean][] = [
    ["GET / HTTP/1.1\r\n", true],
    ["GET /\r\n", false],
    ["GET / HTTP/9\r\n", false],
    ["GET / HTTP/2.0\r\n", false],
    ["\r\n", false],
  ];
  for (const [line, wanted] of cases) {
    const bytes = Buffer.from(line, "latin1");
    assertEquals(expectsFields(bytes, 0, bytes.length, true), wanted, line);
  }
});
