// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { withoutLinks } from "../../scripts/drop_links.ts";
import { ROOT, runProgram } from "../support/command.ts";
import { makeFiles } from "../support/tree.ts";

Deno.test("std_registry serves the packages of a checkout as JSR does", async () => {
  await using tree = await makeFiles({
    "std/greet/deno.json": JSON.stringify({
      name: "@std/greet",
      version: "1.2.3",
      exports: { ".": "./mod.ts", "./hello": "./hello.ts" },
    }),
    "std/greet/hello.ts":
      'import { name } from "@std/names";\nimport { mark } from "./mark.ts";\n' +
      "export const hello: string = `Hello ${name}${mark}`;\n",
    "std/greet/mark.ts": 'export const mark: string = "!";\n',
    "std/greet/mod.ts": 'export * from "./hello.ts";\n',
    "std/names/deno.json": JSON.stringify({
      name: "@std/names",
      version: "2.0.0",
      exports: "./mod.ts",
    }),
    "std/names/mod.ts": 'export const name: string = "Ann";\n',
    "std/README.md": "",
    "main.ts":
      'import { hello } from "jsr:@std/greet@^1.2.0/hello";\nconsole.log(hello);\n',
    "none.ts": 'import "jsr:@std/none@^1.0.0";\n',
  });
  const run = (...command: string[]) =>
    runProgram("deno", [
      ..."run --no-lock -A".split(" "),
      `${ROOT}/scripts/std_registry.ts`,
      tree.path("std"),
      ...command,
    ]);
  const { code, stdout, stderr } = await run(
    ..."deno run --no-lock --check".split(" "),
    tree.path("main.ts"),
  );
  assertEquals([stdout, code], ["Hello Ann!\n", 0], stderr);
  assertEquals((await run("deno", "run", tree.path("none.ts"))).code, 1);
  assertEquals((await run()).code, 2);
});

Deno.test("withoutLinks removes the links of deno.json alone", () => {
  const config = JSON.parse(Deno.readTextFileSync(`${ROOT}/deno.json`));
  const { links: _, ...wanted } = config;
  const text = JSON.stringify({ ...config, links: ["./links/path"] });
  assertEquals(JSON.parse(withoutLinks(text)), wanted);
});
