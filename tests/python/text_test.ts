// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { ascii, escapeControls, repr, str } from "../../python/text.ts";
import log from "../testdata/cpython/log.json" with { type: "json" };
import requestLine from "../testdata/cpython/requestline.json" with {
  type: "json",
};

Deno.test("repr and ascii quote as CPython does", () => {
  const table: [text: string, repr: string, ascii: string][] = [
    ["", "''", "''"],
    ["plain text", "'plain text'", "'plain text'"],
    ["don't", `"don't"`, `"don't"`],
    ['say "x"', `'say "x"'`, `'say "x"'`],
    [`'"`, String.raw`'\'"'`, String.raw`'\'"'`],
    ["a\\b", String.raw`'a\\b'`, String.raw`'a\\b'`],
    ["\t\n\r", String.raw`'\t\n\r'`, String.raw`'\t\n\r'`],
    [
      "\0\x0b\x1f\x7f",
      String.raw`'\x00\x0b\x1f\x7f'`,
      String
        .raw`'\x00\x0b\x1f\x7f'`,
    ],
    [
      "\x80\x9f\xa0\xad",
      String.raw`'\x80\x9f\xa0\xad'`,
      String
        .raw`'\x80\x9f\xa0\xad'`,
    ],
    ["\xa1\xac\xae\xff", "'\xa1\xac\xae\xff'", String.raw`'\xa1\xac\xae\xff'`],
    ["\u0100", "'\u0100'", String.raw`'\u0100'`],
    ["\u20ac", "'\u20ac'", String.raw`'\u20ac'`],
    [
      "\u0378\u200b\u2028\u3000",
      String.raw`'\u0378\u200b\u2028\u3000'`,
      String
        .raw`'\u0378\u200b\u2028\u3000'`,
    ],
    ["\ud800x", String.raw`'\ud800x'`, String.raw`'\ud800x'`],
    [
      "\ue000\ufeff\uffff",
      String.raw`'\ue000\ufeff\uffff'`,
      String
        .raw`'\ue000\ufeff\uffff'`,
    ],
    ["\uffff\0", String.raw`'\uffff\x00'`, String.raw`'\uffff\x00'`],
    ["\u{10000}!", "'\u{10000}!'", String.raw`'\U00010000!'`],
    ["\u{1f600}!", "'\u{1f600}!'", String.raw`'\U0001f600!'`],
    [
      "\u{e0001}\u{10ffff}",
      String.raw`'\U000e0001\U0010ffff'`,
      String
        .raw`'\U000e0001\U0010ffff'`,
    ],
  ];
  for (const [text, quoted, asciiQuoted] of table) {
    assertEquals(repr(text), quoted);
    assertEquals(ascii(text), asciiQuoted);
  }
});

Deno.test("repr escapes only 00-1f, 7f-a0 and ad of latin-1", () => {
  for (let code = 0; code <= 0xff; code++) {
    const text = String.fromCharCode(code);
    const escapes = code < 0x20 || (code >= 0x7f && code <= 0xa0) ||
      code === 0xad || text === "\\";
    assertEquals(repr(text).includes("\\"), escapes, `${code}`);
  }
});

Deno.test("str converts values as Python does", () => {
  const table: [unknown, string][] = [
    ["a'b", "a'b"],
    [200, "200"],
    [-1.5, "-1.5"],
    [NaN, "nan"],
    [Infinity, "inf"],
    [-Infinity, "-inf"],
    [12n, "12"],
    [true, "True"],
    [false, "False"],
    [null, "None"],
    [undefined, "None"],
    [new TypeError("no"), "TypeError: no"],
  ];
  for (const [value, text] of table) assertEquals(str(value), text);
});

Deno.test("escapeControls escapes 00-1f, 7f-9f and the backslash", () => {
  for (let code = 0; code <= 0x120; code++) {
    const text = "a" + String.fromCharCode(code) + "\xe9";
    const hex = code.toString(16).padStart(2, "0");
    let expected = text;
    if (code === 0x5c) expected = "a\\\\\xe9";
    else if (code < 0x20 || (code >= 0x7f && code < 0xa0)) {
      expected = `a\\x${hex}\xe9`;
    }
    assertEquals(escapeControls(text), expected);
  }
  assertEquals(escapeControls(""), "");
  assertEquals(escapeControls("\\"), "\\\\");
  assertEquals(escapeControls("\x00\x00"), "\\x00\\x00");
});

Deno.test("escapeControls and repr produce CPython's log lines", () => {
  let compared = 0;
  for (const vector of [...log.vectors, ...requestLine.vectors]) {
    if (vector.log === null || typeof vector.request !== "string") continue;
    const line = vector.request.match(/^[^\n]*/)![0].replace(/\r+$/, "");
    const logged = vector.log.join("\n");
    if (/ "REASON/.test(logged)) {
      assert(logged.includes(`"${escapeControls(line)}"`), vector.id);
      compared++;
    }
    if (logged.includes("message Unsupported method (")) {
      const message = `(${repr(line.split(" ")[0])})`;
      assert(logged.includes(escapeControls(message)), vector.id);
      compared++;
    }
  }
  assert(compared > 12, `${compared}`);
});
