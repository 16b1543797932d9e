// Copyright 2026 the pystd authors. MIT license.

import { Buffer } from "node:buffer";
import { assertEquals } from "@std/assert/equals";
import { assertNotEquals } from "@std/assert/not-equals";
import { assertThrows } from "@std/assert/throws";
import { MultipartParser } from "../../protocol/multipart.ts";
import { RequestError } from "../../protocol/request_error.ts";

/** The fields and the data of a part. */
type Part = [fields: Record<string, string>, data: string];

/**
 * Parses a form in pieces of one size. Returns its parts, or an error. Checks
 * that parts begin and end in turn, and that no data is empty.
 */
function parse(form: string, size: number, boundary = "x"): Part[] | string {
  const bytes = Buffer.from(form, "latin1");
  const parts: Part[] = [];
  let inPart = false;
  try {
    const parser = new MultipartParser(boundary);
    for (let at = 0; at < bytes.length; at += size) {
      for (const event of parser.feed(bytes.subarray(at, at + size))) {
        assertEquals(inPart, event.kind !== "part");
        inPart = event.kind !== "end";
        if (event.kind === "part") {
          parts.push([Object.fromEntries(event.fields), ""]);
        } else if (event.kind === "data") {
          assertNotEquals(event.bytes.length, 0);
          parts.at(-1)![1] += Buffer.from(event.bytes).toString("latin1");
        }
      }
    }
    parser.end();
    assertEquals(inPart, false);
    return parts;
  } catch (error) {
    if (!(error instanceof RequestError) || error.status !== 400) throw error;
    return error.message;
  }
}

Deno.test("MultipartParser parses forms however they are split", () => {
  const table: [form: string, wanted: Part[] | string][] = [
    ["--x\r\nA: 1\r\n\r\ndata\r\n--x--\r\n", [[{ a: "1" }, "data"]]],
    ["--x\r\nA: 1\r\n\r\ndata\r\n--x--", [[{ a: "1" }, "data"]]],
    ["--x--", []],
    ["preamble\r\n--x\r\nA:1 \r\n\r\n\r\n--x--epilogue\r\n--x", [
      [{ a: "1" }, ""],
    ]],
    ["--x \t\r\n\r\nno head\r\n--x\r\nB: 2\r\nC: 3\r\n\r\n\r\n\r\n--x--", [
      [{}, "no head"],
      [{ b: "2", c: "3" }, "\r\n"],
    ]],
    // Data that starts like a boundary
    ["--x\r\n\r\n\r\n-\r\n--\r\n--y\r\r\n--x--", [[
      {},
      "\r\n-\r\n--\r\n--y\r",
    ]]],
    ["--x\r\n\r\na--x\r\n--x--", [[{}, "a--x"]]],
    ["--x\r\n\r\na\n--x\r\n--x--", [[{}, "a\n--x"]]],
    [`--x${" ".repeat(128)}\r\n\r\na\r\n--x--`, [[{}, "a"]]],
    [`--x\r\n\r\n${"a".repeat(500)}\r\n--x\r\n\r\nb\r\n--x--`, [
      [{}, "a".repeat(500)],
      [{}, "b"],
    ]],
    // Forms that parsers could read differently
    ["--x\r\n\r\na\r\n--xy\r\n--x--", "Bad multipart form"],
    ["--x\r\n\r\na\r\n--x \n--x--", "Bad multipart form"],
    ["--x\n\na\n--x--", "Bad multipart form"],
    ["--x\r\nA: 1\nB: 2\r\n\r\na\r\n--x--", "Bad multipart form"],
    ["--x\r\nA: 1\r\n B: 2\r\n\r\na\r\n--x--", "Bad multipart form"],
    ["--x\r\nA: 1\r\na: 2\r\n\r\na\r\n--x--", "Bad multipart form"],
    ["--x\r\nA : 1\r\n\r\na\r\n--x--", "Bad multipart form"],
    ["--x\r\nA: \0\r\n\r\na\r\n--x--", "Bad multipart form"],
    ["--x\r\nnonsense\r\n\r\na\r\n--x--", "Bad multipart form"],
    ["--x\r\n\r\na\r\n--x-y\r\n--x--", "Bad multipart form"],
    ["--x\r\n\r\na\r\n--xy-\r\n--x--", "Bad multipart form"],
    [`--x${" ".repeat(129)}\r\n\r\na\r\n--x--`, "Bad multipart form"],
    // Truncated
    ["", "Incomplete multipart form"],
    ["no form", "Incomplete multipart form"],
    ["--x\r\nA: 1\r\n\r\ndata\r\n--x\r\n", "Incomplete multipart form"],
    ["--x\r\nA: 1\r\n\r\ndata", "Incomplete multipart form"],
    ["--x\r\nA: 1\r\n\r\ndata\r\n--x-", "Incomplete multipart form"],
  ];
  for (const [form, wanted] of table) {
    const name = JSON.stringify(form.slice(0, 80));
    assertEquals(parse(form, form.length || 1), wanted, name);
    for (const size of [1, 2, 3, 7]) {
      assertEquals(parse(form, size), wanted, `${name} by ${size}`);
    }
  }
});

Deno.test("MultipartParser limits the heads of parts however they are split", () => {
  // A head of this many bytes: `A: `, the value, and two line ends.
  const head = (size: number) => `A: ${"a".repeat(size - 7)}\r\n\r\n`;
  const lines = (count: number) =>
    Array.from({ length: count }, (_, i) => `A${i}: 1\r\n`).join("") + "\r\n";
  const before = `--x\r\n\r\n${"a".repeat(20_000)}\r\n`;
  const table: [form: string, wanted: number | string][] = [
    [`--x\r\n${head(16_384)}a\r\n--x--`, 1],
    [`${before}--x\r\n${head(16_384)}a\r\n--x--`, 2],
    [`--x\r\n${head(16_385)}a\r\n--x--`, "Multipart header too long"],
    [`--x\r\n${head(16_385).slice(0, -1)}`, "Incomplete multipart form"],
    [`--x\r\n${"a".repeat(16_385)}`, "Multipart header too long"],
    [`--x\r\n${lines(100)}a\r\n--x--`, 1],
    [`--x\r\n${lines(101)}a\r\n--x--`, "Too many multipart headers"],
  ];
  for (const [form, wanted] of table) {
    // The last size ends inside the empty line of the first form.
    for (const size of [form.length, 1000, 16_388]) {
      const parts = parse(form, size);
      const got = typeof parts === "string" ? parts : parts.length;
      assertEquals(got, wanted, `${form.slice(0, 80)} by ${size}`);
    }
  }
});

Deno.test("MultipartParser holds back only a possible boundary", () => {
  const parser = new MultipartParser("x");
  const given = (text: string): string[] =>
    [...parser.feed(Buffer.from(text))].map((event) =>
      event.kind === "data" ? Buffer.from(event.bytes).toString() : event.kind
    );
  assertEquals(given("--x\r\n\r\nabcdef"), ["part", "ab"]);
  assertEquals(given("g"), ["c"]);
  assertEquals(given("\r\n--x\r\n"), ["defg", "end"]);
  assertEquals(given("\r\n"), ["part"]);
  assertEquals(given("\r\n--x--"), ["end"]);
  assertEquals(given("\r\n--x\r\n\r\n"), []);
});

Deno.test("MultipartParser refuses an invalid boundary", () => {
  for (
    const boundary of ["", "a".repeat(71), "a\r\nb", "a ", 'a"b', "\u00e9"]
  ) {
    const error = assertThrows(
      () => new MultipartParser(boundary),
      RequestError,
    );
    assertEquals(error.status, 400);
  }
  assertEquals(
    parse(
      "--a'()+_,-./:=? b\r\n\r\n\r\n--a'()+_,-./:=? b--",
      1,
      "a'()+_,-./:=? b",
    ),
    [[{}, ""]],
  );
});

// Invariant: the data between two boundaries comes out byte for byte, however
// it is split.
Deno.test("MultipartParser returns data that resembles a boundary", () => {
  let seed = 1;
  const next = (most: number): number => {
    seed = (seed * 48271) % 2147483647;
    return seed % most;
  };
  for (let round = 0; round < 300; round++) {
    let data = "";
    while (next(20) > 0) {
      data += ["\r", "\n", "-", "x", "\r\n-", "\r\n--"][next(6)];
    }
    if (
      `\r\n${data}`.includes("\r\n--x") ||
      `${data}\r\n--x`.indexOf("\r\n--x") < data.length
    ) continue;
    const form = `--x\r\n\r\n${data}\r\n--x--`;
    for (const size of [1, 2, 5, 1 + next(30)]) {
      assertEquals(parse(form, size), [[{}, data]], JSON.stringify(data));
    }
  }
});
