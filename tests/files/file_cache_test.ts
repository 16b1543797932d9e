// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { type CachedFile, FileCache } from "../../files/file_cache.ts";

/** Larger than what an entry costs beside its bytes. */
const SIZE = 100_000;

function entry(): CachedFile {
  return {
    info: Deno.statSync("."),
    bytes: new Uint8Array(SIZE),
    type: "",
    etag: "",
    lastModified: "",
    folder: "",
    looked: 0,
  };
}

/** A cache with some files in it, and which of them it has at the end. */
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

/** Puts files in, and asks for those in upper case. */
function steps(text: string): (cache: FileCache) => void {
  return (cache) => {
    for (const name of text) {
      const lower = name.toLowerCase();
      if (name === lower) cache.set(name, entry());
      else assert(cache.get(lower) !== undefined, text);
    }
  };
}

Deno.test("FileCache forgets what nobody has asked for first", () => {
  const rows: [text: string, kept: string][] = [
    ["abc", "abc"],
    // All are new: the oldest goes, and the others have had their round.
    ["abcd", "bcd"],
    ["abcde", "cde"],
    ["abcdBe", "bde"],
    // Asked for again and again, it stays whatever comes.
    ["abcdBeBfBgBh", "bgh"],
  ];
  for (const [text, names] of rows) {
    assertEquals(kept(3.5, "abcdefgh", steps(text)), names, text);
  }
});

Deno.test("FileCache holds no more than it may", () => {
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
