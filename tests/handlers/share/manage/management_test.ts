// Copyright 2026 the pystd authors. MIT license.

/** DELETE, MOVE and COPY over real sockets. */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { Management } from "../../../../handlers/share/manage/management.ts";
import {
  Uploads,
  type UploadsOptions,
} from "../../../../handlers/share/upload/uploads.ts";
import { RawClient } from "../../../support/client.ts";
import { stub, systemError } from "../../../support/stub.ts";
import { serveTree, type Sharing } from "../../../support/sharing.ts";
import { makeFiles, makeTree } from "../../../support/tree.ts";

/** Serves files that can be managed. */
async function serve(
  files: Record<string, string>,
  options: UploadsOptions = {},
): Promise<Sharing> {
  const tree = await makeFiles(files);
  const { dotfiles = false, followSymlinks } = options;
  const uploads = new Uploads(tree.root, { overwrite: true, ...options });
  const manage = new Management(uploads);
  return serveTree(tree, { dotfiles, followSymlinks, uploads, manage });
}

type Fields = Record<string, string>;

/** Sends a request and returns its status. */
async function send(
  sharing: Sharing,
  line: string,
  headers: Fields = {},
): Promise<number> {
  const [method, path] = line.split(" ");
  const { status } = await sharing.fetch(path, { method, headers });
  return status;
}

const FILES = {
  "a.txt": "alpha",
  "b.txt": "beta",
  "d/e/f.txt": "deep",
  "d/g.txt": "golf",
  "empty/": "",
};

Deno.test("Management deletes, moves and copies", async (t) => {
  const rows: [
    line: string,
    destination: string | undefined,
    status: number,
    list: string[],
    fields?: Fields,
  ][] = [
    ["DELETE /a.txt", undefined, 204, ["-a.txt"]],
    ["DELETE /d", undefined, 204, ["-d/", "-d/e/", "-d/e/f.txt", "-d/g.txt"]],
    ["DELETE /d/", undefined, 204, ["-d/", "-d/e/", "-d/e/f.txt", "-d/g.txt"]],
    ["DELETE /empty/", undefined, 204, ["-empty/"]],
    ["DELETE /a.txt/", undefined, 404, []],
    ["DELETE /none", undefined, 404, []],
    ["DELETE /none/x", undefined, 404, []],
    ["DELETE /a.txt/x", undefined, 404, []],
    ["DELETE /", undefined, 403, []],
    ["DELETE /d/..", undefined, 403, []],
    ["DELETE /d/%2e%2e/", undefined, 403, []],
    ["DELETE /d", undefined, 400, [], { Depth: "0" }],
    ["DELETE /d", undefined, 400, [], { Depth: "1" }],
    ["MOVE /a.txt", "/c.txt", 201, ["-a.txt", "+c.txt"]],
    ["MOVE /a.txt", "/d/c.txt", 201, ["-a.txt", "+d/c.txt"]],
    ["MOVE /a.txt", "/c.txt", 201, ["-a.txt", "+c.txt"], { Overwrite: "F" }],
    ["MOVE /a.txt", "/b.txt", 204, ["-a.txt"]],
    ["MOVE /a.txt", "/b.txt", 412, [], { Overwrite: "F" }],
    ["MOVE /a.txt", "/empty", 204, ["-a.txt", "-empty/", "+empty"]],
    ["MOVE /empty", "/a.txt", 204, ["-a.txt", "-empty/", "+a.txt/"]],
    ["MOVE /d/e", "/empty", 204, [
      ...["-d/e/", "-d/e/f.txt", "+empty/f.txt"],
    ]],
    ["MOVE /empty", "/d/e", 204, ["-d/e/f.txt", "-empty/"]],
    ["MOVE /d", "/d", 403, []],
    ["MOVE /d", "/d/e/x", 403, []],
    ["MOVE /d/e", "/d", 403, []],
    ["MOVE /", "/d/x", 403, []],
    ["MOVE /a.txt", "/", 403, []],
    ["MOVE /a.txt", "/none/x", 409, []],
    ["MOVE /a.txt", "/b.txt/x", 409, []],
    ["MOVE /none", "/x", 404, []],
    ["MOVE /d", "/x", 400, [], { Depth: "0" }],
    ["MOVE /a.txt", undefined, 400, []],
    ["MOVE /a.txt", "/x", 400, [], { Overwrite: "yes" }],
    ["COPY /a.txt", "/c.txt", 201, ["+c.txt"]],
    ["COPY /a.txt", "/b.txt", 204, []],
    ["COPY /a.txt", "/b.txt", 412, [], { Overwrite: "F" }],
    ["COPY /d", "/x", 201, ["+x/", "+x/e/", "+x/e/f.txt", "+x/g.txt"]],
    ["COPY /d/", "/x", 201, ["+x/"], { Depth: "0" }],
    ["COPY /d", "/x", 400, [], { Depth: "1" }],
    ["COPY /d/e", "/empty", 204, ["+empty/f.txt"]],
    ["COPY /d/e", "/a.txt", 204, ["-a.txt", "+a.txt/", "+a.txt/f.txt"]],
    ["COPY /a.txt", "/d/e", 204, ["-d/e/", "-d/e/f.txt", "+d/e"]],
    ["COPY /a.txt", "/a.txt", 403, []],
    ["COPY /d", "/d/x", 403, []],
    ["COPY /d/e", "/d", 403, []],
    ["COPY /none", "/x", 404, []],
    ["COPY /a.txt/", "/x", 404, []],
    ["COPY /a.txt", "/none/x", 409, []],
  ];
  for (const [line, destination, status, changes, fields = {}] of rows) {
    const name = `${line} ${destination ?? ""} ${JSON.stringify(fields)}`;
    await t.step(name, async () => {
      await using sharing = await serve(FILES);
      const before = new Set(sharing.list());
      const headers: Fields = { ...fields };
      if (destination !== undefined) headers.Destination = destination;
      assertEquals(await send(sharing, line, headers), status);
      const after = new Set(sharing.list());
      const changed = [
        ...[...before.difference(after)].map((path) => `-${path}`),
        ...[...after.difference(before)].map((path) => `+${path}`),
      ];
      assertEquals(changed.sort(), [...changes].sort());
    });
  }
});

Deno.test("Management moves and copies the content and its time", async () => {
  await using sharing = await serve(FILES);
  const time = new Date("2020-02-02T02:02:02.000Z");
  await Deno.utime(sharing.tree.path("a.txt"), time, time);
  await send(sharing, "COPY /a.txt", { Destination: "/b.txt" });
  await send(sharing, "MOVE /b.txt", { Destination: "/d/e/f.txt" });
  assertEquals(await sharing.read("d/e/f.txt"), "alpha");
  const { mtime } = await Deno.stat(sharing.tree.path("d/e/f.txt"));
  assertEquals(mtime, time);
  // The next request sees the change: no cache has the old state.
  const { status } = await sharing.fetch("/b.txt");
  assertEquals(status, 404);
  const { text, headers } = await sharing.fetch("/a.txt", {
    method: "COPY",
    headers: { Destination: "/d/new%20%c3%a9%2etxt" },
  });
  assertEquals(text, "Copied /a.txt to /d/new é.txt\n");
  assertEquals(headers.get("location"), "./d/new%20%C3%A9.txt");
});

Deno.test("Management takes links for what they are", async () => {
  await using outside = await makeFiles({ "o/f": "secret" });
  await using sharing = await serve(FILES);
  const { tree } = sharing;
  await Deno.symlink(outside.root, tree.path("out"));
  await Deno.symlink("a.txt", tree.path("in"));
  await Deno.symlink("none", tree.path("broken"));
  await Deno.symlink("d", tree.path("folder"));
  await Deno.symlink("../a.txt", tree.path("d/in"));
  await Deno.symlink(outside.root, tree.path("d/out"));
  await Deno.symlink("..", tree.path("d/loop"));
  const rows: [line: string, to: string | undefined, status: number][] = [
    ["COPY /out", "/x", 404],
    ["COPY /out/o/f", "/x", 404],
    ["COPY /broken", "/x", 404],
    ["COPY /in", "/x", 201], // the file
    ["COPY /d", "/y", 201],
    ["MOVE /a.txt", "/out/x", 409],
    ["COPY /a.txt", "/out/o/f", 409],
    ["DELETE /out/o", undefined, 404],
    ["DELETE /out/o/f", undefined, 404],
    ["MOVE /out/o/f", "/x2", 404],
    ["MOVE /out", "/d/moved", 201],
    ["DELETE /d/moved", undefined, 204],
    ["DELETE /broken", undefined, 204],
    ["DELETE /folder/", undefined, 204],
    ["DELETE /in", undefined, 204],
    ["DELETE /d", undefined, 204],
  ];
  for (const [line, to, status] of rows) {
    const headers: Fields = to === undefined ? {} : { Destination: to };
    assertEquals(await send(sharing, line, headers), status, `${line} ${to}`);
  }
  assertEquals(sharing.list(), [
    "a.txt",
    "b.txt",
    "empty/",
    "x",
    "y/",
    "y/e/",
    "y/e/f.txt",
    "y/g.txt",
    "y/in",
  ]);
  assert((await Deno.lstat(tree.path("x"))).isFile);
  assert((await Deno.lstat(tree.path("y/in"))).isFile);
  assertEquals(await Deno.readTextFile(outside.path("o/f")), "secret");
});

Deno.test("Management refuses hidden and unsafe names", async () => {
  await using sharing = await serve({
    ...FILES,
    ".hidden": "h",
    "d/.h/x": "h",
    ".well-known/x": "w",
  });
  const before = sharing.list();
  const names: [name: string, asSource: number, asDestination: number][] = [
    ["/.hidden", 403, 403],
    ["/d/.h", 403, 403],
    ["/d/.h/x", 403, 403],
    ["/.well-known", 403, 403],
    ["/.well-known/x", 403, 403],
    ["/.pystd-upload-0123456789abcdef0123456789abcdef.part", 403, 403],
    ["/.pystd-upload-0123456789abcdef0123456789abcdef.trash", 403, 403],
    ["/a%00b", 400, 400],
    ["/a%0Ab", 400, 400],
    ["/%FF", 400, 400],
    [`/${"x".repeat(300)}`, 400, 400],
    ["/..%2f..%2fetc", 404, 201],
    ["/..namedfork", 400, 400],
  ];
  for (const [name, asSource, asDestination] of names) {
    const destination = { Destination: "/moved" };
    for (const method of ["DELETE", "MOVE"]) {
      const status = await send(sharing, `${method} ${name}`, destination);
      assertEquals(status, asSource, `${method} ${name}`);
    }
    const copied = await send(sharing, `COPY ${name}`, destination);
    // Downloads of .well-known are allowed.
    const isServed = name.startsWith("/.well-known");
    assertEquals(copied, isServed ? 201 : 404, `COPY ${name}`);
    if (isServed) assertEquals(await send(sharing, "DELETE /moved"), 204);
    for (const method of ["MOVE", "COPY"]) {
      const headers = { Destination: name };
      const status = await send(sharing, `${method} /a.txt`, headers);
      assertEquals(status, asDestination, `${method} to ${name}`);
      // `..` cannot lead above the share: the name is `/etc`.
      if (status !== 201) continue;
      await send(sharing, "MOVE /etc", { Destination: "/a.txt" });
    }
  }
  assertEquals(sharing.list(), before);
});

Deno.test("Management copies no hidden file, and deletes and moves them with their folder", async () => {
  await using sharing = await serve({ "d/a": "1", "d/.h": "hidden" });
  await send(sharing, "COPY /d", { Destination: "/c" });
  assertEquals(sharing.list(), ["c/", "c/a", "d/", "d/.h", "d/a"]);
  await send(sharing, "MOVE /d", { Destination: "/e" });
  assertEquals(sharing.list(), ["c/", "c/a", "e/", "e/.h", "e/a"]);
  await send(sharing, "DELETE /e");
  assertEquals(sharing.list(), ["c/", "c/a"]);
});

Deno.test("Management finds names in both normal forms", async () => {
  for (const [stored, asked] of [["NFC", "NFD"], ["NFD", "NFC"]]) {
    const name = "é".normalize(stored);
    const path = `/${encodeURIComponent("é".normalize(asked))}`;
    await using sharing = await serve({ [`${name}/${name}`]: "1" });
    const inner = `${path}${path}`;
    const moved = await send(sharing, `MOVE ${inner}`, { Destination: "/x" });
    assertEquals(moved, 201);
    const back = await send(sharing, "COPY /x", { Destination: inner });
    assertEquals(back, 201);
    assertEquals(await send(sharing, `DELETE ${path}`), 204);
    assertEquals(sharing.list(), ["x"]);
  }
});

Deno.test("Management honours preconditions and rejects other sites", async () => {
  await using sharing = await serve(FILES);
  const { headers } = await sharing.fetch("/a.txt");
  const etag = headers.get("etag")!;
  const modified = headers.get("last-modified")!;
  const rows: [fields: Fields, passes: boolean | number][] = [
    [{ "If-Match": '"x"' }, 412],
    [{ "If-Match": etag }, true],
    [{ "If-None-Match": "*" }, 412],
    [{ "If-Unmodified-Since": "Sun, 06 Nov 1994 08:49:37 GMT" }, 412],
    [{ "If-Unmodified-Since": modified }, true],
    [{ Origin: "http://evil.example" }, 403],
    [{ "Sec-Fetch-Site": "cross-site" }, 403],
    [{ "Sec-Fetch-Site": "same-site" }, 403],
    [{ "Sec-Fetch-Site": "same-origin" }, true],
    [{ Origin: `http://127.0.0.1:${sharing.port}` }, true],
  ];
  for (const [fields, passes] of rows) {
    const status = (otherwise: number): number =>
      passes === true ? otherwise : Number(passes);
    const to = { ...fields, Destination: "/c.txt" };
    const name = JSON.stringify(fields);
    assertEquals(await send(sharing, "COPY /a.txt", to), status(201), name);
    assertEquals(await send(sharing, "MOVE /a.txt", to), status(204), name);
    // A new file with the same size and time has the same tag.
    const back = { Destination: "/a.txt" };
    if (passes === true) await send(sharing, "COPY /c.txt", back);
    assertEquals(await send(sharing, "DELETE /a.txt", fields), status(204));
    if (passes === true) await send(sharing, "MOVE /c.txt", back);
  }
});

Deno.test("Management answers a body and a fragment with an error", async () => {
  await using sharing = await serve(FILES);
  for (const method of ["DELETE", "MOVE", "COPY"]) {
    const { status } = await sharing.fetch("/a.txt", {
      method,
      body: "x",
      headers: { Destination: "/x" },
    });
    assertEquals(status, 415);
  }
  const fields = { Destination: "/x" };
  assertEquals(await send(sharing, "DELETE /d?x", fields), 204);
});

Deno.test("Management works in the folder for uploads alone", async () => {
  await using sharing = await serve({ ...FILES, "in/x": "1" }, {
    subdirectory: "in",
  });
  const rows: [line: string, to: string | undefined, status: number][] = [
    ["DELETE /a.txt", undefined, 403],
    ["DELETE /in", undefined, 403],
    ["MOVE /in", "/in2", 403],
    ["MOVE /a.txt", "/in/a", 403],
    ["MOVE /in/x", "/y", 403],
    ["COPY /a.txt", "/b.txt", 403],
    ["COPY /a.txt", "/in/a", 201],
    ["COPY /d", "/in/d", 201],
    ["COPY /in", "/in/in", 403],
    ["MOVE /in/a", "/in/d/a", 201],
    ["DELETE /in/d", undefined, 204],
  ];
  for (const [line, to, status] of rows) {
    const headers: Fields = to === undefined ? {} : { Destination: to };
    assertEquals(await send(sharing, line, headers), status, `${line} ${to}`);
  }
});

Deno.test("Management copies within the limits of uploads", async () => {
  await using sharing = await serve(
    { "big": "x".repeat(100), "d/1": "x".repeat(40), "d/2": "x".repeat(40) },
    { maxBytes: 50, maxTotalBytes: 100 },
  );
  const copy = (from: string, to: string): Promise<number> =>
    send(sharing, `COPY ${from}`, { Destination: to });
  assertEquals(await copy("/big", "/x"), 413);
  assertEquals(await copy("/d", "/x"), 201);
  // 20 bytes are left: nothing of the second folder stays.
  assertEquals(await copy("/d", "/y"), 507);
  assertEquals(sharing.list(), ["big", "d/", "d/1", "d/2", "x/", "x/1", "x/2"]);
  await Deno.truncate(sharing.tree.path("d/1"), 10);
  await Deno.truncate(sharing.tree.path("d/2"), 10);
  assertEquals(await copy("/d", "/y"), 201);
  await Deno.writeTextFile(sharing.tree.path("d/big"), "x".repeat(51));
  await Deno.truncate(sharing.tree.path("d/1"), 0);
  await Deno.truncate(sharing.tree.path("d/2"), 0);
  const { status, text } = await sharing.fetch("/d", {
    method: "COPY",
    headers: { Destination: "/z" },
  });
  assertEquals(status, 207);
  assertMatch(text, /<D:href>\/z\/big<\/D:href><D:status>HTTP\/1.1 413 /);
  assertEquals(sharing.list().filter((path) => path.startsWith("z")), [
    ...["z/", "z/1", "z/2"],
  ]);
});

Deno.test("Management does not copy deeper than can be requested", async () => {
  await using sharing = await serve({ [`${"d/".repeat(100)}f`]: "1" });
  const to = `/${"e/".repeat(60)}`;
  await Deno.mkdir(sharing.tree.path(to.slice(1)), { recursive: true });
  const { status, text } = await sharing.fetch("/d", {
    method: "COPY",
    headers: { Destination: `${to}d` },
  });
  assertEquals(status, 207);
  assertMatch(text, / 403 /);
});

Deno.test("Management moves to another disk, but no links", async () => {
  await using sharing = await serve({
    "a.txt": "alpha",
    "d/e/f": "deep",
    "d/.h": "hidden",
    "l/x": "1",
    "m/y": "old",
  });
  await Deno.symlink("x", sharing.tree.path("l/link"));
  const isHidden = (path: string | URL): boolean =>
    String(path).includes(".pystd-");
  using _rename = stub(Deno, "renameSync", (real) => (from, to) => {
    if (!isHidden(from) && !isHidden(to)) throw systemError("EXDEV");
    real(from, to);
  });
  const move = (from: string, to: string): Promise<number> =>
    send(sharing, `MOVE ${from}`, { Destination: to });
  assertEquals(await move("/a.txt", "/b.txt"), 201);
  assertEquals(await move("/d", "/m"), 204);
  assertEquals(await move("/l", "/n"), 409);
  assertEquals(sharing.list(), [
    ...["b.txt", "l/", "l/link", "l/x", "m/", "m/.h", "m/e/", "m/e/f"],
  ]);
});

Deno.test("Management works beside uploads and itself", async () => {
  await using sharing = await serve({ "d/x": "1", "a": "2" });
  await using client = await RawClient.connect(sharing.port);
  await client.send(
    "PUT /d/new HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\n\r\n1",
  );
  const isReceived = () =>
    sharing.list().some((path) => path.endsWith(".part"));
  assert(await client.waitFor(isReceived));
  // The folder of an upload moves: its name is free, and the upload fails.
  assertEquals(await send(sharing, "MOVE /d", { Destination: "/e" }), 201);
  await client.send("2");
  assert(await client.waitFor(() => client.received.includes("409 Conflict")));
  // One of several equal requests succeeds.
  const moves = Array.from(
    { length: 5 },
    (_, i) => send(sharing, "MOVE /a", { Destination: `/b${i}` }),
  );
  assertEquals((await Promise.all(moves)).sort(), [201, 404, 404, 404, 404]);
  const copies = Array.from(
    { length: 5 },
    () => send(sharing, "COPY /e", { Destination: "/c", Overwrite: "F" }),
  );
  assertEquals((await Promise.all(copies)).sort(), [201, 412, 412, 412, 412]);
  const deletes = Array.from({ length: 5 }, () => send(sharing, "DELETE /c"));
  assertEquals((await Promise.all(deletes)).sort(), [204, 404, 404, 404, 404]);
});

Deno.test("Management keeps what it cannot delete, and says so", async () => {
  await using sharing = await serve({ "d/a": "1", "d/b": "2", "d/c/x": "3" });
  using _remove = stub(Deno, "remove", (real) => async (path, options) => {
    const isFolder = !/\/(?:a|b)$/.test(String(path));
    if (isFolder) throw systemError("EACCES", Deno.errors.PermissionDenied);
    await real(path, options);
  });
  const { status, text } = await sharing.fetch("/d", { method: "DELETE" });
  assertEquals(status, 207);
  assertMatch(text, /<D:href>\/d\/c<\/D:href><D:status>HTTP\/1.1 403 /);
  assertEquals(sharing.list(), ["d/", "d/c/", "d/c/x"]);
});

Deno.test("without Management the methods are 501, and Allow has none of them", async () => {
  const tree = await makeTree([{ path: "a", type: "file", content: "1" }]);
  const uploads = new Uploads(tree.root);
  await using sharing = serveTree(tree, { uploads });
  for (const method of ["DELETE", "MOVE", "COPY"]) {
    const { status, headers } = await sharing.fetch("/a", { method });
    assertEquals(status, 501);
    assertEquals(headers.get("allow"), "GET, HEAD, OPTIONS, PUT, POST, MKCOL");
  }
});
