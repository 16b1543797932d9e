// Copyright 2026 the pystd authors. MIT license.

/**
 * Attacks by zip files that no program writes: sizes and offsets of zip64 that
 * cannot be, names that lead out, names that come twice, many ranges.
 *
 * @module
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { assertRejects } from "@std/assert/rejects";
import { toFetchHandler } from "../../fetch.ts";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { SourceError } from "../../sources/source.ts";
import { ZipSource } from "../../sources/zip.ts";
import { ask } from "../support/client.ts";
import { runToEnd, startCommand } from "../support/command.ts";
import { type RawEnd, type RawEntry, rawZip } from "../support/raw_zip.ts";
import { req } from "../support/rfc.ts";
import { stub } from "../support/stub.ts";
import { makeFiles } from "../support/tree.ts";

/** Around what a file has, a number has exactly, and a record can say. */
const ABSURD: readonly bigint[] = [
  10_000n,
  2n ** 32n,
  2n ** 53n - 100n,
  2n ** 53n + 1n,
  2n ** 63n,
  2n ** 64n - 1n,
];

const GOOD: RawEntry = { name: "good.txt", content: "good" };
const END: RawEnd = { entries: 1n, size: 58n, offset: 42n };

Deno.test("a zip file with an absurd end is no zip file, and nothing else", async (t) => {
  await using tree = await makeFiles({ "a.zip": "" });
  const path = tree.path("a.zip");
  await Deno.writeFile(path, rawZip([GOOD], END));
  const whole = await ZipSource.open(path);
  assertEquals(whole.find("good.txt")?.size, 4);
  await whole[Symbol.asyncDispose]();
  for (const value of ABSURD) {
    const ends: Record<string, RawEnd> = {
      entries: { ...END, entries: value },
      offset: { ...END, offset: value },
      record: { ...END, recordAt: value },
    };
    for (const [name, end] of Object.entries(ends)) {
      await t.step(`${name} ${value}`, async () => {
        const bytes = rawZip([GOOD], end);
        await Deno.writeFile(path, bytes);
        for (const file of [bytes, path]) {
          const error = await assertRejects(
            () => ZipSource.open(file),
            SourceError,
          );
          assertEquals(error.message, "It is no zip file");
        }
      });
    }
  }
  await t.step("the command says so in one line", async () => {
    const { code, stderr } = await runToEnd([path]);
    assert(code !== 0);
    assertMatch(stderr, /^[^\n]*a\.zip[^\n]*\n$/);
  });
});

Deno.test("a file of an absurd size or place has a clear status", async () => {
  const entries = ABSURD.flatMap((value, i): RawEntry[] => {
    const zip64 = { size: 4n, packed: 4n, offset: 0n };
    const deflated = { content: "good", deflated: true };
    return [
      {
        name: `offset${i}`,
        content: "good",
        zip64: { ...zip64, offset: value },
      },
      {
        name: `both${i}`,
        content: "good",
        zip64: { ...zip64, size: value, packed: value },
      },
      {
        name: `size${i}`,
        ...deflated,
        zip64: { ...zip64, size: value, packed: 6n },
      },
      { name: `packed${i}`, ...deflated, zip64: { ...zip64, packed: value } },
    ];
  });
  await using tree = await makeFiles({ "a.zip": "" });
  await Deno.writeFile(tree.path("a.zip"), rawZip([GOOD, ...entries]));
  await using command = await startCommand([
    "--archive",
    "--allow-host=h",
    "--hash",
    tree.path("a.zip"),
  ]);
  for (const { name } of entries) {
    for (const end of ["", "?sha256", "?view"]) {
      const [answer] = await ask(
        command.port,
        req(`GET /${name}${end}`, "Range: bytes=1-3", "Connection: close"),
      );
      // It fails, or it says more than it sends: then it is cut off.
      const length = answer!.fields.find(([field]) =>
        /^content-length$/i.test(field)
      )?.[1];
      const isCut = Number(length) > answer!.body.length;
      assert(
        answer!.status === 404 || answer!.status === 502 || isCut,
        `${name}${end} ${answer!.status} ${answer!.body}`,
      );
    }
  }
  for (const path of ["/", "/?json", "/?search=good", "/good.txt"]) {
    const response = await fetch(command.url(path));
    await response.body?.cancel();
    assertEquals([path, response.status], [path, 200]);
  }
  const archive = await fetch(command.url("/?archive=tar.gz"));
  await archive.arrayBuffer().catch(() => {});
  const good = await fetch(command.url("/good.txt"));
  assertEquals(await good.text(), "good");
});

/** Names of entries, and the paths at which they are found, if at all. */
const NAMES: readonly [name: string, path?: string][] = [
  ["../up.txt"],
  ["d/../../up.txt"],
  ["d/../in.txt"],
  ["./here.txt"],
  ["d//double.txt"],
  ["/rooted.txt"],
  ["//host/share.txt"],
  ["..\\up.txt"],
  ["d\\..\\..\\up.txt"],
  ["\\rooted.txt"],
  ["nul\0.txt"],
  [".."],
  ["."],
  [""],
  ["/"],
  ["C:\\drive.txt", "/C:/drive.txt"],
  ["d\\back.txt", "/d/back.txt"],
  ["%2e%2e/coded.txt", "/%252e%252e/coded.txt"],
  ["...", "/..."],
];

Deno.test("names of a zip file that lead out are left out", async () => {
  const files = NAMES.map(([name]) => ({ name, content: "odd" }));
  await using tree = await makeFiles({ "a.zip": "", "up.txt": "outside" });
  await Deno.writeFile(tree.path("a.zip"), rawZip([GOOD, ...files]));
  await using command = await startCommand([
    "--dotfiles",
    "--allow-host=h",
    "--archive",
    tree.path("a.zip"),
  ]);
  const found = new Set<string>();
  const paths = [...NAMES.flatMap(([name]) => {
    const path = name.replaceAll("\\", "/");
    return [path, path.replace(/^\/+/, ""), path.split("/").at(-1)!];
  })];
  for (const name of paths) {
    const target = name.split("/").map(encodeURIComponent).join("/");
    const [answer] = await ask(
      command.port,
      req(`GET /${target}`, "Connection: close"),
    );
    if (answer!.body === "odd") found.add(`/${target}`);
    assert(answer!.body !== "outside", target);
    assert([200, 301, 404].includes(answer!.status), `${answer!.status}`);
  }
  const wanted = NAMES.flatMap(([, path]) => path ?? [])
    .map((path) => path.replace("C:", "C%3A"));
  assertEquals([...found].sort(), wanted.sort());
  const archive = await fetch(command.url("/?archive=zip"));
  await using sent = await ZipSource.open(await archive.arrayBuffer());
  const namesIn = async (folder: string): Promise<string[]> => {
    const names: string[] = [];
    for await (const page of sent.list(folder)) {
      names.push(...page.map(({ name }) => name));
    }
    return names.sort();
  };
  const [top, ...others] = await namesIn("");
  assertEquals(others, []);
  assertEquals(await namesIn(top!), ["%2e%2e", "...", "C:", "d", "good.txt"]);
});

Deno.test("of a name that comes twice, the last entry counts", async () => {
  const bytes = rawZip([
    { name: "a.txt", content: "first" },
    { name: "A.txt", content: "another name" },
    { name: "a.txt", content: "second", deflated: true },
    { name: "a.txt\\b.txt", content: "folder" },
    { name: "c", content: "file" },
    { name: "c/", content: "" },
    { name: "a.txt", content: "file below a folder" },
    { name: "e.txt", content: "1" },
    { name: "e.txt", content: "last" },
  ]);
  await using source = await ZipSource.open(bytes);
  const handler = toFetchHandler(
    class extends SimpleHTTPRequestHandler {
      override logMessage(): void {}
    }.with({ source }),
  );
  const listed: string[] = [];
  for await (const page of source.list("")) {
    listed.push(...page.map(({ name, kind }) => `${name} ${kind}`));
  }
  assertEquals(listed.sort(), [
    "A.txt file",
    "a.txt directory",
    "c directory",
    "e.txt file",
  ]);
  const read = async (path: string): Promise<string> =>
    await (await handler(new Request(`http://h${path}`))).text();
  assertEquals(await read("/e.txt"), "last");
  assertEquals(await read("/A.txt"), "another name");
  assertEquals(await read("/a.txt/b.txt"), "folder");
});

Deno.test("many parts of a compressed file cost no more than the file", async () => {
  const size = 1_000_000;
  const content = "0".repeat(size);
  const files: RawEntry[] = [
    { name: "bomb", content, deflated: true },
    { name: "stored", content },
  ];
  using _limit = stub(ZipSource, "maxUnpackedBytes", () => 2_000_000);
  await using source = await ZipSource.open(rawZip(files));
  let unpacked = 0;
  using _read = stub(source, "read", (read) => (path, options) => {
    unpacked += options.end;
    return read.call(source, path, options);
  });
  const handler = toFetchHandler(
    class extends SimpleHTTPRequestHandler {
      override logMessage(): void {}
    }.with({ source }),
  );
  const ask = async (path: string, starts: number[]): Promise<Response> => {
    unpacked = 0;
    const range = `bytes=${starts.map((at) => `${at}-${at + 9}`).join()}`;
    const response = await handler(
      new Request(`http://h/${path}`, { headers: { range } }),
    );
    await response.bytes();
    return response;
  };
  const far = Array.from({ length: 64 }, (_, i) => size - 100 - 20 * i);
  assertEquals((await ask("bomb", far)).status, 200);
  assertEquals(unpacked, size);
  // Nothing is unpacked of a stored file.
  assertEquals((await ask("stored", far)).status, 206);
  assertEquals((await ask("bomb", [100, 900_000, 200])).status, 206);
  assert(unpacked < 2_000_000);
});
