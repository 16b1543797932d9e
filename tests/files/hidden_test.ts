// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { hasHiddenName } from "../../files/hidden.ts";
import { weakness } from "../support/weakness.ts";

Deno.test("hasHiddenName finds names with a dot, except .well-known at the top", () => {
  const table: [path: string, posix: boolean, windows: boolean][] = [
    ["", false, false],
    ["/", false, false],
    ["/a.b/c.", false, false],
    ["/.a", true, true],
    [".a", true, true],
    ["/a/.b/c", true, true],
    ["/...", true, true],
    ["/a/..b", true, true],
    ["\\.a", false, true],
    ["/a\\.b", false, true],
    ["/.well-known", false, false],
    [".well-known", false, false],
    ["/.well-known/", false, false],
    ["/.well-known/a", false, false],
    ["\\.well-known\\a", false, false],
    ["/.well-known/.a", true, true],
    ["\\.well-known\\.a", false, true],
    ["/.well-known.bak", true, true],
    ["/.well-knowna", true, true],
    ["/.Well-Known/a", true, true],
    ["/a/.well-known/b", true, true],
    ["/.a/.well-known", true, true],
    ["/.well-known/.well-known", true, true],
    ["//.well-known", true, true],
  ];
  for (const [path, posix, windows] of table) {
    assertEquals(hasHiddenName(path, "posix"), posix, path);
    assertEquals(hasHiddenName(path, "windows"), windows, path);
  }
});

weakness(
  "hidden names are listed or served by way of links and folders",
  {
    "served/.git/config": "SECRET",
    "served/.index/index.html": "SECRET",
    "served/sub/.env": "SECRET",
    "served/sub/shown": "PUBLIC",
    "served/.well-known/shown": "PUBLIC",
    "served/.well-known/.hidden": "SECRET",
    "served/with/.x": "SECRET",
    "secret/index.html": "SECRET",
  },
  async ({ tree, get }) => {
    const links = {
      "to-git": ".git",
      "to-config": ".git/config",
      "to-index": ".index",
      "twice": "to-git",
      "out": tree.path("secret"),
      "to-known": ".well-known",
      "with/index.html": ".x",
      "sub/index.html": "../.git/config",
    };
    for (const [name, target] of Object.entries(links)) {
      await Deno.symlink(target, tree.path("served", name));
    }
    const refused = [
      "/to-git",
      "/to-git/",
      "/to-git/config",
      "/to-config",
      "/to%2dconfig",
      "/to-index/",
      "/twice/config",
      "/out/",
      "/out/index.html",
      "/with/index.html",
      "/sub/index.html",
      "/.git",
      "/.git/",
      "/sub/.env",
      "/to-known/.hidden",
      "/.well-known/.hidden",
    ];
    for (const target of refused) {
      const { status, body } = await get(target);
      assertEquals(status, 404, target);
      assert(!body.includes("SECRET"), target);
    }
    for (const target of ["/.well-known/shown", "/to-known/shown"]) {
      assertEquals((await get(target)).body, "PUBLIC", target);
    }
    const listed: Record<string, string[]> = {
      "/": ["sub/", "with/", "to-known/"],
      "/sub/": ["shown"],
      "/with/": [],
      "/.well-known/": ["shown"],
    };
    for (const [target, names] of Object.entries(listed)) {
      const { status, body } = await get(target);
      assertEquals(status, 200, target);
      assert(!body.includes("SECRET"), target);
      for (const name of names) assert(body.includes(`"${name}"`), name);
      const hidden = /git|config|twice|to-index|env|hidden|href="\.[a-z]/;
      const rows = body.match(/<a [^>]*href="[^"]*"/g) ?? [];
      for (const row of rows) assert(!hidden.test(row), `${target} ${row}`);
    }
  },
);
