// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  descendantsIn,
  findDescendants,
  findDescendantsSync,
} from "../../handlers/cgi/process_tree.ts";
import { stub } from "../support/stub.ts";

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
  // A cycle, which no system reports, must not cause an endless loop.
  assertEquals(descendantsIn("5 6\n6 5\n", 5), [6, 5]);
  assertEquals(descendantsIn("", 1), []);
});

Deno.test("findDescendants finds none when there is no ps", async () => {
  class Command extends Deno.Command {
    override output(): Promise<Deno.CommandOutput> {
      return Promise.reject(new Deno.errors.NotFound());
    }
    override outputSync(): Deno.CommandOutput {
      throw new Deno.errors.NotFound();
    }
  }
  using _ = stub(Deno, "Command", () => Command);
  assertEquals(await findDescendants(Deno.pid), []);
  assertEquals(findDescendantsSync([Deno.pid]), []);
});
