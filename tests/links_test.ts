// Copyright 2026 the pystd authors. MIT license.

/**
 * A clone must resolve `jsr:@std/...` without JSR: each package of `imports`
 * has a wrapper under `links/`, whose modules export the same as the entry
 * points.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertThrows } from "@std/assert/throws";
import { deadline } from "@std/async/deadline";
import { parseArgs } from "@std/cli/parse-args";
import { timingSafeEqual } from "@std/crypto/timing-safe-equal";
import { decodeBase64 } from "@std/encoding/base64";
import { encodeHex } from "@std/encoding/hex";
import { escape } from "@std/html/entities";
import { typeByExtension } from "@std/media-types/type-by-extension";
import { fromFileUrl } from "@std/path/from-file-url";

interface Config {
  readonly name: string;
  readonly version: string;
  readonly exports: Record<string, string>;
}

interface RootConfig extends Config {
  readonly imports: Record<string, string>;
  readonly links: string[];
}

const ROOT = new URL("../", import.meta.url);

function readConfig<T extends Config>(folder: URL): T {
  return JSON.parse(Deno.readTextFileSync(new URL("deno.json", folder)));
}

function folderOf(link: string): URL {
  return new URL(`${link}/`, ROOT);
}

function* modulesUnder(folder: URL, prefix = "."): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    const path = `${prefix}/${name}`;
    if (isDirectory) yield* modulesUnder(new URL(`${name}/`, folder), path);
    else if (name.endsWith(".ts")) yield path;
  }
}

/**
 * Returns the modules and pages of the project, except the wrappers and this
 * one.
 */
function* sourcesOf(folder: URL): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(folder)) {
    if (
      /^(?:\.|links$|links_test\.ts$|coverage$|testdata$|node_modules$)/.test(
        name,
      )
    ) continue;
    if (isDirectory) yield* sourcesOf(new URL(`${name}/`, folder));
    else if (/\.(?:ts|md)$/.test(name)) {
      yield Deno.readTextFileSync(new URL(name, folder));
    }
  }
}

const root = readConfig<RootConfig>(ROOT);

Deno.test("imports names each linked package at the wrapper's version", () => {
  const wanted = root.links.map((link): [string, string] => {
    const { name, version } = readConfig(folderOf(link));
    return [name, `jsr:${name}@^${version}`];
  });
  const linked = Object.entries(root.imports)
    .filter(([, specifier]) => !/^npm:.+@\d+\.\d+\.\d+$/.test(specifier));
  assertEquals(linked, wanted);
});

Deno.test("links names each folder under links", () => {
  const folders = [...Deno.readDirSync(new URL("links", ROOT))]
    .filter(({ isDirectory }) => isDirectory)
    .map(({ name }) => `./links/${name}`);
  assertEquals(root.links, folders.sort());
});

Deno.test("exports of a wrapper names each of its modules by its path", () => {
  for (const link of root.links) {
    const { name, exports } = readConfig(folderOf(link));
    const modules = [...modulesUnder(folderOf(link))].sort();
    const wanted = modules.map((file): [string, string] => [
      file.replace(/\.ts$/, "").replaceAll("_", "-"),
      file,
    ]);
    assertEquals(exports, Object.fromEntries(wanted), name);
  }
});

Deno.test("each package and each module of a wrapper is imported by something", () => {
  const sources = [...sourcesOf(ROOT)].join("\n");
  const unused = Object.keys(root.imports)
    .filter((name) => !new RegExp(`"${name}["/]`).test(sources));
  for (const link of root.links) {
    const { name, exports } = readConfig(folderOf(link));
    for (const entry of Object.keys(exports)) {
      const specifier = `"${name}${entry.slice(1)}"`;
      if (!sources.includes(specifier)) unused.push(specifier);
    }
  }
  assertEquals(unused, []);
});

Deno.test("an entry point of a wrapper gives a value for each name", async () => {
  for (const link of root.links) {
    const { name, exports } = readConfig(folderOf(link));
    for (const file of Object.values(exports)) {
      const module = await import(new URL(file, folderOf(link)).href);
      const values = Object.entries(module);
      assert(values.length > 0, `${name} ${file} exports nothing`);
      for (const [key, value] of values) {
        assert(value !== undefined, `${name} ${file} has no ${key}`);
      }
    }
  }
});

Deno.test("wrapped functions work like the standard library's", async () => {
  const bytes = new TextEncoder().encode("GET / HTTP/1.1\r\n\r\n");
  assertEquals(fromFileUrl(new URL("file:///a%20b")), "/a b");
  assertEquals(typeByExtension(".svg"), "image/svg+xml");
  assertEquals(
    escape(`<a href="&">'`),
    "&lt;a href=&quot;&amp;&quot;&gt;&#39;",
  );
  assertEquals(decodeBase64("aGk="), Uint8Array.of(104, 105));
  assertEquals(encodeHex(Uint8Array.of(0, 255)), "00ff");
  assert(timingSafeEqual(bytes, bytes.slice()));
  await assertRejects(
    () => deadline(Promise.withResolvers<void>().promise, 1),
    DOMException,
  );
});

Deno.test("parseArgs types its result by the given flags", () => {
  const args = parseArgs(["-b", "::1", "-H", "A: 1", "-H", "B: 2", "site"], {
    boolean: ["quiet"],
    string: ["bind", "header"],
    collect: ["header"],
    alias: { bind: "b", header: "H" },
    default: { bind: "127.0.0.1" },
  });
  const bind: string = args.bind;
  const header: string[] = args.header;
  const quiet: boolean = args.quiet;
  assertEquals([bind, header, quiet], ["::1", ["A: 1", "B: 2"], false]);
  assertEquals(args._, ["site"]);
});

Deno.test("assertThrows narrows to the given error class", () => {
  const error: SyntaxError = assertThrows(() => JSON.parse("{"), SyntaxError);
  assertEquals(error.name, "SyntaxError");
});
