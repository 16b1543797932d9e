// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { type CachedFile, FileCache } from "../../files/file_cache.ts";
import { Freshness } from "../../files/freshness.ts";

/** Larger than what an entry costs beside its bytes. */
const SIZE = 100_000;
const NOW = 1e12;

function entry(): CachedFile {
  return {
    info: Deno.statSync("."),
    bytes: new Uint8Array(SIZE),
    type: "",
    etag: "",
    lastModified: "",
    checked: NOW,
  };
}

/** Which of some files are kept; to look makes no use of them. */
function kept(cache: FileCache, names: string): string {
  return [...names].filter((name) => cache.has(name)).join("");
}

Deno.test("FileCache forgets what nobody has asked for first", () => {
  const cache = new FileCache(3.5 * SIZE, new Freshness());
  for (const name of "abc") cache.set(name, entry());
  assertEquals(kept(cache, "abc"), "abc");
  // All are new: the oldest goes, and the others have had their round.
  cache.set("d", entry());
  assertEquals(kept(cache, "abcd"), "bcd");
  cache.get("b", NOW);
  cache.set("e", entry());
  assertEquals(kept(cache, "bcde"), "bde");
  // Asked for again and again, it stays whatever comes.
  for (const name of "fghijk") {
    cache.get("b", NOW);
    cache.set(name, entry());
    assertEquals(kept(cache, `b${name}`), `b${name}`);
  }
});

Deno.test("FileCache holds no more than it may", () => {
  const cache = new FileCache(2.5 * SIZE, new Freshness());
  cache.set("large", { ...entry(), bytes: new Uint8Array(3 * SIZE) });
  assertEquals(kept(cache, "large"), "");
  for (const name of "aaaa") cache.set(name, entry());
  cache.set("b", entry());
  assertEquals(kept(cache, "ab"), "ab");
  cache.delete("a");
  cache.delete("a");
  cache.set("c", entry());
  assertEquals(kept(cache, "abc"), "bc");
  cache.clear();
  for (const name of "de") cache.set(name, entry());
  assertEquals(kept(cache, "bcde"), "de");
});
