// Copyright 2026 the pystd authors. MIT license.

/**
 * The wrappers under `links/` have the types of the packages that they stand
 * for: code that compiles in a clone compiles for users, too.
 *
 * These types are on JSR, which a clone need not reach. So the test runs if
 * `JSR_URL` names the registry, as in CI, or through `scripts/std_registry.ts`,
 * which serves a checkout of denoland/std:
 *
 *     deno run -A scripts/std_registry.ts STD deno task test tests/std_types_test.ts
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { ROOT, runProgram } from "./support/command.ts";

interface Config {
  readonly name: string;
  readonly exports: Readonly<Record<string, string>>;
  readonly imports: Readonly<Record<string, string>>;
  readonly links: readonly string[];
}

function readConfig(folder: string): Config {
  return JSON.parse(Deno.readTextFileSync(`${folder}/deno.json`));
}

/** A type that is `true` if the types are the same, `any` included. */
const PRELUDE = `
type Equal<A, B> = (<T>() => T extends A ? 1 : 2) extends
  (<T>() => T extends B ? 1 : 2) ? true : false;
type Shape<T> = { [K in keyof T]: T[K] };
/** Whether other objects can have the type, since it has no private members. */
type Open<T> = { [K in keyof T]: T[K] } extends T ? true : false;
const same = (_: true): void => {};
`;

/** What a module exports: values, and names of types. */
const EXPORT = /^export (const|type|interface|class) (\w+)(?:<|\b)/gm;

/**
 * Names whose types depend on the options of a call. Their types are another
 * text here; so the results of calls are compared.
 */
const BY_CALLS = new Set(["parseArgs", "Args", "ParseOptions"]);

/** Arguments of `parseArgs` after the first. */
const CALLS = [
  "",
  "{}",
  '{ boolean: ["a", "b"] }',
  '{ boolean: "a", string: "b" }',
  "{ boolean: true }",
  "{ boolean: false }",
  '{ string: ["a"], default: { a: "x", other: 1 } }',
  '{ boolean: ["a"], default: { a: "text" } }',
  '{ string: ["a", "b"], collect: ["b"] }',
  '{ collect: ["c"] }',
  '{ boolean: ["a"], collect: ["a", "c"] }',
  '{ boolean: ["a"], string: ["b"], negatable: ["a", "b"] }',
  '{ string: ["a"], collect: ["a", "c"], negatable: ["a", "c"] }',
  '{ string: ["a"], alias: { a: "b" } }',
  '{ string: ["a"], boolean: ["c"], alias: { a: ["b", "d"], c: "e" } }',
  '{ string: ["a"], collect: ["a"], alias: { a: "b" }, default: { a: ["x"] } }',
  '{ string: ["a"], "--": true }',
  '{ string: ["a"], "--": false }',
  '{ string: ["a"], stopEarly: true, unknown: () => false }',
];

/** Compares what one entry point exports. */
function* comparisons(
  specifier: string,
  path: string,
  id: number,
): Generator<string> {
  const [real, ours] = [`real${id}`, `ours${id}`];
  yield `import * as ${real} from "${specifier}";`;
  yield `import * as ${ours} from "file://${path}";`;
  const same = (a: string, b: string, what: string): string =>
    `same(null! as Equal<${a}, ${b}>); // ${specifier}: ${what}`;
  yield same(`keyof typeof ${real}`, `keyof typeof ${ours}`, "names");
  for (const [, kind, name] of Deno.readTextFileSync(path).matchAll(EXPORT)) {
    const [a, b] = [`${real}.${name}`, `${ours}.${name}`];
    if (BY_CALLS.has(name)) continue;
    if (kind === "class") {
      const [c, d] = [`typeof ${a}`, `typeof ${b}`];
      yield same(`Shape<${a}>`, `Shape<${b}>`, name);
      yield same(`Open<${a}>`, `Open<${b}>`, `${name}, private members`);
      const [e, f] = [c, d].map((type) => `ConstructorParameters<${type}>`);
      yield same(e, f, `${name}, its constructor`);
    } else if (kind === "const") {
      yield same(`typeof ${a}`, `typeof ${b}`, name);
    } else yield same(a, b, name);
  }
  if (!specifier.endsWith("/parse-args")) return;
  yield same(`${real}.Args`, `${ours}.Args`, "Args");
  for (const [i, options] of CALLS.entries()) {
    const [c, d] = [`${real}_${i}`, `${ours}_${i}`];
    const given = options === "" ? "" : `, ${options}`;
    yield `const ${c} = ${real}.parseArgs([]${given});`;
    yield `const ${d} = ${ours}.parseArgs([]${given});`;
    yield same(`typeof ${c}`, `typeof ${d}`, `parseArgs ${options}`);
  }
}

Deno.test({
  name: "the wrappers under links/ have the types of the packages on JSR",
  ignore: Deno.env.get("JSR_URL") === undefined,
  async fn() {
    const { imports, links } = readConfig(ROOT);
    const folders = links.map((link) => ROOT + link.slice(1));
    const lines = folders.flatMap((folder, i) => {
      const { name, exports } = readConfig(folder);
      return Object.entries(exports).flatMap(([entry, file], j) => [
        ...comparisons(
          name + entry.slice(1),
          folder + file.slice(1),
          100 * i + j,
        ),
      ]);
    });
    const temporary = await Deno.makeTempDir();
    try {
      const config = { imports, nodeModulesDir: "none" };
      const module = `${temporary}/types.ts`;
      Deno.writeTextFileSync(`${temporary}/deno.json`, JSON.stringify(config));
      Deno.writeTextFileSync(module, PRELUDE + lines.join("\n"));
      const args = ["check", module];
      const { code, stderr } = await runProgram("deno", args, temporary);
      const differing = stderr.match(/(?<=\/\/ ).*/g) ?? [];
      assertEquals([differing, code], [[], 0], stderr);
    } finally {
      await Deno.remove(temporary, { recursive: true });
    }
  },
});
