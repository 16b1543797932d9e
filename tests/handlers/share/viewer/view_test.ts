// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { ShareHTTPRequestHandler } from "../../../../handlers/share.ts";
import { Uploads } from "../../../../handlers/share/upload/uploads.ts";
import { ask } from "../../../support/client.ts";
import { TestServer } from "../../../support/server.ts";
import { get, serveFiles, serveTree } from "../../../support/sharing.ts";
import { makeFiles } from "../../../support/tree.ts";

/** Hrefs of the links to the files before and after. */
function steps(text: string): (string | undefined)[] {
  return ["prev", "next"].map((rel) =>
    RegExp(`rel="${rel}" href="([^"]*)"`).exec(text)?.[1]
  );
}

Deno.test("the viewer leaves the file at its own address", async () => {
  await using site = await serveFiles({
    "a.txt": "<b>alpha</b>\nbeta\n",
    "sub/b.txt": "",
  });
  const page = await site.fetch("/a.txt?view");
  assertEquals(page.status, 200);
  assertEquals(page.headers.get("content-type"), "text/html; charset=utf-8");
  assert(page.text.includes('<span id="L1">&lt;b&gt;alpha&lt;/b&gt;</span>'));
  assert(page.text.includes('<span id="L2">beta</span></code>'));
  // A query of a site's own, or another parameter, is not the viewer.
  const others = ["?view=1", "?viewer", "?a&view", "?x", "#?view", ""];
  for (const query of others) {
    const { text, headers } = await site.fetch(`/a.txt${query}`);
    assertEquals(text, "<b>alpha</b>\nbeta\n", query);
    assertEquals(headers.get("content-security-policy"), null);
  }
  assertEquals((await site.fetch("/none?view")).status, 404);
  assertEquals((await site.fetch("/sub?view")).status, 301);
  const folder = await site.fetch("/sub/?view", {
    headers: { Accept: "text/html" },
  });
  assert(folder.text.includes('<table id="list">'));
  const head = await site.fetch("/a.txt?view", { method: "HEAD" });
  assertEquals([head.status, head.text], [200, ""]);
});

Deno.test("the viewer is not part of a site with pages of its own", async () => {
  const files = { "index.html": "<p>app", "a.html": "<p>a", "b.txt": "b" };
  const sites = [{ spa: true }, { cleanUrls: true }, { listing: false }];
  for (const options of sites) {
    await using site = serveTree(await makeFiles(files), options);
    assertEquals((await site.fetch("/b.txt?view")).text, "b");
  }
  await using site = await serveFiles(files);
  assertEquals((await site.fetch("/?view")).text, "<p>app");
});

Deno.test("the viewer shows each kind of file by an element", async () => {
  await using site = await serveFiles({
    "a.png": "x",
    "a.svg": "<svg><script>alert(1)</script></svg>",
    "a.mp4": "x",
    "a.mp3": "x",
    "a.pdf": "x",
    "a.html": "<script>alert(1)</script>",
    "a.md": "# A\n",
    "a.bin": "x\0y",
    "unknown": "text",
    "empty.txt": "",
  });
  const cases: Record<string, string> = {
    "a.png": '<img src="a.png" alt="a.png">',
    "a.svg": '<img src="a.svg" alt="a.svg">',
    "a.mp4": '<video src="a.mp4" controls',
    "a.mp3": '<audio src="a.mp3" controls',
    "a.pdf": '<object data="a.pdf" type="application/pdf"',
    "a.html": "&lt;script&gt;alert(1)",
    "a.md": '<h1 id="md-a">A</h1>',
    "a.bin": "There is no preview",
    "unknown": '<span id="L1">text</span>',
    "empty.txt": "This file is empty",
  };
  for (const [name, markup] of Object.entries(cases)) {
    const { text, headers } = await site.fetch(`/${name}?view`);
    assert(text.includes(markup), `${name}: ${text}`);
    const policy = headers.get("content-security-policy")!;
    assert(policy.startsWith("default-src 'none'; script-src 'sha256-"));
    assert(!policy.includes("unsafe"));
    assertEquals(policy.includes("object-src 'self'"), name === "a.pdf");
    assertEquals(text.split("<script>").length, 2, name);
  }
});

Deno.test("the viewer steps through files of a kind, in the listing's order", async () => {
  const tree = await makeFiles({
    "1.png": "1",
    "2.mp4": "22",
    "10.jpg": "3",
    "a.txt": "",
    "b.mp3": "",
    "c/": "",
    ".0.png": "",
  });
  await Deno.symlink("/etc/hostname", tree.path("5.png"));
  await using site = serveTree(tree, { dotfiles: false });
  const cases: [string, (string | undefined)[]][] = [
    ["/1.png?view", [undefined, "2.mp4?view"]],
    ["/2.mp4?view", ["1.png?view", "10.jpg?view"]],
    ["/10.jpg?view", ["2.mp4?view", undefined]],
    ["/a.txt?view", [undefined, undefined]],
    [
      "/10.jpg?view&grid&sort=size&order=desc",
      [
        "2.mp4?view&amp;grid&amp;sort=size&amp;order=desc",
        "1.png?view&amp;grid&amp;sort=size&amp;order=desc",
      ],
    ],
  ];
  for (const [path, wanted] of cases) {
    assertEquals(steps((await site.fetch(path)).text), wanted, path);
  }
  assertEquals((await site.fetch("/5.png?view")).status, 404);
  assertEquals((await site.fetch("/.0.png?view")).status, 404);
});

Deno.test("the viewer steps through a large folder", async () => {
  const tree = await makeFiles({});
  for (let i = 0; i < 4000; i++) {
    Deno.writeTextFileSync(tree.path(`picture-${i}.png`), "");
  }
  await using site = serveTree(tree, {});
  const { text } = await site.fetch("/picture-10.png?view");
  assertEquals(steps(text), ["picture-9.png?view", "picture-11.png?view"]);
  assert(text.includes("11 of 4,000 files"));
});

Deno.test("the viewer shows the start of a long text", async () => {
  class Handler extends ShareHTTPRequestHandler {
    static override maxTextBytes = 1000;
  }
  await using tree = await makeFiles({
    "long.txt": "\u00e9".repeat(1000),
    "large.txt": "line\n".repeat(100_000),
    "short.txt": "x".repeat(1000),
  });
  await using server = new TestServer(Handler.with({ directory: tree.root }));
  for (const name of ["long.txt", "large.txt"]) {
    const [answer] = await ask(server.port, get(`/${name}?view`));
    assert(answer.body.includes(`<a href="${name}">Open it all</a>`), name);
    assert(answer.body.length < 20_000);
  }
  const [short] = await ask(server.port, get("/short.txt?view"));
  assert(!short.body.includes("Open it all"));
});

Deno.test("the viewer takes no name or text for markup", async () => {
  const names = [
    '"><img src=x onerror=alert(1)>.png',
    "' onclick='alert(2).mp3",
    "javascript:alert(3).md",
    "line\nbreak.txt",
    "\u202egpj.exe",
    "&quot;.pdf",
    "a?view#b.txt",
  ];
  const text = '</pre></code><script>alert(9)</script>"\u202e';
  const tree = await makeFiles(
    Object.fromEntries(names.map((name) => [name, text])),
  );
  await using site = serveTree(tree, {
    title: "<i>",
    uploads: new Uploads(tree.root),
  });
  for (const name of names) {
    const page = await site.fetch(`/${encodeURIComponent(name)}?view`);
    assertEquals(page.status, 200, name);
    const [body] = page.text.split("<script>");
    assert(!/<img src=x|<i>|="javascript:|\u202e/.test(body), body);
    for (const [tag] of body.matchAll(/<[^>]*>/g)) {
      assert(!/ on[a-z]+=/.test(tag.replaceAll(/"[^"]*"/g, "")), tag);
    }
    assertEquals(page.text.split("<script>").length, 2);
  }
});
