// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { SourceError } from "../../sources/source.ts";
import { ZipSource } from "../../sources/zip.ts";
import { respond } from "../../testing.ts";
import { isInstalled } from "../support/command.ts";
import { makeFiles, type TemporaryTree } from "../support/tree.ts";
import { type Served, testSource } from "./cases.ts";
import { FILES } from "./files.ts";

const HAS_PYTHON = isInstalled("python3");

/** Makes `all.zip` of a tree with Python, which is somebody else's program. */
async function zip(
  tree: TemporaryTree,
  method: "ZIP_STORED" | "ZIP_DEFLATED",
  more = "",
): Promise<string> {
  const path = tree.path("all.zip");
  const program = `
import os, sys, zipfile
os.chdir(sys.argv[1])
names = [os.path.relpath(os.path.join(d, f)) for d, _, fs in os.walk(".") for f in fs]
with zipfile.ZipFile("all.zip", "w", zipfile.${method}) as z:
    for name in names:
        if name != "all.zip": z.write(name)
${more.replaceAll(/^/gm, "    ")}
`;
  const { success, stderr } = await new Deno.Command("python3", {
    args: ["-c", program, tree.root],
  }).output();
  assert(success, new TextDecoder().decode(stderr));
  return path;
}

for (const method of ["ZIP_STORED", "ZIP_DEFLATED"] as const) {
  testSource(`a zip file (${method})`, async (): Promise<Served> => {
    const tree = await makeFiles(FILES);
    const source = await ZipSource.open(await zip(tree, method));
    return {
      options: { source },
      async [Symbol.asyncDispose](): Promise<void> {
        await source[Symbol.asyncDispose]();
        await tree[Symbol.asyncDispose]();
      },
    };
  }, !HAS_PYTHON);
}

async function namesIn(source: ZipSource, path = ""): Promise<string[]> {
  const names: string[] = [];
  for await (const page of source.list(path)) {
    names.push(...page.map(({ name }) => name));
  }
  return names.sort();
}

Deno.test({
  name: "ZipSource leaves out links, encrypted files and names that lead out",
  ignore: !HAS_PYTHON,
  async fn() {
    await using tree = await makeFiles({ "a.txt": "alpha\n" });
    const path = await zip(
      tree,
      "ZIP_DEFLATED",
      `
link = zipfile.ZipInfo("link"); link.create_system = 3
link.external_attr = 0o120777 << 16
z.writestr(link, "/etc/passwd")
for name in ["../up.txt", "/top.txt", "a/../../b", "x/./y", "C:/d.txt", "b\\\\c.txt"]:
    z.writestr(name, "x")
z.writestr("both", "file")
z.writestr("both/inner.txt", "folder")
z.writestr("twice.txt", "one")
z.writestr("twice.txt", "two!")
z.writestr("empty/", "")
`,
    );
    await using source = await ZipSource.open(path);
    // A backslash separates names in zip files of old programs for Windows.
    assertEquals(await namesIn(source), [
      "C:",
      "a.txt",
      "b",
      "both",
      "empty",
      "twice.txt",
    ]);
    assertEquals(await namesIn(source, "both"), ["inner.txt"]);
    assertEquals(await namesIn(source, "empty"), []);
    assertEquals(source.find("twice.txt")?.size, 4);
    assertEquals(source.find("link"), undefined);
    assertEquals(source.find("up.txt"), undefined);
  },
});

Deno.test("ZipSource refuses what is no zip file", async () => {
  await using tree = await makeFiles({
    "a.zip": "no zip file at all".repeat(9),
  });
  for (const file of [tree.path("a.zip"), new Uint8Array(100)]) {
    await assertRejects(() => ZipSource.open(file), SourceError, "no zip file");
  }
  await assertRejects(() => ZipSource.open(tree.path("none")), Error, "ENOENT");
});

Deno.test({
  name: "a damaged zip file gives 502, and no half file",
  ignore: !HAS_PYTHON,
  async fn() {
    await using tree = await makeFiles({ "a.txt": "alpha\n".repeat(1000) });
    const path = await zip(tree, "ZIP_DEFLATED");
    const bytes = await Deno.readFile(path);
    // Behind the local header and the name.
    for (const at of [40, 45, 50]) bytes[at] ^= 0xff;
    await using source = await ZipSource.open(bytes);
    const Handler = SimpleHTTPRequestHandler.with({ source });
    const request =
      "GET /a.txt HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
    const { status, log } = await respond(Handler, request);
    assertEquals(status, 502);
    assert(log.some((line) => line.includes("a zip file:")), log.join());
  },
});
