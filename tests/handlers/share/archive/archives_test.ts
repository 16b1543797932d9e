// Copyright 2026 the pystd authors. MIT license.

import { Buffer } from "node:buffer";
import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { ShareHTTPRequestHandler } from "../../../../handlers/share.ts";
import { Archives } from "../../../../handlers/share/archive/archives.ts";
import {
  tarHeader,
  tarPadding,
} from "../../../../handlers/share/archive/tar.ts";
import {
  type ArchiveEntry,
  ZipWriter,
} from "../../../../handlers/share/archive/zip.ts";
import { RawClient } from "../../../support/client.ts";
import { isInstalled } from "../../../support/command.ts";
import { serveTree, type Sharing } from "../../../support/sharing.ts";
import { makeTree, type TreeEntry } from "../../../support/tree.ts";

const MTIME = 1_000_000_001_000;
const LONG = "l".repeat(200);
const TREE: TreeEntry[] = [
  { path: "t/a.txt", type: "file", content: "alpha", mtime_ms: MTIME },
  { path: "t/b\\c", type: "file", content: "b" },
  { path: "t/big", type: "file", content: "0123456789", times: 100_000 },
  { path: "t/caf\u00e9 \u{1f600}/d.txt", type: "file", content: "d" },
  { path: "t/empty", type: "dir" },
  { path: `t/${LONG}`, type: "file", content: "long" },
  { path: "t/.hidden", type: "file", content: "secret" },
  { path: "t/out", type: "symlink", target: "/etc" },
  { path: "t/dangling", type: "symlink", target: "nowhere" },
  { path: "t/loop", type: "symlink", target: "." },
  { path: "t/tohidden", type: "symlink", target: "../.hidden" },
  { path: "t/in", type: "symlink", target: "../other" },
  { path: "other/e.txt", type: "file", content: "e" },
  { path: ".hidden/x", type: "file", content: "secret" },
];
const NAMES = [
  "t/",
  "t/a.txt",
  "t/b\\c",
  "t/big",
  "t/caf\u00e9 \u{1f600}/",
  "t/caf\u00e9 \u{1f600}/d.txt",
  "t/empty/",
  "t/in/",
  "t/in/e.txt",
  `t/${LONG}`,
];

/** Prints names, sizes and times, and reads all data. */
const READER = `
import sys, zipfile, tarfile
if sys.argv[1].endswith("zip"):
    z = zipfile.ZipFile(sys.argv[1])
    assert z.testzip() is None
    for i in z.infolist(): print(i.filename, i.file_size)
else:
    t = tarfile.open(sys.argv[1])
    for m in t:
        if m.isfile(): assert len(t.extractfile(m).read()) == m.size
        print(m.name + ("/" if m.isdir() else ""), m.size)
`;

async function serve(dotfiles = false): Promise<Sharing> {
  const archives = new Archives();
  return serveTree(await makeTree(TREE), { archives, dotfiles });
}

async function run(program: string, ...args: string[]): Promise<string> {
  // bsdtar converts names to the locale's encoding.
  const env = { LC_ALL: "C.UTF-8" };
  const command = new Deno.Command(program, { args, env });
  const { success, stdout, stderr } = await command.output();
  const said = new TextDecoder().decode(stdout);
  assert(success, said + new TextDecoder().decode(stderr));
  return said;
}

/** `unzip` has no `--version`. */
function hasUnzip(): boolean {
  try {
    return new Deno.Command("unzip", { args: ["-v"], stdout: "null" })
      .outputSync().success;
  } catch {
    return false;
  }
}

async function download(
  sharing: Sharing,
  path: string,
  name: string,
): Promise<string> {
  const response = await fetch(`http://127.0.0.1:${sharing.port}${path}`);
  assertEquals(response.status, 200);
  const file = sharing.tree.path(name);
  await Deno.writeFile(file, response.body!);
  return file;
}

for (const format of ["zip", "tar.gz"]) {
  Deno.test({
    name: `Archives sends a folder as ${format} that Python and bsdtar read`,
    ignore: !isInstalled("python3") || !isInstalled("bsdtar"),
    fn: async () => {
      await using sharing = await serve();
      const path = `/t/?archive=${format}`;
      const file = await download(sharing, path, `x.${format}`);
      const wanted = NAMES.map((name) =>
        format === "zip" ? name.replace("\\", "_") : name
      );
      const lines = (await run("python3", "-c", READER, file)).trim()
        .split("\n");
      const names = lines.map((line) => line.slice(0, line.lastIndexOf(" ")));
      assertEquals(names.sort(), wanted.sort());
      assert(lines.includes("t/big 1000000"), "its size");
      assertEquals(await run("bsdtar", "-xOf", file, "t/a.txt"), "alpha");
      await run("bsdtar", "-xf", file, "-C", sharing.tree.path("other"));
      const { mtime } = await Deno.stat(sharing.tree.path("other/t/a.txt"));
      assertEquals(mtime?.getTime(), MTIME);
    },
  });
}

Deno.test({
  name: "Archives sends a zip that unzip accepts",
  ignore: !hasUnzip(),
  fn: async () => {
    await using sharing = await serve();
    const file = await download(sharing, "/?archive=zip", "x.zip");
    await run("unzip", "-tq", file);
    const shown = await run("unzip", "-Z1", file);
    assert(shown.startsWith("files/\n"), shown);
    assert(!shown.includes(".hidden"), shown);
  },
});

Deno.test("Archives answers for folders only, with the fields of a download", async () => {
  const table: [path: string, status: number, dotfiles?: boolean][] = [
    ["/t/?archive=zip", 200],
    ["/t?archive=tar.gz", 200],
    ["/t?zip", 200],
    ["/t/?x=1&zip=", 200],
    ["/out?zip", 404],
    ["/t/a.txt?zip", 200],
    ["/?x=1&archive=zip", 200],
    ["/t/?archive=rar", 400],
    ["/t/?archive=constructor", 400],
    ["/none/?archive=zip", 404],
    ["/t/out/?archive=zip", 404],
    ["/.hidden/?archive=zip", 404],
    ["/.hidden/?archive=zip", 200, true],
    ["/t/a.txt?archive=zip", 200],
    ["/t/%00?archive=zip", 404],
  ];
  for (const [path, status, dotfiles] of table) {
    await using sharing = await serve(dotfiles);
    const answer = await sharing.fetch(path);
    assertEquals(answer.status, status, path);
    const head = await sharing.fetch(path, { method: "HEAD" });
    assertEquals(head.status, status, path);
    const type = answer.headers.get("content-type");
    assertEquals(head.headers.get("content-type"), type);
    if (path.includes("a.txt")) assertEquals(answer.text, "alpha");
  }
  await using sharing = await serve();
  const named = await sharing.fetch("/t?zip", { method: "HEAD" });
  const same = await sharing.fetch("/t/?archive=zip", { method: "HEAD" });
  for (const [name, value] of same.headers) {
    if (name !== "date") assertEquals(named.headers.get(name), value, name);
  }
  // Of another application, whose page this may be.
  const page = await sharing.fetch("/t/?zip=12345");
  assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
  const { headers } = await sharing.fetch(
    "/t/caf%C3%A9%20%F0%9F%98%80/?archive=zip",
  );
  // An archive has no entity tag, since it is made while it is sent.
  assertEquals(headers.get("cache-control"), "no-store");
  assertEquals(
    headers.get("content-disposition"),
    `attachment; filename="caf_ _.zip"; filename*=UTF-8''caf%C3%A9%20%F0%9F%98%80.zip`,
  );
});

Deno.test("Archives stops when the client disconnects", async () => {
  for (const format of ["zip", "tar.gz"]) {
    await using sharing = await serve();
    const file = sharing.tree.path("t/huge");
    await Deno.writeFile(file, new Uint8Array());
    await Deno.truncate(file, 2 ** 36);
    const client = await RawClient.connect(sharing.port);
    await client.send(`GET /t/?archive=${format} HTTP/1.1\r\nHost: a\r\n\r\n`);
    await client.waitFor(() => client.received.length > 1000);
    await client[Symbol.asyncDispose]();
    // Disposing of the server waits for its connections; 64 GiB take too long.
  }
});

Deno.test("Archives makes at most maxArchives at once", async () => {
  await using sharing = await serve();
  const file = sharing.tree.path("t/huge");
  await Deno.writeFile(file, new Uint8Array());
  await Deno.truncate(file, 2 ** 36);
  const { maxArchives } = ShareHTTPRequestHandler;
  const clients: RawClient[] = [];
  try {
    while (clients.length < maxArchives) {
      const client = await RawClient.connect(sharing.port);
      clients.push(client);
      await client.send("GET /t/?archive=zip HTTP/1.1\r\nHost: a\r\n\r\n");
      await client.waitFor(() => client.received.length > 1000);
    }
    const refused = await sharing.fetch("/other/?archive=zip");
    assertEquals(refused.status, 503);
    assertEquals(refused.headers.get("retry-after"), "5");
    assert(refused.text.includes("Too many archives at once"), refused.text);
    const head = await sharing.fetch("/t/?archive=zip", { method: "HEAD" });
    assertEquals(head.status, 200);
    // `Retry-After` is not repeated in the next response.
    assertEquals(
      (await sharing.fetch("/t/a.txt")).headers.has("retry-after"),
      false,
    );
  } finally {
    for (const client of clients) await client[Symbol.asyncDispose]();
  }
  let status = 503;
  while (status === 503) {
    ({ status } = await sharing.fetch("/other/?archive=zip"));
  }
  assertEquals(status, 200);
});

for (const format of ["zip", "tar.gz"]) {
  Deno.test(`Archives lets others be served while a flat folder is made a ${format}`, async () => {
    const count = 3000;
    await using sharing = await serve();
    for (let i = 0; i < count; i++) {
      Deno.writeTextFileSync(sharing.tree.path(`other/${i}`), "");
    }
    await using client = await RawClient.connect(sharing.port);
    await client.send(
      `GET /other/?archive=${format} HTTP/1.1\r\nHost: a\r\n\r\n`,
    );
    await client.waitFor(() => client.received.includes("\r\n\r\n"));
    let served = 0;
    while (!client.received.endsWith("\r\n0\r\n\r\n")) {
      assertEquals((await sharing.fetch("/t/a.txt")).text, "alpha");
      served++;
    }
    // A slice has some 40 files. With 500 files a client would wait 25 ms.
    assert(served > count / 500, `${served} served meanwhile`);
  });
}

Deno.test({
  name: "ZipWriter supports more than 65,535 entries and 4 GiB",
  ignore: !isInstalled("python3"),
  fn: async () => {
    await using tree = await makeTree([]);
    const path = tree.path("x.zip");
    {
      using file = await Deno.open(path, { createNew: true, write: true });
      const writer = new ZipWriter();
      const entry = (name: string, size = 0): ArchiveEntry => ({
        name,
        size,
        modified: new Date(MTIME),
        mode: 0o644,
      });
      const pieces: Uint8Array[] = [];
      for (let i = 0; i < 65_536; i++) {
        pieces.push(writer.begin(entry(`${i}`)), writer.end());
      }
      pieces.push(...writer.finish());
      file.writeSync(Buffer.concat(pieces));
    }
    const code = "import sys, zipfile\n" +
      "print(len(zipfile.ZipFile(sys.argv[1]).infolist()))";
    assertEquals(await run("python3", "-c", code, path), "65536\n");
  },
});

Deno.test("ZipWriter announces the sizes of an entry of 4 GiB", () => {
  const table: [size: number, version64: boolean][] = [
    [2 ** 32 - 2, false],
    [2 ** 32 - 1, true],
    [2 ** 33, true],
  ];
  for (const [size, large] of table) {
    const writer = new ZipWriter();
    const entry = { name: "a", size, modified: new Date(MTIME), mode: 0o644 };
    const head = Buffer.from(writer.begin(entry));
    assertEquals(head.readUInt16LE(31) === 1, large, `${size}`);
    assertEquals(writer.end().length, large ? 24 : 16);
  }
});

Deno.test("tarHeader writes long names and large sizes as pax records", () => {
  const base = { size: 5, modified: new Date(MTIME), mode: 0o644 };
  const table: [entry: ArchiveEntry, records: string | undefined][] = [
    [{ ...base, name: "a" }, undefined],
    [{ ...base, name: "a".repeat(100) }, undefined],
    [{ ...base, name: "a".repeat(101) }, `111 path=${"a".repeat(101)}\n`],
    [{ ...base, name: "\u00e9" }, "11 path=\u00e9\n"],
    [{ ...base, name: "a", size: 2 ** 33 - 1 }, undefined],
    [{ ...base, name: "a", size: 2 ** 33 }, "19 size=8589934592\n"],
  ];
  for (const [entry, records] of table) {
    const blocks = Buffer.from(tarHeader(entry));
    assertEquals(blocks.length % 512, 0);
    assertEquals(String.fromCharCode(blocks[156]!), records ? "x" : "0");
    if (records === undefined) continue;
    const length = Buffer.byteLength(records);
    assertEquals(blocks.toString("utf8", 512, 512 + length), records);
  }
  const lengths = [0, 1, 511, 512, 513].map((size) => tarPadding(size).length);
  assertEquals(lengths, [0, 511, 1, 0, 511]);
});

Deno.test("ZipWriter clamps DOS times, and leaves out times that Info-ZIP cannot hold", () => {
  const table: [modified: string, dos: number, extended: boolean][] = [
    ["1969-06-01T12:00:00", 0x00210000, true],
    ["1980-01-01T00:00:02", 0x00210001, true],
    ["2107-12-31T23:59:58", 0xff9fbf7d, false],
    ["2200-01-01T00:00:00", 0xff9fbf7d, false],
    ["1800-01-01T00:00:00", 0x00210000, false],
  ];
  for (const [modified, dos, extended] of table) {
    const writer = new ZipWriter();
    const entry = { name: "a", size: 1, modified: new Date(modified) };
    const head = Buffer.from(writer.begin({ ...entry, mode: 0o644 }));
    assertEquals(head.readUInt32LE(10), dos, modified);
    assertEquals(head.readUInt16LE(28) === 9, extended, modified);
  }
});

Deno.test("Archives leaves other methods and other paths alone", async () => {
  await using site = await serve();
  const { status } = await site.fetch("/t/?archive=zip", { method: "POST" });
  assertEquals(status, 501);
});
