// Copyright 2026 the pystd authors. MIT license.

/**
 * A file in place of DIR: the command serves this one, and needs permission for
 * no other.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import { respond } from "../testing.ts";
import { runToEnd, startCommand } from "./support/command.ts";
import { makeFiles } from "./support/tree.ts";

const FILES = {
  "share/film & more.mkv": "0123456789",
  "share/film & more.mkv.gz": "other",
  "share/other.txt": "other",
  "share/404.html": "other",
  "share/README.md": "other",
  "share/sub/film & more.mkv": "other",
  "share/.env": "A=1",
};
const URL_OF_FILE = "/film%20%26%20more.mkv";

Deno.test("cli serves a single file, with permission for this one alone", async (t) => {
  await using tree = await makeFiles(FILES);
  const path = tree.path("share/film & more.mkv");
  for (
    const flags of [[], ["--plain"], ["--spa"], ["--precompressed"]]
  ) {
    await t.step(flags.join(" "), async () => {
      await using command = await startCommand([...flags, path], {
        permissions: ["--allow-net=127.0.0.1", `--allow-read=${path}`],
      });
      await command.says(/The only file is ".*film & more.mkv"/);
      const ask = (target: string, init?: RequestInit) =>
        fetch(command.url(target), { redirect: "manual", ...init });

      const root = await ask("/");
      await root.body?.cancel();
      const location = new URL(root.headers.get("location")!, root.url);
      assertEquals([root.status, location.pathname], [302, URL_OF_FILE]);
      const file = await ask(URL_OF_FILE, {
        headers: { "Accept-Encoding": "gzip" },
      });
      assertEquals([file.status, await file.text()], [200, "0123456789"]);
      const range = await ask(URL_OF_FILE, {
        headers: { Range: "bytes=2-3" },
      });
      assertEquals([range.status, await range.text()], [206, "23"]);
      const etag = range.headers.get("etag")!;
      const again = await ask(URL_OF_FILE, {
        headers: { "If-None-Match": etag },
      });
      assertEquals(again.status, 304);

      for (
        const other of [
          ...["/other.txt", "/README.md", "/404.html", "/.env", "/share/"],
          ...["/sub/", "/sub", "/sub" + URL_OF_FILE, `${URL_OF_FILE}.gz`],
          ...[`${URL_OF_FILE}/`, `/sub/..${URL_OF_FILE}/x`, "/%2e%2e/x"],
        ]
      ) {
        const response = await ask(other);
        const text = await response.text();
        assertEquals([other, response.status], [other, 404]);
        assertEquals(text.includes("other\n"), false);
      }
      const listing = await ask("/?format=json");
      await listing.body?.cancel();
      assertEquals(listing.status, 302);
    });
  }
});

Deno.test("cli serves a single hidden file, and the target of a link", async () => {
  await using tree = await makeFiles(FILES);
  await Deno.symlink("share/other.txt", tree.path("link"));
  for (
    const [given, name, text] of [
      ["share/.env", "/.env", "A=1"],
      ["link", "/other.txt", "other"],
    ]
  ) {
    await using command = await startCommand([tree.path(given!)]);
    const response = await fetch(command.url("/"));
    assertEquals(await response.text(), text);
    assertEquals(new URL(response.url).pathname, name);
  }
});

Deno.test("cli refuses rules for a single file, and flags for directories with a zip file", async () => {
  await using tree = await makeFiles({
    "a.txt": "a",
    "a.zip": "",
    "rules": "",
  });
  const cases: [args: string[], message: string][] = [
    [["--allow=* / read", "a.txt"], '"--allow" for a single file'],
    [["--allow-file=rules", "a.txt"], '"--allow-file" for a single file'],
    [
      ["--follow-symlinks", "a.zip"],
      "with --follow-symlinks: it is a zip file\n",
    ],
    [["--dav", "a.zip"], '"a.zip" with --dav: it is a zip file\n'],
  ];
  for (const [args, message] of cases) {
    const { code, stderr } = await runToEnd(args, {
      cwd: tree.root,
      permissions: ["-A"],
    });
    assertStringIncludes(stderr, message);
    assertEquals(code, 1);
  }
});

/** Without the permissions that the flags need where they can be used. */
Deno.test("cli refuses flags for directories before it asks for permissions", async () => {
  await using tree = await makeFiles({ ...FILES, "share/a.zip": "" });
  const cases: [name: string, kind: string, flags: string[]][] = [
    [
      "other.txt",
      "single file",
      ["upload", "manage", "archive", "dav", "cgi"],
    ],
    ["a.zip", "zip file", ["upload", "manage", "dav", "cgi"]],
  ];
  for (const [name, kind, flags] of cases) {
    const path = tree.path(`share/${name}`);
    for (const flag of flags) {
      const { code, stderr } = await runToEnd([`--${flag}`, path], {
        permissions: ["--allow-net=127.0.0.1", `--allow-read=${path}`],
      });
      assertEquals(
        stderr,
        `http-server: Cannot serve "${path}" with --${flag}: it is a ${kind}\n`,
      );
      assertEquals(code, 1);
    }
  }
});

Deno.test("SimpleHTTPRequestHandler does not follow a link that replaces its only file", async () => {
  await using tree = await makeFiles(FILES);
  class Handler extends SimpleHTTPRequestHandler {
    override logMessage(): void {}
  }
  const Bound = Handler.with({
    directory: tree.path("share"),
    file: "other.txt",
  });
  const request = "GET /other.txt HTTP/1.1\r\nHost: h\r\n\r\n";
  assertEquals((await respond(Bound, request)).body, "other");
  await Deno.writeTextFile(tree.path("outside"), "outside");
  await Deno.remove(tree.path("share/other.txt"));
  await Deno.symlink("../outside", tree.path("share/other.txt"));
  assertEquals((await respond(Bound, request)).status, 404);
});
