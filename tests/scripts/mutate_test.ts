// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { findMutants, nameOf } from "../../scripts/mutate.ts";

Deno.test("findMutants changes code, and neither words nor types", () => {
  const cases: [source: string, changes: string[]][] = [
    ["if (a === b) return c < 1;", ["===>!==", "<><=", "1>2"]],
    ["return !a && b;", ["&&>||"]],
    ["if (!a) i++;", ["!>", "++>--"]],
    ["// a === b\n/** 1 < 2 */\n", []],
    ['throw new Error("a < 1");', []],
    ["const a = /a < 1 && /;", []],
    ["export type A = 1 | 2;\n", []],
    ['import { a } from "./1.ts";\n', []],
    ["const a = bytes[i + 1];", ["+>-", "1>2"]],
    ["const a = 0x2f;", []],
  ];
  for (const [source, changes] of cases) {
    const found = findMutants(source).map(({ before, after }) =>
      `${before.trim()}>${after.trim()}`
    );
    assertEquals(found, changes, source);
  }
});

Deno.test("nameOf shows a change in its line", () => {
  const source = "a;\n  if (a === b) c;\nd;\n";
  const [mutant] = findMutants(source);
  assertEquals(nameOf("x.ts", source, mutant!), "x.ts: if (a[=== -> !==]b) c;");
});
