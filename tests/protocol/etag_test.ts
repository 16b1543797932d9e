// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import {
  codedEtag,
  endOfEtag,
  formatEtag,
  listMatches,
  strongMatch,
  weakMatch,
} from "../../protocol/etag.ts";

Deno.test("formatEtag combines size and time, codedEtag adds the coding", () => {
  const table: [string, string][] = [
    [formatEtag(0, 0), '"0-0"'],
    [formatEtag(35, 36), '"z-10"'],
    [formatEtag(1, -1), '"1--1"'],
    [formatEtag(1, 0.5), '"1-0.i"'],
    [codedEtag('"1-2"', "gzip"), '"1-2-gzip"'],
    [codedEtag('W/"1-2"', "br"), 'W/"1-2-br"'],
  ];
  for (const [actual, expected] of table) {
    assertEquals(actual, expected);
    assertEquals(endOfEtag(actual, 0), actual.length);
  }
});

Deno.test("formatEtag and codedEtag differ for different files and codings", () => {
  // Without a separator, size 12 and time 3 would equal size 1 and time 23.
  const numbers = [0, 1, 11, 12, 23, 36, 111, 112, 1295, 1296, -1, -11, 0.5];
  const tags = new Set<string>();
  for (const size of numbers.filter((number) => number >= 0)) {
    for (const time of numbers) {
      const whole = formatEtag(size, time);
      const coded = ["1", "11", "gzip"].map((coding) =>
        codedEtag(whole, coding)
      );
      for (const tag of [whole, ...coded]) {
        assert(!tags.has(tag), tag);
        tags.add(tag);
      }
    }
  }
});

Deno.test("endOfEtag finds entity tags of RFC 9110 section 8.8.3", () => {
  const table: [string, number, number][] = [
    ['""', 0, 2],
    ['"a"', 0, 3],
    ['W/"a"', 0, 5],
    ['W/""', 0, 4],
    ['"a" ,"b"', 0, 3],
    ['"a","b"', 4, 7],
    ['"!#~\u0080\u00ff"', 0, 7],
    ["", 0, -1],
    ["a", 0, -1],
    ['"', 0, -1],
    ['"a', 0, -1],
    ['W/"', 0, -1],
    ["W/", 0, -1],
    ['w/"a"', 0, -1],
    ['W "a"', 0, -1],
    ['"a b"', 0, -1],
    ['"a\tb"', 0, -1],
    ['"a\x7fb"', 0, -1],
    ['"a\0b"', 0, -1],
    ["*", 0, -1],
  ];
  for (const [text, start, end] of table) {
    assertEquals(endOfEtag(text, start), end, text);
  }
});

Deno.test("strongMatch and weakMatch follow the table of RFC 9110", () => {
  const table: [string, string, boolean, boolean][] = [
    // section 8.8.3.2: tags, strong, weak
    ['W/"1"', 'W/"1"', false, true],
    ['W/"1"', 'W/"2"', false, false],
    ['W/"1"', '"1"', false, true],
    ['"1"', '"1"', true, true],
    ['"a"', '"A"', false, false],
  ];
  for (const [a, b, strong, weak] of table) {
    assertEquals(strongMatch(a, b), strong);
    assertEquals(strongMatch(b, a), strong);
    assertEquals(weakMatch(a, b), weak);
    assertEquals(weakMatch(b, a), weak);
  }
});

Deno.test("listMatches stops at an invalid tag", () => {
  const table: [list: string, strong: boolean, weak: boolean][] = [
    ['"b"', true, true],
    ['W/"b"', false, true],
    ['"a", "b"', true, true],
    ['"a","b"', true, true],
    ['"a" , W/"b"', false, true],
    [' ,, "a",,\t"b" ,', true, true],
    ['"a, b", "b"', false, false],
    ['"a,","b"', true, true],
    ["*", true, true],
    ['"a", *', true, true],
    ['"b", junk', true, true],
    ['junk, "b"', false, false],
    ['"a", b, "b"', false, false],
    ['"a", "b', false, false],
    ["b", false, false],
    [",", false, false],
    [" ", false, false],
    ["", false, false],
  ];
  for (const [list, strong, weak] of table) {
    assertEquals(listMatches(list, '"b"', strongMatch), strong, list);
    assertEquals(listMatches(list, '"b"', weakMatch), weak, list);
    const any = list.includes("*");
    assertEquals(listMatches(list, undefined, weakMatch), any, list);
  }
});

Deno.test("listMatches reads a long list in linear time", () => {
  const list = '"a", '.repeat(10_000) + '"b"';
  assertEquals(listMatches(list, '"b"', strongMatch), true);
});
