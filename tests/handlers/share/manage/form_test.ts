// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import {
  BasicAuthenticator,
  parseUser,
} from "../../../../handlers/share/auth/basic_authenticator.ts";
import { Management } from "../../../../handlers/share/manage/management.ts";
import { Archives } from "../../../../handlers/share/archive/archives.ts";
import {
  Uploads,
  type UploadsOptions,
} from "../../../../handlers/share/upload/uploads.ts";
import type { ShareOptions } from "../../../../handlers/share.ts";
import { serveTree, type Sharing } from "../../../support/sharing.ts";
import { makeFiles } from "../../../support/tree.ts";

async function serve(
  files: Record<string, string>,
  options: ShareOptions = {},
  uploading: UploadsOptions = {},
): Promise<Sharing> {
  const tree = await makeFiles(files);
  const uploads = new Uploads(tree.root, { overwrite: true, ...uploading });
  return serveTree(tree, {
    uploads,
    manage: new Management(uploads),
    dotfiles: false,
    ...options,
  });
}

/** Sends the listing's form, as a browser does. */
function post(
  site: Sharing,
  folder: string,
  fields: Record<string, string | string[]>,
  headers: Record<string, string> = {},
): Promise<{ status: number; text: string; headers: Headers }> {
  const body = new URLSearchParams();
  for (const [name, values] of Object.entries(fields)) {
    for (const value of [values].flat()) {
      body.append(name, name === "item" ? encodeURIComponent(value) : value);
    }
  }
  return site.fetch(`${folder}?manage`, {
    method: "POST",
    body,
    headers: { Accept: "text/html", ...headers },
  });
}

const FILES = {
  "a.txt": "alpha",
  "b & c.txt": "beta",
  "dir/one.txt": "1",
  "dir/sub/two.txt": "22",
  "other/": "",
};

Deno.test("a form deletes only after the page has said what that is", async () => {
  await using site = await serve(FILES);
  const items = ["dir", "b & c.txt"];
  const asked = await post(site, "/", { do: "delete", item: items });
  assertEquals(asked.status, 200);
  assert(asked.text.includes("a folder with 2 files and 1 folder, 3 B"));
  assert(asked.text.includes('name="item" value="b%20%26%20c.txt"'));
  assertEquals(await site.read("dir/sub/two.txt"), "22");
  const done = await post(site, "/", { do: "delete", item: items, sure: "" });
  assertEquals([done.status, done.headers.get("location")], [303, "./"]);
  assertEquals(site.list(), ["a.txt", "other/"]);
});

Deno.test("a form moves, renames and copies, and replaces nothing", async () => {
  await using site = await serve(FILES);
  const run = async (
    action: string,
    item: string[],
    to: string,
    folder = "/",
  ) => (await post(site, folder, { do: action, item, to })).status;
  assertEquals(await run("move", ["a.txt"], "/z.txt"), 303);
  assertEquals(await run("move", ["z.txt", "dir"], "other"), 303);
  assertEquals(await run("copy", ["dir"], "Copy of dir", "/other/"), 303);
  assertEquals(await run("move", ["b & c.txt"], "/other/"), 303);
  assertEquals(site.list(), [
    "other/",
    "other/Copy of dir/",
    "other/Copy of dir/one.txt",
    "other/Copy of dir/sub/",
    "other/Copy of dir/sub/two.txt",
    "other/b & c.txt",
    "other/dir/",
    "other/dir/one.txt",
    "other/dir/sub/",
    "other/dir/sub/two.txt",
    "other/z.txt",
  ]);
  const taken = await post(site, "/other/", {
    do: "move",
    item: ["z.txt", "b & c.txt"],
    to: "b & c.txt/",
  });
  assert(taken.status >= 400, `${taken.status}`);
  const exists = await post(site, "/other/", {
    do: "copy",
    item: ["z.txt"],
    to: "b & c.txt",
  });
  assertEquals(exists.status, 412);
  assert(exists.text.includes("0 of 1 item done"));
  assertEquals(await site.read("other/b & c.txt"), "beta");
});

Deno.test("a form says that deleting is final, and what it does to hidden files", async () => {
  await using site = await serve({ ...FILES, "dir/.git/x": "x" });
  const final = "This cannot be undone.";
  const deleted = "Hidden files in a folder are deleted with it.";
  const left = "Hidden files in a folder are not copied.";
  const cases: [action: string, item: string[], texts: string[]][] = [
    ["delete", ["a.txt"], [final]],
    ["delete", ["a.txt", "dir"], [final, deleted]],
    ["copy", ["dir"], [left]],
    ["copy", ["a.txt"], []],
    ["move", ["dir"], []],
  ];
  for (const [action, item, texts] of cases) {
    const { text } = await post(site, "/", { do: action, item });
    const shown = [final, deleted, left].filter((one) => text.includes(one));
    assertEquals(shown, texts, `${action} ${item}`);
  }
  await post(site, "/", { do: "copy", item: ["dir"], to: "/copy" });
  await post(site, "/", { do: "delete", item: ["dir"], sure: "" });
  assertEquals(
    site.list().filter((path) => /^(copy|dir)/.test(path)),
    ["copy/", "copy/one.txt", "copy/sub/", "copy/sub/two.txt"],
  );
});

Deno.test("a form asks for the place, and shows sizes", async () => {
  await using site = await serve(FILES);
  const move = await post(site, "/dir/", { do: "move", item: ["one.txt"] });
  assert(move.text.includes('name="to" required'));
  assert(move.text.includes('value="/dir/one.txt"'));
  const copy = await post(site, "/", { do: "copy", item: ["a.txt", "dir"] });
  assert(copy.text.includes('value="/"'));
  const size = await post(site, "/", { do: "size" });
  assert(size.text.includes("a folder with 4 files and 3 folders, 12 B"));
});

Deno.test("a form is refused if it is not the listing's", async () => {
  await using site = await serve(FILES);
  const cases: [
    Record<string, string | string[]>,
    Record<string, string>,
    number,
  ][] = [
    [{ do: "delete", item: "a.txt", sure: "" }, {
      "Sec-Fetch-Site": "cross-site",
    }, 403],
    [{ do: "delete", item: "a.txt", sure: "" }, {
      Origin: "http://evil.example",
    }, 403],
    [{ do: "delete", item: "a.txt", sure: "" }, {
      "Content-Type": "text/plain",
    }, 400],
    [{ do: "format", item: "a.txt" }, {}, 400],
    [{ do: "delete", sure: "" }, {}, 400],
    [{ do: "delete", item: "../a.txt", sure: "" }, {}, 400],
    [{ do: "delete", item: "dir/one.txt", sure: "" }, {}, 400],
    [{ do: "delete", item: "..", sure: "" }, {}, 400],
    [{ do: "delete", item: ".hidden", sure: "" }, {}, 403],
    [{ do: "delete", item: "none", sure: "" }, {}, 404],
    [{ do: "move", item: "a.txt", to: "/../../etc/x/y" }, {}, 409],
    [{ do: "move", item: "dir", to: "/dir/sub/x" }, {}, 403],
  ];
  for (const [fields, headers, status] of cases) {
    const answer = await post(site, "/", fields, headers);
    assertEquals(answer.status, status, JSON.stringify([fields, headers]));
  }
  assertEquals(await site.read("a.txt"), "alpha");
  const get = await site.fetch("/?manage&do=delete&item=a.txt&sure");
  assertEquals(get.status, 200);
  assertEquals(await site.read("a.txt"), "alpha");
});

Deno.test("a form changes only what uploads may change", async () => {
  await using site = await serve(
    { "in/a.txt": "a", "out.txt": "o" },
    {},
    { subdirectory: "in" },
  );
  const outside = { do: "delete", item: "out.txt", sure: "" };
  assertEquals((await post(site, "/", outside)).status, 403);
  const leave = { do: "move", item: "a.txt", to: "/b.txt" };
  assertEquals((await post(site, "/in/", leave)).status, 403);
  assertEquals(site.list(), ["in/", "in/a.txt", "out.txt"]);
  const page = async (folder: string) =>
    (await site.fetch(folder, { headers: { Accept: "text/html" } })).text;
  assert(!(await page("/")).includes('type="checkbox"'));
  assert((await page("/in/")).includes('type="checkbox"'));
});

Deno.test("a form needs the password for uploads", async () => {
  const uploaders = new Map([parseUser("ann:secret")!]);
  await using site = await serve(FILES, {
    auth: new BasicAuthenticator({ uploaders }),
  });
  const fields = { do: "delete", item: "a.txt", sure: "" };
  assertEquals((await post(site, "/", fields)).status, 401);
  const authorization = `Basic ${btoa("ann:secret")}`;
  const page = await site.fetch("/", { headers: { Accept: "text/html" } });
  assert(!page.text.includes('type="checkbox"'));
  const done = await post(site, "/", fields, { authorization });
  assertEquals(done.status, 303);
  assertEquals(await site.read("a.txt"), undefined);
});

Deno.test("a form shows no name as markup, and finds odd names", async () => {
  const names = [
    '"><img src=x onerror=alert(1)>',
    "a\nb",
    "\u202egpj.exe",
    "100%",
    "%41",
    "a+b",
    "javascript:alert(2)",
  ];
  await using site = await serve(
    Object.fromEntries(names.map((name) => [name, "x"])),
    { title: "<i>" },
  );
  const asked = await post(site, "/", { do: "delete", item: names });
  assert(!/<img|<i>|\u202e/.test(asked.text), asked.text);
  assert(!asked.text.includes("cannot be opened"), asked.text);
  const policy = asked.headers.get("content-security-policy")!;
  assert(policy.startsWith("default-src 'none'") && !policy.includes("unsafe"));
  const failed = await post(site, "/", {
    do: "move",
    item: names.slice(0, 2),
    to: "/none",
  });
  assertEquals(failed.status, 409);
  assert(!/<img/.test(failed.text));
  await post(site, "/", { do: "delete", item: names, sure: "" });
  // Uploads cannot create this name, so forms cannot change it.
  assertEquals(site.list(), ["a\nb"]);
});

Deno.test("a form downloads what is selected as an archive", async () => {
  await using site = await serve(FILES, { archives: new Archives() });
  const query = "?archive=zip&item=a.txt&item=dir&item=b%2520%2526%2520c.txt";
  const { text } = await site.fetch(`/${query}`);
  for (const name of ["files/a.txt", "files/dir/sub/two.txt", "b & c.txt"]) {
    assert(text.includes(name), name);
  }
  assert(!text.includes("files/other"));
});
