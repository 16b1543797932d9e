// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { type CachedFile, FileCache } from "../../files/file_cache.ts";

/** Larger than the overhead of an entry. */
const SIZE = 100_000;

function entry(): CachedFile {
  return {
    info: Deno.statSync("."),
    bytes: new Uint8Array(SIZE),
    type: "",
    etag: "",
    lastModified: "",
    folder: undefined,
    checked: 0,
  };
}

/** Returns which files a cache contains after some requests. */
function kept(
  capacity: number,
  names: string,
  fill: (cache: FileCache) => void,
): string {
  const cache = new FileCache(capacity * SIZE);
  fill(cache);
  return [...names].filter((name) => cache.get(name) !== undefined)
    .join("");
}

/** Adds files; requests those in upper case. */
function steps(text: string): (cache: FileCache) => void {
  return (cache) => {
    for (const name of text) {
      const lower = name.toLowerCase();
      if (name === lower) cache.set(name, entry());
      else assert(cache.get(lower) !== undefined, text);
    }
  };
}

Deno.test("FileCache evicts files not used since the last eviction", () => {
  const rows: [text: string, kept: string][] = [
    ["abc", "abc"],
    // All are new: the oldest is evicted, and the others lose their mark.
    ["abcd", "bcd"],
    ["abcde", "cde"],
    ["abcdBe", "bde"],
    // Requested again and again, it stays.
    ["abcdBeBfBgBh", "bgh"],
  ];
  for (const [text, names] of rows) {
    assertEquals(kept(3.5, "abcdefgh", steps(text)), names, text);
  }
});

Deno.test("FileCache stays within its capacity", () => {
  const large = { ...entry(), bytes: new Uint8Array(3 * SIZE) };
  const rows: [fill: (cache: FileCache) => void, kept: string][] = [
    [(cache) => cache.set("a", large), ""],
    [steps("aaaab"), "ab"],
    [(cache) => {
      steps("ab")(cache);
      cache.delete("a");
      cache.delete("a");
      cache.set("c", entry());
    }, "bc"],
  ];
  for (const [fill, names] of rows) {
    assertEquals(kept(2.5, "abcd", fill), names);
  }
});
