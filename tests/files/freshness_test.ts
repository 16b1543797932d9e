// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { FRESH_MS, Freshness, noteChange } from "../../files/freshness.ts";

Deno.test("Freshness believes a look for a while, but not after a change", () => {
  const freshness = new Freshness();
  const holds = (looked: number, now: number) => freshness.holds(looked, now);
  assertEquals(holds(1000, 1000), true);
  assertEquals(holds(1000, 1000 + FRESH_MS - 1), true);
  assertEquals(holds(1000, 1000 + FRESH_MS), false);
  // The clock was set back.
  assertEquals(holds(1000, 999), false);
  noteChange();
  // Within one millisecond nobody knows which came first.
  assertEquals(holds(1000, 1001), false);
  assertEquals(holds(1001, 1001), false);
  assertEquals(holds(1002, 1002), true);
  const other = new Freshness();
  assertEquals(other.holds(1000, 1001), true);
  noteChange();
  assertEquals(other.holds(1000, 1001), false);
  assertEquals(holds(1002, 1003), false);
});
