// Copyright 2026 the pystd authors. MIT license.

/**
 * Without `overwrite`, an upload never changes the response for another name.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import {
  Uploads,
  type UploadsOptions,
} from "../../../../handlers/share/upload/uploads.ts";
import { serveTree, type Sharing } from "../../../support/sharing.ts";
import { makeFiles, makeTree } from "../../../support/tree.ts";

/** The name that an attacker uploads, and the path that it would affect. */
const ATTACKS: [upload: string, asked: string][] = [
  ["/index.html", "/"],
  ["/index.htm", "/"],
  ["/sub/index.html", "/sub/"],
  ["/404.html", "/none"],
  ["/about.html", "/about"],
  ["/page.txt.gz", "/page.txt"],
  ["/page.txt.br", "/page.txt"],
  ["/.well-known/security.txt?parents", "/.well-known/security.txt"],
];

async function serve(options: UploadsOptions): Promise<Sharing> {
  const tree = await makeFiles({
    "page.txt": "page\n".repeat(500),
    "sub/a": "a",
  });
  return serveTree(tree, {
    uploads: new Uploads(tree.root, options),
    precompressed: true,
    cleanUrls: true,
    dotfiles: options.dotfiles ?? false,
  });
}

const HTML = { Accept: "text/html", "Accept-Encoding": "gzip, br" };

for (const dotfiles of [false, true]) {
  Deno.test(`An upload changes no other name, dotfiles ${dotfiles ? "shown" : "hidden"}`, async () => {
    for (const [upload, asked] of ATTACKS) {
      await using sharing = await serve({ dotfiles });
      const put = await sharing.fetch(upload, {
        method: "PUT",
        body: "ATTACK",
      });
      const isKnown = upload.startsWith("/.well-known");
      assertEquals(put.status, isKnown ? 403 : 201, upload);
      const { text } = await sharing.fetch(asked, { headers: HTML });
      assertEquals(text.includes("ATTACK"), false, asked);
      if (isKnown) continue;
      const named = await sharing.fetch(upload, { headers: HTML });
      assertEquals(named.text, "ATTACK", `${upload} by its name`);
    }
  });
}

Deno.test("An upload is never the page of --spa", async () => {
  for (const overwrite of [false, true]) {
    const tree = await makeFiles({});
    const uploads = new Uploads(tree.root, { overwrite });
    await using sharing = serveTree(tree, { uploads, spa: true });
    const put = { method: "PUT", body: "UPLOADED" };
    assertEquals((await sharing.fetch("/index.html", put)).status, 201);
    for (const path of ["/none", "/.well-known/x"]) {
      const { text } = await sharing.fetch(path, { headers: HTML });
      assertEquals(text === "UPLOADED", overwrite, path);
    }
  }
});

const NFC = encodeURIComponent("ä");
const NFD = encodeURIComponent("a\u0308");

Deno.test("An upload does not hide a file whose name has another normal form", async () => {
  const tree = await makeFiles({
    [decodeURIComponent(`${NFD}.txt`)]: "mine",
    [decodeURIComponent(`${NFD}/x.txt`)]: "mine",
  });
  const uploads = new Uploads(tree.root);
  await using sharing = serveTree(tree, { uploads });
  const form = (name: string, file?: string): RequestInit => {
    const body = new FormData();
    if (file === undefined) body.append("mkdir", decodeURIComponent(name));
    else body.append("f", new File(["ATTACK"], decodeURIComponent(name)));
    return { method: "POST", body };
  };
  const put = { method: "PUT", body: "ATTACK" };
  const attacks: [path: string, init: RequestInit, status: number][] = [
    [`/${NFC}.txt`, put, 409],
    [`/${NFC}/x.txt?parents`, put, 409],
    [`/${NFC}/y.txt?parents`, put, 201],
    [`/${NFC}`, put, 409],
    [`/${NFC}`, { method: "MKCOL" }, 405],
    ["/", form(NFC), 409],
    ["/", form(`${NFC}.txt`, ""), 409],
    ["/", form(`${NFC}/x.txt`, ""), 409],
  ];
  for (const [path, init, status] of attacks) {
    const answer = await sharing.fetch(path, init);
    assertEquals(answer.status, status, `${init.method} ${path}`);
  }
  for (const path of [`/${NFC}.txt`, `/${NFC}/x.txt`, `/${NFD}/x.txt`]) {
    assertEquals((await sharing.fetch(path)).text, "mine", path);
  }
  assertEquals((await sharing.fetch(`/${NFD}/y.txt`)).text, "ATTACK");
});

Deno.test("An upload replaces a file whose name has another normal form with overwrite", async () => {
  const stored = decodeURIComponent(NFD);
  const tree = await makeFiles({ [stored]: "old" });
  const uploads = new Uploads(tree.root, { overwrite: true });
  await using sharing = serveTree(tree, { uploads });
  const put = { method: "PUT", body: "new" };
  assertEquals((await sharing.fetch(`/${NFC}`, put)).status, 200);
  assertEquals([...Deno.readDirSync(tree.root)].map(({ name }) => name), [
    stored,
  ]);
  assertEquals((await sharing.fetch(`/${NFD}`)).text, "new");
});

Deno.test("An upload never becomes the README in place of another", async () => {
  for (const overwrite of [false, true]) {
    const tree = await makeFiles({ "readme.txt": "MINE" });
    const uploads = new Uploads(tree.root, { overwrite });
    await using sharing = serveTree(tree, { uploads });
    const page = async () => (await sharing.fetch("/", { headers: HTML })).text;
    assertEquals((await page()).includes("MINE"), true);
    const put = { method: "PUT", body: "ATTACK" };
    assertEquals((await sharing.fetch("/README", put)).status, 201);
    assertEquals((await page()).includes("ATTACK"), overwrite);
  }
});

Deno.test("An upload is sandboxed when a link leads to it", async () => {
  const tree = await makeTree([
    { path: "in/a.html", type: "file", content: "<p>" },
    { path: "own.html", type: "file", content: "<p>" },
    { path: "link.html", type: "symlink", target: "in/a.html" },
    { path: "folder", type: "symlink", target: "in" },
    { path: "own-link.html", type: "symlink", target: "own.html" },
  ]);
  const uploads = new Uploads(tree.root, { subdirectory: "in" });
  await using sharing = serveTree(tree, { uploads });
  const pages: [path: string, isApart: boolean][] = [
    ["/in/a.html", true],
    ["/link.html", true],
    ["/folder/a.html", true],
    ["/own.html", false],
    ["/own-link.html", false],
  ];
  for (const [path, isApart] of pages) {
    const { headers } = await sharing.fetch(path);
    const policy = headers.get("Content-Security-Policy") ?? "";
    assertEquals(policy.startsWith("sandbox"), isApart, path);
  }
});

Deno.test("An upload can be the index page of its folder with overwrite", async () => {
  for (const [upload, asked] of ATTACKS.slice(0, 5)) {
    await using sharing = await serve({ overwrite: true });
    await sharing.fetch(upload, { method: "PUT", body: "MINE" });
    const { text } = await sharing.fetch(asked, { headers: HTML });
    assertEquals(text, "MINE", asked);
  }
});

Deno.test("A folder without uploads keeps its pages beside a folder with uploads", async () => {
  const tree = await makeFiles({
    "index.html": "home",
    "404.html": "lost",
    "in/index.html": "uploaded",
  });
  const uploads = new Uploads(tree.root, { subdirectory: "in" });
  await using sharing = serveTree(tree, { uploads });
  const ask = async (path: string) =>
    (await sharing.fetch(path, { headers: HTML })).text;
  assertEquals(await ask("/"), "home");
  assertEquals(await ask("/none"), "lost");
  assertEquals((await ask("/in/")).includes("index.html"), true);
});
