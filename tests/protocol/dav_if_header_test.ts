// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import {
  parseIf,
  parseLockToken,
  parseTimeout,
} from "../../protocol/dav/if_header.ts";
import { RequestError } from "../../protocol/request_error.ts";

/** Writes lists compactly: `r:(t !t [e])`. */
function shown(value: string): string {
  return parseIf(value).map(({ resource, conditions }) =>
    `${resource ?? ""}:${
      conditions.map(({ not, kind, value }) =>
        (not ? "!" : "") + (kind === "token" ? value : `[${value}]`)
      ).join(" ")
    }`
  ).join("; ");
}

Deno.test("parseIf reads the lists of RFC 4918 section 10.4", () => {
  const table: [value: string, result: string][] = [
    ["(<t>)", ":t"],
    ['(<t> ["e"])', ':t ["e"]'],
    ['( <t>\t[ W/"e" ] )', ':t [W/"e"]'],
    ["(Not <t> <u>)", ":!t u"],
    ['(not<t>)(NOT ["e"])', ':!t; :!["e"]'],
    ["(<t>) (<u>)", ":t; :u"],
    ["</a> (<t>) (<u>) <http://h/b> (<v>)", "/a:t; /a:u; http://h/b:v"],
    ['(["a)b(<c>"])', ':["a)b(<c>"]'],
    [
      "(<urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2>)",
      ":urn:uuid:181d4fae-7d8c-11d0-a765-00a0c91e6bf2",
    ],
  ];
  for (const [value, result] of table) assertEquals(shown(value), result);
});

Deno.test("parseIf refuses everything else", () => {
  const table = [
    ...["", " ", "()", "(", ")", "(<t>", "<t>", "</a>", "</a> </b> (<t>)"],
    ...[
      "(<t>) </a> (<u>)",
      "(Not)",
      "(Not Not <t>)",
      "(<>)",
      "(< >)",
      "(<a b>)",
    ],
    ...["([])", "([e])", '(["e)', '(["e"', "(t)", "(Note <t>)", "(<t>) x", "x"],
    ...["((<t>))", "(<t>))", "(<a<b>)", `${"(<t>)".repeat(65)}`],
  ];
  for (const value of table) {
    const { status } = assertThrows(() => parseIf(value), RequestError);
    assertEquals(status, 400, value);
  }
});

Deno.test("parseIf parses or refuses any text, in linear time", () => {
  // Invariant: the result is lists, or a RequestError with status 400.
  const parts = [
    "(",
    ")",
    "<",
    ">",
    "[",
    "]",
    '"',
    "Not",
    " ",
    "W/",
    "a",
    "\\",
  ];
  let seed = 1;
  const random = (below: number): number => {
    seed = (seed * 1103515245 + 12345) % 2 ** 31;
    return Math.floor(seed / 65536) % below;
  };
  let parsed = 0;
  for (let i = 0; i < 50_000; i++) {
    const length = 1 + random(12);
    const text = Array.from({ length }, () => parts[random(parts.length)]);
    const mutated = i % 2 === 0
      ? text.join("")
      : `(<t> ${text.join("")} ["e"])`;
    try {
      assert(parseIf(mutated).length > 0);
      parsed++;
    } catch (error) {
      assert(error instanceof RequestError && error.status === 400, mutated);
    }
  }
  assert(parsed > 10, `${parsed}`);
});

Deno.test("parseLockToken and parseTimeout read their fields", () => {
  assertEquals(parseLockToken("<urn:x>"), "urn:x");
  for (
    const value of [undefined, "", "urn:x", "<>", "<a b>", "<a>x", "(<a>)"]
  ) {
    assertThrows(() => parseLockToken(value), RequestError);
  }
  const table: [value: string | undefined, seconds: number | undefined][] = [
    [undefined, undefined],
    ["Second-60", 60],
    ["Infinite, Second-4100000000", Infinity],
    ["Extend, second-5", 5],
    ["Second--1", undefined],
    ["Second-99999999999", undefined],
    ["x", undefined],
  ];
  for (const [value, seconds] of table) {
    assertEquals(parseTimeout(value), seconds, value);
  }
});
