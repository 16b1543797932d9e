// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  FIELD_VALUE,
  hexDigit,
  isToken,
  OCTET_CLASS,
  TARGET,
  TOKEN,
} from "../../protocol/octets.ts";

Deno.test("OCTET_CLASS follows RFC 9110 5.5 and 5.6.2", () => {
  const classes: [bit: number, octets: RegExp][] = [
    [TOKEN, /[!#$%&'*+.^_`|~0-9A-Za-z-]/],
    [FIELD_VALUE, /[\t\x20-\x7e\x80-\xff]/],
    [TARGET, /[\x21-\x7e\x80-\xff]/],
  ];
  assertEquals(OCTET_CLASS.length, 256);
  for (const [octet, bits] of OCTET_CLASS.entries()) {
    const text = String.fromCharCode(octet);
    for (const [bit, octets] of classes) {
      assertEquals((bits & bit) !== 0, octets.test(text), `${octet}, ${bit}`);
    }
  }
});

Deno.test("isToken accepts one or more token characters (RFC 9110 5.6.2)", () => {
  const table: [text: string, expected: boolean][] = [
    ["a", true],
    ["X-A.b_c", true],
    ["", false],
    [" a", false],
    ["a ", false],
    ["a:", false],
    ["\xff", false],
    // Characters beyond latin-1, whose low octets are token characters
    ["\u0161", false],
    ["a\u{1f461}", false],
  ];
  for (const [text, expected] of table) {
    assertEquals(isToken(text), expected, text);
  }
});

Deno.test("hexDigit accepts only 0-9, a-f and A-F", () => {
  for (let octet = 0; octet < 0x200; octet++) {
    const text = String.fromCharCode(octet);
    const value = /[0-9a-f]/i.test(text) ? Number(`0x${text}`) : -1;
    assertEquals(hexDigit(octet), value, text);
  }
  assertEquals(hexDigit(NaN), -1);
});
