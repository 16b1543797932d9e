// Copyright 2026 the pystd authors. MIT license.

/**
 * `--hide`: names that nobody can list, read or write, by any feature.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { hideNames } from "../cli/hide.ts";
import { SimpleHTTPRequestHandler } from "../handlers/simple.ts";
import { respond } from "../testing.ts";
import { runToEnd, startCommand } from "./support/command.ts";
import { makeFiles, type TemporaryTree } from "./support/tree.ts";

/** The names of the archive's entries, in its central directory. */
const ENTRY = /PK\x01\x02[^]{42}([^]*?)(?=PK)/g;

async function makeShare(): Promise<TemporaryTree> {
  const tree = await makeFiles({
    "a.txt": "alpha",
    "a.pem": "secret",
    "sub/b.txt": "beta",
    "sub/b.pem": "secret",
    "private/c.txt": "secret",
    "cgi-bin/run.pem": "#!/bin/sh\necho",
  });
  await Deno.symlink("a.pem", tree.path("link.txt"));
  await Deno.symlink("private", tree.path("link"));
  return tree;
}

Deno.test("hideNames matches names by globs", () => {
  const rows: [glob: string, hidden: string[], shown: string[]][] = [
    ["*.pem", ["a.pem", ".pem", "\u00e9.pem"], ["a.PEM", "a.pem2", "pem"]],
    ["tmp?", ["tmp1"], ["tmp", "tmp12"]],
    ["[ab].txt", ["a.txt"], ["c.txt"]],
    ["{one,two}", ["one", "two"], ["onetwo"]],
    ["caf\u00e9", ["caf\u00e9", "cafe\u0301"], ["cafe"]],
    ["a.b", ["a.b"], ["acb"]],
  ];
  for (const [glob, hidden, shown] of rows) {
    const hides = hideNames([glob], "linux");
    assertEquals([...hidden, ...shown].filter(hides), hidden, glob);
  }
  const hides = hideNames(["*.pem", "private"], "darwin");
  assertEquals(["A.PEM", "Private", "b"].filter(hides), ["A.PEM", "Private"]);
});

Deno.test("--hide hides names from every feature", async (t) => {
  await using tree = await makeShare();
  await using command = await startCommand(
    ["--hide=*.pem", "--hide", "private", "--archive", "--manage", "--dav"]
      .concat("--overwrite", tree.root),
    { permissions: ["-NR", `--allow-write=${tree.root}`] },
  );
  await command.says(/, without hidden files, without \*\.pem or private\.\n?/);
  const ask = async (
    method: string,
    path: string,
    headers: Record<string, string> = {},
  ): Promise<[status: number, text: string]> => {
    const body = method === "PUT" ? "x" : undefined;
    const response = await fetch(command.url(path), { method, headers, body });
    const bytes = await response.bytes();
    return [response.status, new TextDecoder("latin1").decode(bytes)];
  };

  for (
    const path of [
      ...["/a.pem", "/a%2Epem", "/%61.pem", "//a.pem", "/sub/../a.pem"],
      ...["/sub/b.pem", "/private", "/private/", "/private/c.txt"],
      ...["/link.txt", "/link", "/link/c.txt", "/private/?archive=zip"],
    ]
  ) {
    for (const method of ["GET", "HEAD"]) {
      assertEquals([path, (await ask(method, path))[0]], [path, 404]);
    }
  }

  await t.step("a listing", async () => {
    for (const accept of ["text/html", "text/plain", "application/json"]) {
      const [status, text] = await ask("GET", "/", { accept });
      assertEquals(status, 200);
      assertStringIncludes(text, "a.txt");
      assertEquals(/\.pem|private|link\.txt|link\/"/.test(text), false, text);
    }
  });
  await t.step("a search, and WebDAV", async () => {
    const accept = "application/json";
    for (const words of ["pem", "private", "c.txt", "link"]) {
      const [, text] = await ask("GET", `/?search=${words}`, { accept });
      assertEquals(JSON.parse(text).entries, [], words);
    }
    const [status, text] = await ask("PROPFIND", "/", { depth: "1" });
    assertEquals(status, 207);
    assertStringIncludes(text, "/a.txt");
    assertEquals(/pem|private|link/.test(text), false, text);
    assertEquals((await ask("PROPFIND", "/a.pem", { depth: "0" }))[0], 404);
  });
  await t.step("an archive", async () => {
    const [, zip] = await ask("GET", "/?archive=zip");
    const names = [...zip.matchAll(ENTRY)].map(([, name]) => name);
    assertEquals(names.some((name) => name!.includes("sub/b.txt")), true);
    assertEquals(names.some((name) => /pem|private/.test(name!)), false);
  });
  await t.step("an upload", async () => {
    for (const path of ["/new.pem", "/a.pem", "/private/c.txt", "/new/a.pem"]) {
      assertEquals([path, (await ask("PUT", path))[0]], [path, 403]);
    }
    for (const path of ["/x.pem/", "/private/new/"]) {
      assertEquals([path, (await ask("MKCOL", path))[0]], [path, 403]);
    }
    const form = new FormData();
    form.append("file", new File(["x"], "sub/new.pem"));
    const response = await fetch(command.url("/"), {
      method: "POST",
      body: form,
    });
    await response.body?.cancel();
    assertEquals(response.status, 403);
  });
  await t.step("a change", async () => {
    const to = (path: string) => ({ destination: command.url(path) });
    assertEquals((await ask("DELETE", "/a.pem"))[0], 403);
    assertEquals((await ask("MOVE", "/a.pem", to("/b.txt")))[0], 403);
    assertEquals((await ask("COPY", "/private/", to("/b/")))[0], 404);
    assertEquals((await ask("COPY", "/a.txt", to("/b.pem")))[0], 403);
    assertEquals((await ask("MOVE", "/a.txt", to("/private/a")))[0], 403);
  });
  assertEquals(await Deno.readTextFile(tree.path("a.pem")), "secret");
  assertEquals(await Deno.readTextFile(tree.path("private/c.txt")), "secret");
  assertEquals((await ask("GET", "/a.txt"))[1], "alpha");
});

Deno.test("--hide hides names with --plain and --cgi", async () => {
  await using tree = await makeShare();
  for (const flag of ["--plain", "--cgi"]) {
    await using command = await startCommand(
      [flag, "--hide=*.pem", tree.root],
      { permissions: ["-NR", "--allow-run"] },
    );
    for (const path of ["/a.pem", "/link.txt", "/cgi-bin/run.pem"]) {
      const response = await fetch(command.url(path));
      await response.body?.cancel();
      assertEquals([flag, path, response.status], [flag, path, 404]);
    }
    const response = await fetch(command.url("/"));
    assertEquals((await response.text()).includes("pem"), false);
  }
});

Deno.test("--hide takes a name, not a path", async () => {
  const { code, stderr } = await runToEnd(["--hide", "a/b"], {
    permissions: [],
  });
  assertEquals(code, 2);
  assertStringIncludes(stderr, 'Invalid value for "--hide": expected a name');
});

Deno.test("SimpleHTTPRequestHandler hides the names of its option", async () => {
  await using tree = await makeShare();
  const statuses = async (hide?: (name: string) => boolean) => {
    class Handler extends SimpleHTTPRequestHandler {
      override logMessage(): void {}
    }
    const Bound = Handler.with({ directory: tree.root, hide });
    const found: number[] = [];
    for (const path of ["/a.txt", "/a.pem", "/sub/b.pem"]) {
      const request = `GET ${path} HTTP/1.1\r\nHost: h\r\n\r\n`;
      found.push((await respond(Bound, request)).status);
    }
    return found;
  };
  assertEquals(await statuses(), [200, 200, 200]);
  assertEquals(await statuses((name) => name === "a.pem"), [200, 404, 200]);
  assertEquals(await statuses((name) => name === "sub"), [200, 200, 404]);
});
