// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  FreshCache,
  Freshness,
  markFilesChanged,
} from "../../files/freshness.ts";
import { stub } from "../support/stub.ts";

/** Resolves after everything that was queued in this turn. */
const turn = (): Promise<void> => Promise.resolve();

Deno.test("Freshness lets a look count for what this turn has queued, and no longer", async () => {
  const freshness = new Freshness();
  const seen: Record<string, boolean> = {};
  let mark = -1;
  // Requests that came in together are continuations of one turn.
  const first = turn().then(() => mark = freshness.look());
  const second = turn().then(() => {
    seen["queued before the look"] = freshness.holds(mark);
    return turn().then(() => {
      seen["queued after the look"] = freshness.holds(mark);
    });
  });
  await Promise.all([first, second]);
  assertEquals(seen, {
    "queued before the look": true,
    "queued after the look": false,
  });
  mark = freshness.look();
  assertEquals(freshness.holds(mark), true);
  markFilesChanged();
  assertEquals(freshness.holds(mark), false);
});

Deno.test("Freshness lets a look count for a time, but not after a change", async () => {
  // Later than the changes of the tests before.
  let now = performance.now() + 1000;
  using _ = stub(performance, "now", () => () => now);
  const freshness = new Freshness(10);
  const mark = freshness.look();
  await turn();
  now += 9;
  assertEquals(freshness.holds(mark), true);
  now += 1;
  assertEquals(freshness.holds(mark), false);
  const later = freshness.look();
  markFilesChanged();
  assertEquals(freshness.holds(later), false);
  now += 1;
  assertEquals(freshness.holds(freshness.look()), true);
});

Deno.test("FreshCache looks at each path once a turn", async () => {
  const looks: string[] = [];
  const recent = new FreshCache<number>(new Freshness(), 2);
  const at = (path: string): number =>
    recent.at(path, (path) => looks.push(path));
  assertEquals([at("a"), at("a"), at("b"), at("a")], [1, 1, 2, 1]);
  await turn();
  assertEquals([at("a"), at("a")], [3, 3]);
  // There is room for two paths, and long ones are not remembered.
  assertEquals([at("c"), at("a")], [4, 5]);
  const long = "x".repeat(2000);
  assertEquals([at(long), at(long)], [6, 7]);
});
