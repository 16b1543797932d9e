// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  quote,
  unquote,
  unquotePath,
} from "../../protocol/percent_encoding.ts";
// Recorded from CPython 3.11: [text, unquote, unquotePath], [text, quote]
import recorded from "../testdata/python_paths.json" with { type: "json" };

Deno.test("unquote and unquotePath equal CPython on recorded texts", () => {
  for (const [text, unquoted, path] of recorded.unquote) {
    assertEquals(unquote(text), unquoted, text);
    assertEquals(unquotePath(text), path, text);
  }
});

Deno.test("quote equals CPython on recorded texts", () => {
  for (const [text, quoted] of recorded.quote) {
    assertEquals(quote(text), quoted, text);
  }
});

Deno.test("unquotePath does not join escaped surrogates", () => {
  const table: [string, string][] = [
    ["%ED%A0%BD%ED%B8%80", "\ufffd".repeat(6)],
    ["a%ED%A0%BD%ED%B8%80%20", "a" + "\ufffd".repeat(6) + " "],
    ["%ED%AF%BF%ED%B0%80", "\ufffd".repeat(6)],
    ["%ED%A0%80%ED%BF%BF", "\ufffd".repeat(6)],
    ["%ED%A0%BDx%ED%B8%80", "\ud83dx\ude00"],
    ["%ED%B8%80%ED%A0%BD", "\ude00\ud83d"],
  ];
  for (const [text, path] of table) {
    assertEquals(unquotePath(text), path, text);
  }
});

Deno.test("unquotePath replaces a truncated surrogate", () => {
  assertEquals(unquotePath("/%ED%A0%41"), "/\ufffd\ufffdA");
  assertEquals(unquotePath("/%ED%A0%C3%A9"), "/\ufffd\ufffd\u00e9");
});

Deno.test("unquote reverses quote for every character", () => {
  for (let code = 0; code <= 0x10ffff; code += code < 0x900 ? 1 : 251) {
    if (code >= 0xd800 && code <= 0xdfff) continue;
    const text = String.fromCodePoint(code);
    assertEquals(unquote(quote(text)), text);
    assertEquals(unquotePath(quote(text)), text);
  }
});

Deno.test("unquote decodes a long run of escapes", () => {
  const text = "%C3%A9".repeat(10_000);
  assertEquals(unquote(text), "\u00e9".repeat(10_000));
});
