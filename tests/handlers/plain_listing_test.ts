// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { plainListing } from "../../handlers/plain_listing.ts";

function shownNames(names: string[]): string[] {
  const entries = names
    .map((name) => ({ name, isDirectory: false, isSymlink: false }));
  return [...plainListing("/", entries).matchAll(/">(.*)<\/a>/g)]
    .map(([, name]) => name);
}

// What `list.sort(key=lambda a: a.lower())` of CPython makes of them.
const TABLE: [string[], string[]][] = [
  [[], []],
  [["b", "a"], ["a", "b"]],
  [["a.b", "a", "a-b"], ["a", "a-b", "a.b"]],
  [["c", "B", "a", "C", "b", "A"], ["a", "A", "B", "b", "c", "C"]],
  [["10", "9", "1"], ["1", "10", "9"]],
  [["\u00e9", "z", "\u00c8"], ["z", "\u00c8", "\u00e9"]],
  // Beyond the Basic Multilingual Plane: U+FB00 comes before U+1F600.
  [["\u{1f600}", "\ufb00", "z"], ["z", "\ufb00", "\u{1f600}"]],
  [["\u{1f600}b", "\u{1f600}", "\u{1f600}A"], [
    "\u{1f600}",
    "\u{1f600}A",
    "\u{1f600}b",
  ]],
];

for (const [names, sorted] of TABLE) {
  Deno.test(`plainListing sorts ${JSON.stringify(names)} as CPython does`, () => {
    assertEquals(shownNames(names), sorted);
  });
}
