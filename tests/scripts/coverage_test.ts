// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { complaints, type Covered, readLcov } from "../../scripts/coverage.ts";

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
      gaps: [[2, 7]],
    },
    {
      path: "/q/b.ts",
      lines: { found: 0, hit: 0 },
      branches: { found: 0, hit: 0 },
      gaps: [],
    },
  ]);
});

Deno.test("complaints lists gaps without explanation, and explanations without gap", () => {
  const source = "one\ntwo\n  three\nfour\nfive\n";
  const module: Covered = {
    path: "a.ts",
    lines: { found: 5, hit: 2 },
    branches: { found: 10, hit: 9 },
    gaps: [[2, 3], [5, 5]],
  };
  const few = { ...module, branches: { found: 10, hit: 8 }, gaps: [] };
  const why = "no test can";
  const cases: [Covered, { at?: string; why: string }[], string[]][] = [
    [module, [], [
      "lines 2-3 not explained: two",
      "line 5 not explained: five",
    ]],
    [module, [{ at: "three", why }], ["line 5 not explained: five"]],
    [module, [{ at: "two", why }, { at: "five", why }], []],
    // An explanation of branches does not explain lines.
    [module, [{ why }, { at: "three", why }], ["line 5 not explained: five"]],
    [few, [], ["branches not explained: 80.0 %"]],
    [few, [{ at: "one", why }], ["branches not explained: 80.0 %"]],
    [few, [{ why }], []],
    [few, [{ why }, { at: "six", why }], [
      "explained, but not a gap any more: six",
    ]],
  ];
  for (const [module, explanations, wanted] of cases) {
    assertEquals(complaints(module, source, explanations), wanted);
  }
});
