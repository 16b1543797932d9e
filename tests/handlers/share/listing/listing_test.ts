// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { encodeBase64 } from "@std/encoding/base64";
import { OpenFile } from "../../../../files/open_file.ts";
import { ServedDirectory } from "../../../../files/served_directory.ts";
import { Archives } from "../../../../handlers/share/archive/archives.ts";
import { humanSize } from "../../../../handlers/share/listing/text.ts";
import type { ShareOptions } from "../../../../handlers/share.ts";
import { field } from "../../../support/answers.ts";
import { ask, RawClient } from "../../../support/client.ts";
import { get, serveTree, type Sharing } from "../../../support/sharing.ts";
import { stub, systemError } from "../../../support/stub.ts";
import { makeFiles, makeTree, type TreeEntry } from "../../../support/tree.ts";

async function serve(
  entries: TreeEntry[],
  options: ShareOptions = {},
): Promise<Sharing> {
  return serveTree(await makeTree(entries), options);
}

function file(path: string, size = 1, mtime_ms = 1e12): TreeEntry {
  return { path, type: "file", content: "x", times: size, mtime_ms };
}

async function lines(site: Sharing, query: string): Promise<string[]> {
  const [answer] = await ask(site.port, get(`/${query}`, "Accept: text/plain"));
  return answer.body.split("\n").slice(0, -1);
}

Deno.test("listing sorts by name, size and date, folders first", async () => {
  await using site = await serve([
    file("b10", 3, 2e12),
    file("B9", 1, 1e12),
    file("a", 2, 3e12),
    file("\u00c4b", 9, 4e12),
    { path: "z", type: "dir", mtime_ms: 1e12 },
    { path: "y", type: "dir", mtime_ms: 2e12 },
  ]);
  const cases: [string, string][] = [
    ["", "y/ z/ a \u00c4b B9 b10"],
    ["?sort=name&order=desc", "z/ y/ b10 B9 \u00c4b a"],
    ["?sort=size", "y/ z/ B9 a b10 \u00c4b"],
    ["?sort=size&order=desc", "z/ y/ \u00c4b b10 a B9"],
    ["?sort=date", "z/ y/ B9 b10 a \u00c4b"],
    ["?sort=date&order=desc", "y/ z/ \u00c4b a b10 B9"],
    ["?sort=nonsense&order=nonsense", "y/ z/ a \u00c4b B9 b10"],
  ];
  for (const [query, wanted] of cases) {
    const names = await lines(site, query);
    const decoded = new TextDecoder().decode(
      Uint8Array.from(names.join(" "), (c) => c.charCodeAt(0)),
    );
    assertEquals(decoded, wanted, query);
  }
});

Deno.test("listing comes in the requested format", async () => {
  await using site = await serve([file("a.txt", 5), {
    path: "sub",
    type: "dir",
    mtime_ms: 1e12,
  }]);
  const cases: [string, string, string][] = [
    ["/", "Accept: */*", "text/html; charset=utf-8"],
    ["/", "Accept: text/html,*/*;q=0.8", "text/html; charset=utf-8"],
    ["/", "Accept: text/plain", "text/plain; charset=utf-8"],
    ["/?format=text", "Accept: text/html", "text/plain; charset=utf-8"],
    ["/?format=json", "Accept: text/html", "application/json; charset=utf-8"],
    ["/?json", "Accept: text/html", "application/json; charset=utf-8"],
    ["/?json=1", "Accept: text/html", "text/html; charset=utf-8"],
    ["/", "Accept: application/json", "application/json; charset=utf-8"],
  ];
  for (const [path, accept, type] of cases) {
    const [answer] = await ask(site.port, get(path, accept));
    assertEquals(field(answer, "content-type"), type);
    assertEquals(field(answer, "vary"), "Accept, Accept-Encoding");
  }
  const [json] = await ask(site.port, get("/?format=json"));
  assertEquals(JSON.parse(json.body), {
    path: "/",
    entries: [
      {
        name: "sub",
        type: "directory",
        size: null,
        modified: "2001-09-09T01:46:40.000Z",
      },
      {
        name: "a.txt",
        type: "file",
        size: 5,
        modified: "2001-09-09T01:46:40.000Z",
      },
    ],
  });
});

Deno.test("listing shows entries that cannot be opened without a link", async () => {
  await using outside = await makeFiles({ "secret.txt": "secret" });
  await using site = await serve([
    file("a.txt"),
    { path: "broken", type: "symlink", target: "none" },
    { path: "loop", type: "symlink", target: "loop" },
    { path: "out", type: "symlink", target: outside.root },
    { path: "in", type: "symlink", target: "a.txt" },
  ]);
  const [page] = await ask(site.port, get("/"));
  assertEquals(page.status, 200);
  assertEquals(
    [...page.body.matchAll(/<bdi><a href="([^"]*)"/g)].map((
      [, href],
    ) => href),
    ["a.txt", "in"],
  );
  for (const name of ["broken", "loop", "out"]) {
    assert(page.body.includes(`<bdi>${name}</bdi></span>`), name);
  }
  const [json] = await ask(site.port, get("/?format=json"));
  const { entries } = JSON.parse(json.body);
  const kinds = entries.map((
    e: { name: string; type: string; link?: boolean },
  ) => `${e.name} ${e.type} ${e.link ?? false}`);
  assertEquals(kinds, [
    "a.txt file false",
    "broken other true",
    "in file true",
    "loop other true",
    "out other true",
  ]);
});

Deno.test("listing hides dot files and unfinished uploads", async () => {
  const part = `.pystd-upload-${"0".repeat(32)}.part`;
  const entries = [file(".hidden"), file(part), file("a")];
  await using hiding = await serve(entries, { dotfiles: false });
  assertEquals(await lines(hiding, ""), ["a"]);
  await using showing = await serve(entries, { dotfiles: true });
  assertEquals(await lines(showing, ""), [".hidden", "a"]);
});

Deno.test("listing shows hostile names as they are", async () => {
  const tree = await makeFiles({
    '"><script>alert(1)<b>/inside.txt': "",
    "&amp;.txt": "",
    "a\nb\x1b\x9b.txt": "",
    "\u202egpj.exe": "",
  });
  await using site = serveTree(tree, { title: "<i>" });
  const response = await site.fetch("/");
  assert(!/<script>alert|<b>|<i>/.test(response.text));
  assert(response.text.includes(">&amp;amp;.txt</a></bdi>"));
  assert(response.text.includes(">a\u240ab\u241b\ufffd.txt</a></bdi>"));
  const { text } = await site.fetch("/?format=text");
  assert(text.includes("\na?b??.txt\n"));
  assert(response.text.includes(">\ufffdgpj.exe</a></bdi>"));
  assert(response.text.includes('href="%E2%80%AEgpj.exe"'));
});

Deno.test("listing shows a README as text, and the start of a long one", async () => {
  const text = "</pre><script>alert(1)</script>\n";
  const tree = await makeFiles({
    "short/readme.TXT": text,
    "long/README.md": text.repeat(3000),
    "none/readme.html": text,
  });
  await using site = serveTree(tree, {});
  const short = (await site.fetch("/short/")).text;
  assert(short.includes("&lt;/pre&gt;&lt;script&gt;alert(1)"));
  assert(!short.includes("See the rest in"));
  const long = (await site.fetch("/long/")).text;
  assert(long.includes('[See the rest in <a href="README.md">the file</a>.]'));
  assert(long.length < 120000);
  assert(!(await site.fetch("/none/")).text.includes('class="readme"'));
});

Deno.test("listing is 404 with listing: false, unless there is an index", async () => {
  const tree = await makeFiles({ "a/x.txt": "", "b/index.html": "b" });
  await using site = serveTree(tree, { listing: false });
  assertEquals((await site.fetch("/a/")).status, 404);
  assertEquals((await site.fetch("/b/")).text, "b");
});

Deno.test("listing's policy allows only its own script and style", async () => {
  await using site = await serve([file("a")]);
  const { headers, text } = await site.fetch("/");
  const policy = headers.get("content-security-policy")!;
  assert(policy.startsWith("default-src 'none'; "));
  assert(!policy.includes("unsafe"));
  for (const tag of ["script", "style"]) {
    const blocks = [...text.matchAll(RegExp(`<${tag}>([^]*?)</${tag}>`, "g"))];
    assertEquals(blocks.length, 1);
    const bytes = new TextEncoder().encode(blocks[0][1]);
    const hash = encodeBase64(await crypto.subtle.digest("SHA-256", bytes));
    assert(policy.includes(`${tag}-src 'sha256-${hash}'`));
  }
  assert(!/\son[a-z]+=|\sstyle=|javascript:/.test(text.split("<script>")[0]));
});

Deno.test("listing has links that contain only the name, for players", async () => {
  await using site = await serve([
    file("a b.txt"),
    file("film.mkv"),
    { path: "sub", type: "dir" },
  ]);
  const [page] = await ask(site.port, get("/"));
  const simple = /<a href="([^"?]*)">([^<]*)<\/a>/g;
  assertEquals(
    [...page.body.matchAll(simple)].map(([, href, name]) => [href, name]),
    [["sub/", "sub"], ["a%20b.txt", "a b.txt"], ["film.mkv", "film.mkv"]],
  );
});

Deno.test("listing shows the time 0 as 1970", async () => {
  await using site = await serve([file("old", 1, 0)]);
  const { text } = await site.fetch("/?format=json");
  assertEquals(
    JSON.parse(text).entries[0].modified,
    "1970-01-01T00:00:00.000Z",
  );
});

Deno.test("listing follows changes at once", async () => {
  await using site = await serve([file("a")]);
  assertEquals(await lines(site, ""), ["a"]);
  await Deno.writeTextFile(site.tree.path("b"), "");
  assertEquals(await lines(site, ""), ["a", "b"]);
  await new Promise((resolve) => setTimeout(resolve, 60));
  assertEquals(await lines(site, ""), ["a", "b"]);
  await Deno.remove(site.tree.path("a"));
  assertEquals(await lines(site, ""), ["b"]);
});

Deno.test("listing shows new sizes and texts when no name has changed", async () => {
  await using site = await serve([file("a"), file("README.txt", 3)]);
  await Deno.utime(site.tree.root, 1e9, 1e9);
  for (const size of [1, 5, 2]) {
    await Deno.writeTextFile(site.tree.path("a"), "x".repeat(size));
    await Deno.writeTextFile(site.tree.path("README.txt"), `Read ${size}`);
    const listed = await site.fetch("/?format=json");
    assertEquals(JSON.parse(listed.text).entries[0].size, size);
    const page = await site.fetch("/", { headers: { Accept: "text/html" } });
    assert(page.text.includes(`Read ${size}`));
  }
});

Deno.test("listing shows files whose times are outside the range of Date", async () => {
  const archives = new Archives();
  await using site = await serve([file("late"), file("old")], { archives });
  using _ = stub(Deno, "lstatSync", (real) => (path) => {
    const info = real(path);
    if (`${path}`.endsWith("late")) info.mtime = new Date(NaN);
    if (`${path}`.endsWith("old")) info.mtime = new Date(8.64e15);
    return info;
  });
  const listed = JSON.parse((await site.fetch("/?format=json")).text);
  const times = listed.entries.map(({ modified }: { modified: string }) =>
    modified
  );
  assertEquals(times, [null, "+275760-09-13T00:00:00.000Z"]);
  const page = await site.fetch("/", { headers: { Accept: "text/html" } });
  assert(page.text.includes(">+275760-09-13 00:00 UTC</time>"));
  const { status, headers } = await site.fetch("/late");
  assertEquals([status, headers.get("etag")], [200, '"1-0"']);
  const packed = await fetch(`http://127.0.0.1:${site.port}/?archive=tar.gz`);
  const tar = await new Response(
    packed.body!.pipeThrough(new DecompressionStream("gzip")),
  ).text();
  assert(tar.includes("late") && !tar.includes("NaN"));
});

Deno.test("listing of 20,000 entries is made in slices, between other requests", async () => {
  const count = 20000;
  const tree = await makeFiles({ "small.txt": "small", "big/": "" });
  for (let i = 0; i < count; i++) {
    Deno.writeTextFileSync(tree.path(`big/file-${i}.txt`), "");
  }
  await using site = serveTree(tree, {});
  await using client = await RawClient.connect(site.port);
  await client.send(get("/big/"));
  await client.waitFor(() => client.received.includes("<tbody>"));
  assert(!client.received.includes("</table>"));
  assertEquals((await site.fetch("/small.txt")).text, "small");
  assert(!client.received.includes("</table>"), "It did not come in slices");
  await client.waitFor(() => client.received.endsWith("0\r\n\r\n"), 60_000);
  assertEquals(client.received.split('<tr><td class="n">').length - 1, count);
  for (const accept of ["identity", "gzip", "br"]) {
    const headers = { "Accept-Encoding": accept, Accept: "application/json" };
    const { text } = await site.fetch("/big/", { headers });
    const { entries } = JSON.parse(text);
    assertEquals(entries.length, count);
    assertEquals(entries[11].name, "file-11.txt");
  }
});

Deno.test("humanSize has three digits and a unit", () => {
  const cases: [number, string][] = [
    [0, "0 B"],
    [999, "999 B"],
    [1000, "1.00 kB"],
    [1234, "1.23 kB"],
    [9994, "9.99 kB"],
    [9996, "10.0 kB"],
    [99960, "100 kB"],
    [999499, "999 kB"],
    [999500, "1.00 MB"],
    [1.5e12, "1.50 TB"],
    [5e18, "5000 PB"],
  ];
  for (const [bytes, wanted] of cases) assertEquals(humanSize(bytes), wanted);
});

Deno.test("listing of a large directory stops when its client disconnects, or sent a HEAD", async () => {
  const tree = await makeFiles({ "big/": "", "none/": "" });
  const name = "x".repeat(200);
  for (let i = 0; i < 4000; i++) {
    Deno.writeTextFileSync(tree.path(`big/${i}${name}`), "");
  }
  await using site = serveTree(tree, {});
  const headers = { "Accept-Encoding": "gzip" };
  const head = await site.fetch("/big/", { method: "HEAD", headers });
  assertEquals([head.status, head.text], [200, ""]);
  {
    await using client = await RawClient.connect(site.port);
    await client.send(get("/big/", "Accept-Encoding: gzip"));
    await client.waitFor(() => client.received.includes("\r\n\r\n"));
  }
  using _ = stub(Deno, "readDir", () => () => {
    throw systemError("EACCES");
  });
  assertEquals((await site.fetch("/big/")).status, 404);
  assertEquals((await site.fetch("/big/", { method: "HEAD" })).status, 404);
});

Deno.test("listing of a large directory is cut off when reading fails", async () => {
  const tree = await makeFiles({ "big/": "" });
  const name = "x".repeat(200);
  for (let i = 0; i < 4000; i++) {
    Deno.writeTextFileSync(tree.path(`big/${i}${name}`), "");
  }
  await using site = serveTree(tree, {});
  using _ = stub(ServedDirectory.prototype, "confirms", () => () => false);
  for (const coding of ["gzip", "identity"]) {
    await using client = await RawClient.connect(site.port);
    await client.send(get("/big/", `Accept-Encoding: ${coding}`));
    assert(await client.waitFor(() => client.closed));
    assert(client.received.startsWith("HTTP/1.1 200 "));
    assert(!client.received.endsWith("0\r\n\r\n"));
  }
});

Deno.test("listing leaves out a README that cannot be read", async () => {
  await using site = await serve([
    { path: "d/README.md", type: "file", content: "Read me\n", times: 40_000 },
    { path: "e/README.md", type: "file", content: "Read me\n", times: 40_000 },
  ]);
  const page = async (folder = "d") =>
    (await site.fetch(`/${folder}/`, {
      headers: { Accept: "text/html" },
    })).text;
  assert((await page()).includes("Read me"));
  const touch = async () => {
    // The cached listing is used while the directory has not changed.
    await Deno.writeTextFile(site.tree.path("d", crypto.randomUUID()), "");
  };
  await touch();
  {
    using _ = stub(OpenFile.prototype, "readSync", () => () => {
      throw systemError("EIO");
    });
    const text = await page();
    assert(text.includes("README.md") && !text.includes("Read me"));
  }
  // Another file, since the first may still be open.
  using _ = stub(ServedDirectory.prototype, "open", () => () => undefined);
  const text = await page("e");
  assert(text.includes("README.md") && !text.includes("Read me"));
});

Deno.test("listing caches at most 8 MiB of pages", async () => {
  const files: Record<string, string> = {};
  const name = '"'.repeat(240);
  for (const folder of "abcdefgh") {
    for (let i = 0; i < 150; i++) files[`${folder}/${i}${name}`] = "";
  }
  await using site = serveTree(await makeFiles(files), {});
  let sum = 0;
  for (const folder of "abcdefgha") {
    for (const sort of ["name", "size", "date"]) {
      for (const order of ["asc", "desc"]) {
        const path = `/${folder}/?sort=${sort}&order=${order}`;
        const headers = { Accept: "text/html", "Accept-Encoding": "identity" };
        const { text } = await site.fetch(path, { headers });
        assertEquals(text.split('<tr><td class="n">').length - 1, 150);
        sum += text.length;
      }
    }
  }
  assert(sum > 8 * 1024 * 1024, `${sum} bytes`);
});
