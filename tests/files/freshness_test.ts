// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  FreshCache,
  Freshness,
  markFilesChanged,
} from "../../files/freshness.ts";
import { stub } from "../support/stub.ts";

/** Resolves after all microtasks of this turn. */
const turn = (): Promise<void> => Promise.resolve();

Deno.test("Freshness makes a check valid for the microtasks of its turn only", async () => {
  const freshness = new Freshness();
  const seen: Record<string, boolean> = {};
  let mark = -1;
  // Requests that arrive together are microtasks of one turn.
  const first = turn().then(() => mark = freshness.mark());
  const second = turn().then(() => {
    seen["queued before the look"] = freshness.isValid(mark);
    return turn().then(() => {
      seen["queued after the look"] = freshness.isValid(mark);
    });
  });
  await Promise.all([first, second]);
  assertEquals(seen, {
    "queued before the look": true,
    "queued after the look": false,
  });
  mark = freshness.mark();
  assertEquals(freshness.isValid(mark), true);
  markFilesChanged();
  assertEquals(freshness.isValid(mark), false);
});

Deno.test("Freshness makes a check valid for some time, unless files change", async () => {
  // Later than the changes of previous tests.
  let now = performance.now() + 1000;
  using _ = stub(performance, "now", () => () => now);
  const freshness = new Freshness(10);
  const mark = freshness.mark();
  await turn();
  now += 9;
  assertEquals(freshness.isValid(mark), true);
  now += 1;
  assertEquals(freshness.isValid(mark), false);
  const later = freshness.mark();
  markFilesChanged();
  assertEquals(freshness.isValid(later), false);
  now += 1;
  assertEquals(freshness.isValid(freshness.mark()), true);
});

Deno.test("FreshCache checks each path once a turn", async () => {
  const looks: string[] = [];
  const recent = new FreshCache<number>(new Freshness(), 2);
  const at = (path: string): number =>
    recent.get(path, (path) => looks.push(path));
  assertEquals([at("a"), at("a"), at("b"), at("a")], [1, 1, 2, 1]);
  await turn();
  assertEquals([at("a"), at("a")], [3, 3]);
  // There is room for two paths, and long ones are not cached.
  assertEquals([at("c"), at("a")], [4, 5]);
  const long = "x".repeat(2000);
  assertEquals([at(long), at(long)], [6, 7]);
});
