// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { Fields, hasToken, NO_FIELDS, trimOws } from "../../protocol/fields.ts";

const FIELDS = Fields.from([
  ["Host", "h"],
  ["ACCEPT", "a"],
  ["X", ""],
  ["accept", "b"],
]);

Deno.test("Fields ignores the case of names", () => {
  const cases: [string, string | undefined, number][] = [
    ["host", "h", 1],
    ["accept", "a, b", 2],
    ["x", "", 1],
    ["hos", undefined, 0],
    ["hosts", undefined, 0],
    ["most", undefined, 0],
    ["", undefined, 0],
  ];
  for (const [name, value, count] of cases) {
    assertEquals(FIELDS.get(name), value, name);
    assertEquals(FIELDS.count(name), count, name);
  }
});

Deno.test("Fields ignores the case of ASCII letters only", () => {
  const fields = Fields.from([["AZ@[\xc4", "1"], ["Z", "2"], ["[", "3"]]);
  const cases: [string, string | undefined][] = [
    ["az@[\xc4", "1"],
    ["az`{\xc4", undefined],
    ["az@[\xe4", undefined],
    ["z", "2"],
    ["[", "3"],
    ["{", undefined],
  ];
  for (const [name, value] of cases) {
    assertEquals(fields.get(name), value, name);
    assertEquals(fields.count(name), value === undefined ? 0 : 1, name);
  }
});

Deno.test("Fields reads names and values at their marks", () => {
  const text = "Host:  h \r\nA:b\r\na: c\r\n";
  const marks = [0, 4, 7, 8, 11, 12, 13, 14, 16, 17, 19, 20];
  const fields = new Fields(text, marks);
  assertEquals([fields.get("host"), fields.count("host")], ["h", 1]);
  assertEquals([fields.get("a"), fields.count("a")], ["b, c", 2]);
  assertEquals([...fields], [["Host", "h"], ["A", "b"], ["a", "c"]]);
});

Deno.test("Fields iterates in order, with names as sent", () => {
  assertEquals([...FIELDS], [
    ["Host", "h"],
    ["ACCEPT", "a"],
    ["X", ""],
    ["accept", "b"],
  ]);
  assertEquals([...NO_FIELDS], []);
});

Deno.test("Fields.with replaces all fields of a name", () => {
  const fields = FIELDS.with("accept", "Accept", "c");
  assertEquals([...fields], [["Accept", "c"], ["Host", "h"], ["X", ""]]);
  assertEquals(FIELDS.get("accept"), "a, b");
  assertEquals([...NO_FIELDS.with("a", "A", "1")], [["A", "1"]]);
});

Deno.test("hasToken finds an element of a list (RFC 9110 5.6.1)", () => {
  const cases: [string | undefined, boolean][] = [
    [undefined, false],
    ["", false],
    ["close", true],
    ["CLOSE", true],
    ["a, close", true],
    ["close,a", true],
    ["a,\tclose ,b", true],
    [",,close,,", true],
    ["closed", false],
    ["close d", false],
    ['"close"', false],
    ["x=close", false],
  ];
  for (const [value, wanted] of cases) {
    assertEquals(hasToken(value, "close"), wanted, value);
  }
});

Deno.test("trimOws removes only spaces and tabs (RFC 9110 5.6.3)", () => {
  const cases: [string, string][] = [
    [" \t a b\t ", "a b"],
    ["\xa0a\xa0", "\xa0a\xa0"],
    ["\x0ba\x0c", "\x0ba\x0c"],
    ["a", "a"],
    [" ", ""],
    ["", ""],
    // With quadratic time, this would take hours.
    [`a${" ".repeat(10_000_000)}b`, `a${" ".repeat(10_000_000)}b`],
  ];
  for (const [text, wanted] of cases) assertEquals(trimOws(text), wanted);
});
