// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  findMutants,
  nameOf,
  readExplained,
  readRoom,
  testsOf,
} from "../../scripts/mutate.ts";

Deno.test("findMutants changes code, but no strings, comments or types", () => {
  const cases: [source: string, changes: string[]][] = [
    ["if (a === b) return c < 1;", ["===>!==", "<><=", "1>2"]],
    ["return !a && b;", ["!>", "&&>||"]],
    ["if (!a) i++;", ["!>", "++>--"]],
    ["// a === b\n/** 1 < 2 */\n", []],
    ['throw new Error("a < 1");', []],
    ["const a = /a < 1 && /;", []],
    ["export type A = 1 | 2;\n", []],
    ['import { a } from "./1.ts";\n', []],
    ["const a = bytes[i + 1];", ["+>-", "1>2"]],
    ["const a = 0x2f + 1_000;", ["0x2f>48", "+>-", "1_000>1001"]],
    ["const a = 52n;", ["52n>53n"]],
    ["type A =\n  | { a: 1 }\n  | { b: 2 };\n\nx = 3;", ["3>4"]],
    ["type A = {\n  a: 1;\n  b: 2;\n};\nx = 3;", ["3>4"]],
    ["interface A {\n  a: 1;\n}\nx = 3;", ["3>4"]],
  ];
  for (const [source, changes] of cases) {
    const found = findMutants(source).map(({ before, after }) =>
      `${before.trim()}>${after.trim()}`
    );
    assertEquals(found, changes, source);
  }
});

Deno.test("nameOf shows the change within its line", () => {
  const source = "a;\n  if (a === b) c;\nd;\n";
  const [mutant] = findMutants(source);
  assertEquals(nameOf("x.ts", source, mutant!), "x.ts: if (a[=== -> !==]b) c;");
});

Deno.test("testsOf finds all tests that import a module, the nearest first", () => {
  const room = new Map([
    ["protocol/a.ts", ""],
    ["protocol/b.ts", 'import { a } from "./a.ts";'],
    ["protocol/ba.ts", 'import { b } from "./b.ts";'],
    ["tests/protocol/a_fuzz.ts", 'import { a } from "../../protocol/a.ts";'],
    ["tests/protocol/a_test.ts", 'import { a } from "../../protocol/a.ts";'],
    ["tests/protocol/ba_test.ts", 'import { ba } from "../../protocol/ba.ts";'],
    ["tests/protocol/c_test.ts", 'import { a } from "../../protocol/c.ts";'],
  ]);
  assertEquals(testsOf("protocol/a.ts", room), [
    ["tests/protocol/a_test.ts"],
    ["tests/protocol/a_fuzz.ts"],
    ["tests/protocol/ba_test.ts"],
  ]);
});

Deno.test("mutants.txt explains existing mutants only", async () => {
  const names = new Set<string>();
  for (const [path, source] of await readRoom()) {
    for (const mutant of findMutants(source)) {
      names.add(nameOf(path, source, mutant));
    }
  }
  const stale = [...await readExplained()].filter((name) => !names.has(name));
  assertEquals(stale, []);
});
