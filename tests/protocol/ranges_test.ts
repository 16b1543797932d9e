// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import {
  contentRange,
  parseRange,
  unsatisfiedRange,
} from "../../protocol/ranges.ts";

const MAX_RANGES = 5;

/**
 * Outcome: "none", "ignored", "unsatisfiable", or [start, end] of each range.
 */
type Expected = string | [number, number][];

function parse(header: string | null | undefined, size: number): Expected {
  const outcome = parseRange(header, size, MAX_RANGES);
  if (outcome.kind !== "satisfiable") return outcome.kind;
  return outcome.ranges.map(({ start, end }) => [start, end]);
}

Deno.test("parseRange distinguishes absent, ignored, unsatisfiable, satisfiable", () => {
  const table: [header: string | null | undefined, expected: Expected][] = [
    // Absent
    [undefined, "none"],
    [null, "none"],
    // One range (RFC 9110 section 14.1.2), of 10 bytes
    ["bytes=0-4", [[0, 5]]],
    ["bytes=0-0", [[0, 1]]],
    ["bytes=9-9", [[9, 10]]],
    ["bytes=0-9", [[0, 10]]],
    ["bytes=2-", [[2, 10]]],
    ["bytes=0-", [[0, 10]]],
    ["bytes=9-", [[9, 10]]],
    ["bytes=-3", [[7, 10]]],
    ["bytes=-5", [[5, 10]]],
    ["bytes=-10", [[0, 10]]],
    ["bytes=007-08", [[7, 9]]],
    // Clamped
    ["bytes=5-10", [[5, 10]]],
    ["bytes=5-99999999999999999999999", [[5, 10]]],
    ["bytes=-11", [[0, 10]]],
    ["bytes=-" + "9".repeat(400), [[0, 10]]],
    ["bytes=0-" + "9".repeat(400), [[0, 10]]],
    // Unsatisfiable
    ["bytes=10-", "unsatisfiable"],
    ["bytes=10-10", "unsatisfiable"],
    ["bytes=99999999999999999999999-", "unsatisfiable"],
    ["bytes=" + "9".repeat(400) + "-", "unsatisfiable"],
    ["bytes=-0", "unsatisfiable"],
    ["bytes=10-,-0,20-30", "unsatisfiable"],
    // Units are case-insensitive (section 14.1)
    ["Bytes=0-4", [[0, 5]]],
    ["BYTES=0-4", [[0, 5]]],
    ["lines=0-4", "ignored"],
    ["byte=0-4", "ignored"],
    ["0-4", "ignored"],
    ["=0-4", "ignored"],
    // Malformed (section 14.2: ignored)
    ["", "ignored"],
    ["bytes", "ignored"],
    ["bytes=", "ignored"],
    ["bytes=,", "ignored"],
    ["bytes= , ,", "ignored"],
    ["bytes=-", "ignored"],
    ["bytes=--5", "ignored"],
    ["bytes=5", "ignored"],
    ["bytes=10-5", "ignored"],
    ["bytes=4-3", "ignored"],
    ["bytes=0-4,10-5", "ignored"],
    ["bytes=a-b", "ignored"],
    ["bytes=0-b", "ignored"],
    ["bytes=0x1-2", "ignored"],
    ["bytes=1e0-2", "ignored"],
    ["bytes=+1-2", "ignored"],
    ["bytes=1-+2", "ignored"],
    ["bytes=1.0-2", "ignored"],
    ["bytes=-1-2", "ignored"],
    ["bytes=1-2-", "ignored"],
    ["bytes=1-2-3", "ignored"],
    ["bytes=\u0661-2", "ignored"],
    ["bytes=Infinity-", "ignored"],
    ["bytes=0-4;5-6", "ignored"],
    ["bytes=0-4 5-6", "ignored"],
    // White space is allowed only around elements (section 5.6.1)
    ["bytes= 0-4", [[0, 5]]],
    ["bytes=0-4 ", [[0, 5]]],
    ["bytes=\t0-1 ,\t 3-4", [[0, 2], [3, 5]]],
    ["bytes =0-4", "ignored"],
    [" bytes=0-4", "ignored"],
    ["bytes=0 -4", "ignored"],
    ["bytes=0- 4", "ignored"],
    ["bytes=- 4", "ignored"],
    ["bytes=0-4\u00a0", "ignored"],
    ["bytes=0-4\v", "ignored"],
    // Several, in the order of the request; empty elements are skipped
    ["bytes=0-1,3-4", [[0, 2], [3, 5]]],
    ["bytes=7-8,0-1", [[7, 9], [0, 2]]],
    ["bytes=,0-1,,3-4,", [[0, 2], [3, 5]]],
    ["bytes=0-1, ,3-4", [[0, 2], [3, 5]]],
    ["bytes=0-0,-1", [[0, 1], [9, 10]]],
    ["bytes=0-0,10-,-1", [[0, 1], [9, 10]]],
    ["bytes=10-,0-0", [[0, 1]]],
    // Adjacent ranges are not merged
    ["bytes=0-1,2-3", [[0, 2], [2, 4]]],
    ["bytes=2-3,0-1", [[2, 4], [0, 2]]],
    // Overlapping ranges are merged, in the place of the first
    ["bytes=0-2,2-3", [[0, 4]]],
    ["bytes=2-3,0-2", [[0, 4]]],
    ["bytes=1-1,1-1", [[1, 2]]],
    ["bytes=0-1,5-6,1-2", [[0, 3], [5, 7]]],
    ["bytes=6-7,0-1,1-2,9-9", [[6, 8], [0, 3], [9, 10]]],
    ["bytes=0-0,2-2,4-4,0-4", [[0, 5]]],
    ["bytes=8-8,0-0,2-2,0-3", [[8, 9], [0, 4]]],
    // More bytes than the file has
    ["bytes=0-,0-", "ignored"],
    ["bytes=0-9,0-0", "ignored"],
    ["bytes=-10,0-0", "ignored"],
    ["bytes=0-4,5-9", [[0, 5], [5, 10]]],
    // At the limit and one above it, satisfiable or not
    ["bytes=0-0,2-2,4-4,6-6,8-8", [[0, 1], [2, 3], [4, 5], [6, 7], [8, 9]]],
    ["bytes=0-0,1-1,2-2,3-3,4-4,5-5", "ignored"],
    ["bytes=10-,10-,10-,10-,10-,0-0", "ignored"],
    ["bytes=" + "0-,".repeat(100_000), "ignored"],
    ["bytes=" + ",".repeat(100_000) + "0-1", [[0, 2]]],
  ];
  for (const [header, expected] of table) {
    assertEquals(parse(header, 10), expected, header?.slice(0, 80));
  }
});

Deno.test("parseRange ignores all ranges of an empty file", () => {
  for (const header of ["bytes=0-", "bytes=0-0", "bytes=-1", "bytes=-0", "x"]) {
    assertEquals(parse(header, 0), "ignored", header);
  }
  assertEquals(parse(undefined, 0), "none");
});

Deno.test("parseRange is exact for sizes beyond 2^32", () => {
  const size = 2 ** 40;
  assertEquals(parse("bytes=4294967296-4294967297", size), [
    [2 ** 32, 2 ** 32 + 2],
  ]);
  assertEquals(parse("bytes=-1", size), [[size - 1, size]]);
  assertEquals(parse("bytes=1099511627775-", size), [[size - 1, size]]);
  assertEquals(parse("bytes=1099511627776-", size), "unsatisfiable");
});

Deno.test("parseRange ignores all ranges if maxRanges is 0", () => {
  assertEquals(parseRange("bytes=0-0", 10, 0).kind, "ignored");
});

// Invariant: for any field, ranges are inside the file, not empty, do not
// overlap, and add up to at most the size of the file.
Deno.test("parseRange keeps its invariant on generated fields", () => {
  const pieces = ["0", "1", "5", "9", "10", "99", "-", "-", ",", ",", " ", "="];
  let seed = 20260103;
  const random = (below: number): number => {
    seed = (Math.imul(seed, 1664525) + 1013904223) >>> 0;
    return Math.floor(seed / 2 ** 32 * below);
  };
  let satisfiable = 0;
  for (let round = 0; round < 50_000; round++) {
    let header = "bytes=";
    for (let i = random(14); i > 0; i--) {
      header += pieces[random(pieces.length)];
    }
    const size = random(12);
    const outcome = parseRange(header, size, MAX_RANGES);
    if (outcome.kind !== "satisfiable") continue;
    satisfiable++;
    const sorted = outcome.ranges.toSorted((a, b) => a.start - b.start);
    let position = 0;
    for (const { start, end } of sorted) {
      assert(start >= position && end > start && end <= size, header);
      position = end;
    }
    assert(sorted.length >= 1 && sorted.length <= MAX_RANGES, header);
  }
  assert(satisfiable > 1_000, `${satisfiable}`);
});

Deno.test("contentRange and unsatisfiedRange follow RFC 9110 section 14.4", () => {
  assertEquals(contentRange(0, 500, 1234), "bytes 0-499/1234");
  assertEquals(contentRange(9, 10, 10), "bytes 9-9/10");
  assertEquals(unsatisfiedRange(1234), "bytes */1234");
  assertEquals(unsatisfiedRange(0), "bytes */0");
});
