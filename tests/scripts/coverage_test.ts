// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { readLcov } from "../../scripts/coverage.ts";

Deno.test("readLcov counts lines and branches by module", () => {
  const report = [
    "SF:/p/io/a.ts",
    "DA:1,1",
    "DA:2,0",
    "DA:3,0",
    "DA:7,0",
    "DA:8,12",
    "BRDA:1,0,0,1",
    "BRDA:1,0,1,0",
    "BRDA:2,1,0,-",
    "end_of_record",
    "SF:/q/b.ts",
    "end_of_record",
    "",
  ].join("\n");
  assertEquals(readLcov(report, "/p/"), [
    {
      path: "io/a.ts",
      lines: { found: 5, hit: 2 },
      branches: { found: 3, hit: 1 },
      missing: "2-3 7",
    },
    {
      path: "/q/b.ts",
      lines: { found: 0, hit: 0 },
      branches: { found: 0, hit: 0 },
      missing: "",
    },
  ]);
});
