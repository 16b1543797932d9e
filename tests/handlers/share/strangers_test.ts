// Copyright 2026 the pystd authors. MIT license.

/**
 * An upload never changes what another name answers, unless those who upload
 * may replace files.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import {
  Uploads,
  type UploadsOptions,
} from "../../../handlers/share/uploads.ts";
import { serveTree, type Sharing } from "../../support/sharing.ts";
import { makeFiles } from "../../support/tree.ts";

/** What an attacker uploads, and the address that it would answer. */
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

Deno.test("An upload is the page of its folder where files may be replaced", async () => {
  for (const [upload, asked] of ATTACKS.slice(0, 5)) {
    await using sharing = await serve({ overwrite: true });
    await sharing.fetch(upload, { method: "PUT", body: "MINE" });
    const { text } = await sharing.fetch(asked, { headers: HTML });
    assertEquals(text, "MINE", asked);
  }
});

Deno.test("A folder without uploads keeps its pages beside one with them", async () => {
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
