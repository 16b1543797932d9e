// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { concat } from "@std/bytes/concat";
import type { ListedEntry } from "../../files/file_store.ts";
import {
  largePlainListing,
  plainListing,
} from "../../handlers/plain_listing.ts";

function entriesOf(names: readonly string[]): ListedEntry[] {
  return names.map((name) => ({ name, isDirectory: false, isSymlink: false }));
}

function shownNames(names: string[]): string[] {
  const page = new TextDecoder().decode(plainListing("/", entriesOf(names)));
  return [...page.matchAll(/">(.*)<\/a>/g)]
    .map(([, name]) => name);
}

// The order of CPython's `list.sort(key=lambda a: a.lower())`.
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

const PAGES: Record<string, ListedEntry[]> = {
  "of the table": entriesOf(TABLE.flatMap(([names]) => names)),
  "of no entries": [],
  "of 5,000 entries": Array.from({ length: 5000 }, (_, i) => ({
    name: `${i * 7919 % 5000} & ${"<>&x"[i % 4]}\u00e9`,
    isDirectory: i % 3 === 0,
    isSymlink: i % 5 === 0,
  })),
};

for (const [of, entries] of Object.entries(PAGES)) {
  Deno.test(`largePlainListing makes the same page ${of} as plainListing`, async () => {
    const pieces = await largePlainListing("/a&b/", entries);
    assertEquals(
      new TextDecoder().decode(concat(pieces)),
      new TextDecoder().decode(plainListing("/a&b/", entries)),
    );
  });
}
