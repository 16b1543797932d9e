// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { ShareHTTPRequestHandler } from "../../../handlers/share.ts";
import { field } from "../../support/answers.ts";
import { ask, RawClient } from "../../support/client.ts";
import { TestServer } from "../../support/server.ts";
import { get, serveFiles, serveTree } from "../../support/sharing.ts";
import { makeFiles, type TemporaryTree } from "../../support/tree.ts";

interface Results {
  path: string;
  search: string;
  entries: { name: string; type: string; size: number | null }[];
  complete: boolean;
}

async function searchIn(
  site: { port: number },
  text: string,
  folder = "/",
): Promise<Results> {
  const query = `?search=${encodeURIComponent(text)}&format=json`;
  const [answer] = await ask(site.port, get(folder + query));
  assertEquals(answer.status, 200);
  const bytes = Uint8Array.from(answer.body, (c) => c.charCodeAt(0));
  return JSON.parse(new TextDecoder().decode(bytes));
}

async function namesFor(
  site: { port: number },
  text: string,
  folder = "/",
): Promise<string[]> {
  const { entries, complete } = await searchIn(site, text, folder);
  assertEquals(complete, true);
  return entries.map(({ name }) => name).sort();
}

const FILES = {
  "Report 2024.pdf": "x",
  "a/report.txt": "xx",
  "a/b/old report 2024.txt": "xxx",
  "a/b/c/": "",
  "reports/readme.md": "",
  "\u00fcber/Caf\u00e9.txt": "",
  "other.txt": "",
};

Deno.test("search finds names with all words, in all folders below", async () => {
  await using site = await serveFiles(FILES);
  const cases: [string, string[], string?][] = [
    ["report", [
      "Report 2024.pdf",
      "a/b/old report 2024.txt",
      "a/report.txt",
      "reports",
    ]],
    ["REPORT 2024", ["Report 2024.pdf", "a/b/old report 2024.txt"]],
    ["2024 txt", ["a/b/old report 2024.txt"]],
    ["report", ["b/old report 2024.txt", "report.txt"], "/a/"],
    ["cafe\u0301", ["\u00fcber/Caf\u00e9.txt"]],
    ["c", ["a/b/c", "\u00fcber/Caf\u00e9.txt"]],
    ["nothing", []],
    [".*", []],
    ["[", []],
    ["../", []],
    ["%", []],
    ["a/report", []],
  ];
  for (const [text, wanted, folder] of cases) {
    assertEquals(await namesFor(site, text, folder), wanted.sort(), text);
  }
});

Deno.test("search comes in the formats of a listing", async () => {
  await using site = await serveFiles(FILES);
  const json = await searchIn(site, "report.txt", "/a/");
  assertEquals(json.path, "/a/");
  assertEquals(json.search, "report.txt");
  assertEquals(json.entries.map(({ name, type, size }) => [name, type, size]), [
    ["report.txt", "file", 2],
  ]);
  const text = await site.fetch("/?search=report&format=text");
  assertEquals(text.text.split("\n").toSorted(), [
    "",
    "Report 2024.pdf",
    "a/b/old report 2024.txt",
    "a/report.txt",
    "reports/",
  ]);
  const page = await site.fetch("/?search=report", {
    headers: { Accept: "text/html" },
  });
  assert(
    page.text.includes(
      '<a href="a/b/old%20report%202024.txt">a/b/old report 2024.txt</a>',
    ),
  );
  assert(page.text.includes('role="status">4 items</span>'));
  const none = await site.fetch("/?search=nothing", {
    headers: { Accept: "text/html" },
  });
  assert(none.text.includes("No name matches"));
  const head = await site.fetch("/?search=report", { method: "HEAD" });
  assertEquals([head.status, head.text], [200, ""]);
  const blank = await site.fetch("/?search=%20", {
    headers: { Accept: "text/html" },
  });
  assert(blank.text.includes(">other.txt</a>"));
});

Deno.test("search leaves out what the listing leaves out", async () => {
  await using outside = await makeFiles({ "x secret": "", "d/x deep": "" });
  const tree = await makeFiles({
    ".x hidden": "",
    ".dir/x": "",
    "real/x inside": "",
    "links/": "",
    [`.pystd-upload-${"0".repeat(32)}.part`]: "",
  });
  const links: [string, string][] = [
    [`${outside.root}/x secret`, "x out"],
    [outside.root, "out"],
    [tree.path(".dir"), "x to hidden"],
    [tree.path("real"), "links/x linked"],
    [tree.root, "real/loop"],
    [tree.path("none"), "x broken"],
  ];
  for (const [target, path] of links) {
    await Deno.symlink(target, tree.path(path));
  }
  await using site = serveTree(tree, { dotfiles: false });
  assertEquals(await namesFor(site, "x"), ["links/x linked", "real/x inside"]);
  assertEquals(await namesFor(site, "upload"), []);
  assertEquals(await namesFor(site, "secret"), []);
});

Deno.test("search finds what is reached only by a link, once", async () => {
  await using outside = await makeFiles({ "x": "", "d/x": "" });
  const tree = await makeFiles({ "a/": "" });
  await Deno.symlink(outside.root, tree.path("a/one"));
  await Deno.symlink(outside.root, tree.path("two"));
  await Deno.symlink(tree.root, tree.path("a/loop"));
  await using site = serveTree(tree, { followSymlinks: true });
  const names = await namesFor(site, "x");
  assertEquals(names.length, 2);
  assertEquals(names.map((name) => name.split("/").at(-1)), ["x", "x"]);
});

Deno.test("search shows no name or query as markup", async () => {
  await using site = await serveFiles({
    'd/"><img src=x onerror=alert(1)>': "",
    "<script>alert(2)<b>/\u202egpj.exe": "",
    "javascript:alert(3)/img": "",
  });
  for (const text of ["img", "gpj", '"><script>alert(4)</script>', "<"]) {
    const page = await site.fetch(`/?search=${encodeURIComponent(text)}`, {
      headers: { Accept: "text/html" },
    });
    const [body] = page.text.split("<script>(");
    assert(!/<img|<script>|\u202e|="javascript:/.test(body), body);
    const policy = page.headers.get("content-security-policy")!;
    assert(policy.startsWith("default-src 'none'; script-src 'sha256-"));
  }
});

/** Makes folders with a hundred files each. */
async function makeMany(folders: number): Promise<TemporaryTree> {
  const tree = await makeFiles({});
  for (let i = 0; i < folders; i++) {
    await Deno.mkdir(tree.path(`folder-${i}`));
    for (let j = 0; j < 100; j++) {
      Deno.writeTextFileSync(tree.path(`folder-${i}/file-${j}`), "");
    }
  }
  return tree;
}

function handlerFor(
  tree: TemporaryTree,
  limits: { most?: number; time?: number; searches?: number },
): typeof ShareHTTPRequestHandler {
  class Handler extends ShareHTTPRequestHandler {
    static override maxSearchResults = limits.most ?? 1000;
    static override maxSearchTime = limits.time ?? 10_000;
    static override maxSearches = limits.searches ?? 4;
  }
  return Handler.with({ directory: tree.root });
}

Deno.test("search is bounded in results, time and number", async () => {
  await using tree = await makeMany(100);
  {
    await using server = new TestServer(handlerFor(tree, { most: 10 }));
    const { entries, complete } = await searchIn(server, "file");
    assertEquals([entries.length, complete], [10, false]);
    const [page] = await ask(server.port, get("/?search=file"));
    assert(page.body.includes("10 items, and more"));
  }
  {
    await using server = new TestServer(handlerFor(tree, { time: 0 }));
    const { entries, complete } = await searchIn(server, "file-99");
    assertEquals(complete, false);
    assert(entries.length < 100);
  }
  await using server = new TestServer(handlerFor(tree, { searches: 0 }));
  const [busy] = await ask(server.port, get("/?search=file"));
  assertEquals(busy.status, 503);
  assertEquals(field(busy, "retry-after"), "5");
});

Deno.test("search sends results as it finds them, between other requests", async () => {
  const tree = await makeMany(300);
  await Deno.writeTextFile(tree.path("file-first"), "");
  await using site = serveTree(tree, {});
  await using client = await RawClient.connect(site.port);
  await client.send(get("/?search=file-&format=text"));
  await client.waitFor(() => client.received.includes("file-first"));
  await client.send(get("/file-first"));
  assertEquals((await site.fetch("/file-first")).status, 200);
  await client.waitFor(() => client.received.includes("0\r\n\r\n"));
});

Deno.test("search refuses requests of pages of other sites", async () => {
  await using site = await serveFiles(FILES);
  const path = "/?search=report";
  const cross = "Sec-Fetch-Site: cross-site";
  const [image] = await ask(site.port, get(path, cross));
  assertEquals(image.status, 403);
  const [link] = await ask(
    site.port,
    get(path, cross, "Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"),
  );
  assertEquals(link.status, 200);
});
