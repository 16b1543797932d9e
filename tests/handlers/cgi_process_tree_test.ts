// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { descendantsIn } from "../../handlers/cgi/process_tree.ts";

Deno.test("descendantsIn finds children, their children, and no others", () => {
  const table = `
    1     0
   10     1
   11    10
  120    11
   13    10
   20     1
   21    20
  110     1
`;
  const cases: [pid: number, found: number[]][] = [
    [10, [11, 13, 120]],
    [11, [120]],
    [20, [21]],
    [120, []],
    [999, []],
  ];
  for (const [pid, found] of cases) {
    assertEquals(descendantsIn(table, pid), found);
  }
  // What no system says, and must not be followed for ever.
  assertEquals(descendantsIn("5 6\n6 5\n", 5), [6, 5]);
  assertEquals(descendantsIn("", 1), []);
});
