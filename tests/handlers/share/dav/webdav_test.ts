// Copyright 2026 the pystd authors. MIT license.

/** PROPFIND, PROPPATCH, LOCK and UNLOCK over real sockets. */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import { WebDAV } from "../../../../handlers/share/dav/webdav.ts";
import { Management } from "../../../../handlers/share/manage/management.ts";
import type { ShareOptions } from "../../../../handlers/share.ts";
import {
  Uploads,
  type UploadsOptions,
} from "../../../../handlers/share/upload/uploads.ts";
import {
  BasicAuthenticator,
  parseUser,
} from "../../../../handlers/share/auth/basic_authenticator.ts";
import { ServedDirectory } from "../../../../files/served_directory.ts";
import { RawClient } from "../../../support/client.ts";
import { stub } from "../../../support/stub.ts";
import { serveTree, type Sharing } from "../../../support/sharing.ts";
import { makeFiles } from "../../../support/tree.ts";

async function serve(
  files: Record<string, string>,
  { Class = WebDAV, uploading = {}, more = {} }: {
    Class?: typeof WebDAV;
    uploading?: UploadsOptions;
    more?: ShareOptions;
  } = {},
): Promise<Sharing> {
  const tree = await makeFiles(files);
  const uploads = new Uploads(tree.root, { overwrite: true, ...uploading });
  const manage = new Management(uploads);
  const dav = new Class({ uploads, manage });
  const options = { dotfiles: false, uploads, manage, dav, ...more };
  return serveTree(tree, options);
}

type Fields = Record<string, string>;

/** Sends a request. */
function send(
  sharing: Sharing,
  line: string,
  headers: Fields = {},
  body?: string,
): Promise<{ status: number; text: string; headers: Headers }> {
  const [method, path] = line.split(" ");
  return sharing.fetch(path, { method, headers, body });
}

async function status(...args: Parameters<typeof send>): Promise<number> {
  return (await send(...args)).status;
}

const lockInfo = (scope = "exclusive", owner = "me"): string =>
  `<D:lockinfo xmlns:D="DAV:"><D:lockscope><D:${scope}/></D:lockscope>` +
  `<D:locktype><D:write/></D:locktype><D:owner>${owner}</D:owner></D:lockinfo>`;

/** Locks a path and returns the token with its brackets. */
async function lock(
  sharing: Sharing,
  path: string,
  fields: Fields = {},
  scope = "exclusive",
): Promise<string> {
  const { status, text, headers } = await send(
    sharing,
    `LOCK ${path}`,
    fields,
    lockInfo(scope),
  );
  assert(status === 200 || status === 201, `${status} ${text}`);
  return headers.get("lock-token")!;
}

const propfind = (inner: string): string =>
  `<?xml version="1.0"?><propfind xmlns="DAV:">${inner}</propfind>`;

const patch = (inner: string): string =>
  `<propertyupdate xmlns="DAV:" xmlns:p="urn:p">${inner}</propertyupdate>`;

const hrefs = (text: string): string[] =>
  [...text.matchAll(/<D:response><D:href>([^<]*)</g)].map(([, href]) => href)
    .sort();

Deno.test("PROPFIND lists what clients may read", async () => {
  await using sharing = await serve({
    "a b&c.txt": "12345",
    ["é".normalize("NFD")]: "nfd",
    "d/x": "1",
    ".hidden": "h",
    [`.pystd-upload-${"0".repeat(32)}.part`]: "p",
  });
  await Deno.symlink("/etc", sharing.tree.path("out"));
  await Deno.symlink("none", sharing.tree.path("broken"));
  await Deno.symlink("d", sharing.tree.path("link"));
  const { status, text, headers } = await send(sharing, "PROPFIND /", {
    Depth: "1",
  });
  assertEquals(status, 207);
  assertEquals(headers.get("content-type"), "application/xml; charset=utf-8");
  assertEquals(hrefs(text), [
    ...["/", "/a%20b%26c.txt", "/d/", "/e%CC%81", "/link/"],
  ]);
  assertMatch(text, /<D:getcontentlength>5<\/D:getcontentlength>/);
  // Every entry can be requested by its href, and in the other normal form.
  for (const path of [...hrefs(text), "/%C3%A9"]) {
    const { status } = await send(sharing, `PROPFIND ${path}`, { Depth: "0" });
    assertEquals(status, 207, path);
  }
});

Deno.test("PROPFIND shows no temporary files, even with other dotfiles", async () => {
  const part = `.pystd-upload-${"0".repeat(32)}.part`;
  const old = `.pystd-upload-${"0".repeat(32)}.old`;
  await using sharing = await serve(
    { ".hidden": "h", [part]: "p", [`${old}/x`]: "o" },
    { uploading: { dotfiles: true }, more: { dotfiles: true } },
  );
  const { text } = await send(sharing, "PROPFIND /", { Depth: "1" });
  assertEquals(hrefs(text), ["/", "/.hidden"]);
  for (const path of [`/${part}`, `/${old}/`, `/${old}/x`]) {
    const fields = { Depth: "0", Destination: "/copy" };
    assertEquals(await status(sharing, `PROPFIND ${path}`, fields), 404);
    assertEquals(await status(sharing, `COPY ${path}`, fields), 404);
    assertEquals(await status(sharing, `LOCK ${path}`, {}, lockInfo()), 403);
    assertEquals(await status(sharing, `DELETE ${path}`), 404);
  }
});

Deno.test("PROPFIND answers with the properties that are asked for", async () => {
  await using sharing = await serve({ "a.txt": "12345" });
  const rows: [body: string | undefined, wanted: RegExp, not?: RegExp][] = [
    [undefined, /<D:resourcetype\/>.*200 OK/],
    [
      propfind("<allprop/>"),
      /<D:getetag>&quot;.*<D:getcontenttype>text\/plain|<D:getcontenttype>text\/plain.*<D:getetag>&quot;/,
    ],
    [propfind("<propname/>"), /<D:getetag\/>/, /&quot;/],
    [
      propfind(
        '<prop><getcontentlength/><x xmlns="urn:x"/><y xmlns=""/></prop>',
      ),
      /<D:getcontentlength>5<.*200 OK.*<x xmlns="urn:x"\/><y\/>.*404 /,
      /getetag/,
    ],
  ];
  for (const [body, wanted, not] of rows) {
    const { status, text } = await send(
      sharing,
      "PROPFIND /a.txt",
      { Depth: "0" },
      body,
    );
    assertEquals(status, 207);
    assertMatch(text, wanted);
    if (not !== undefined) assertEquals(not.test(text), false, text);
  }
  const get = await sharing.fetch("/a.txt");
  const { text } = await send(sharing, "PROPFIND /a.txt", { Depth: "0" });
  const etag = get.headers.get("etag")!.replaceAll('"', "&quot;");
  assert(text.includes(etag));
  assert(text.includes(get.headers.get("last-modified")!));
});

Deno.test("PROPFIND reads UTF-8 and UTF-16", async () => {
  await using sharing = await serve({ "a": "12345" });
  const text = `\ufeff${propfind("<prop><getcontentlength/></prop>")}`;
  const units = Uint16Array.from(text, (unit) => unit.charCodeAt(0));
  const little = new Uint8Array(units.buffer);
  const big = little.slice();
  for (let i = 0; i < big.length; i += 2) {
    [big[i], big[i + 1]] = [big[i + 1], big[i]];
  }
  const bodies: [body: Uint8Array<ArrayBuffer>, status: number][] = [
    [new TextEncoder().encode(text), 207],
    [little, 207],
    [big, 207],
    [new Uint8Array([0x3c, 0x61, 0xff]), 400],
    [little.slice(0, -1), 400],
  ];
  for (const [body, wanted] of bodies) {
    const { status, text } = await sharing.fetch("/a", {
      method: "PROPFIND",
      headers: { Depth: "0" },
      body,
    });
    assertEquals(status, wanted);
    if (wanted === 207) assertMatch(text, />5<\/D:getcontentlength>/);
  }
});

Deno.test("PROPFIND refuses infinite depth and bad bodies", async () => {
  await using sharing = await serve({ "d/e/f": "1" });
  const deep = await send(sharing, "PROPFIND /d");
  assertEquals(deep.status, 403);
  assertMatch(deep.text, /<D:error .*<D:propfind-finite-depth\/>/);
  const bomb = '<!DOCTYPE b [<!ENTITY a "aaaaaaaaaa">' +
    '<!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><propfind xmlns="DAV:">&b;</propfind>';
  const outside = '<!DOCTYPE b [<!ENTITY x SYSTEM "file:///etc/passwd">]>' +
    '<propfind xmlns="DAV:"><prop><x>&x;</x></prop></propfind>';
  const rows: [body: string, status: number][] = [
    [bomb, 400],
    [outside, 400],
    ["<propfind", 400],
    ["<propfind/>", 400],
    [propfind(""), 400],
    [propfind(`<prop>${"<a/>".repeat(257)}</prop>`), 400],
    [propfind(`<prop><a xmlns="${"u".repeat(17_000)}"/></prop>`), 400],
    [propfind(`${"<a>".repeat(70)}${"</a>".repeat(70)}`), 400],
    [`<a>${" ".repeat(256 * 1024)}</a>`, 413],
  ];
  for (const [body, wanted] of rows) {
    for (const method of ["PROPFIND", "PROPPATCH", "LOCK"]) {
      const got = await status(sharing, `${method} /d`, { Depth: "0" }, body);
      assertEquals(got, wanted, `${method} ${body.slice(0, 60)}`);
    }
  }
  assertEquals(await status(sharing, "PROPFIND /d", { Depth: "2" }), 400);
});

Deno.test("PROPFIND of a large folder is sent in pieces, within a bound", async () => {
  class Small extends WebDAV {
    static override maxPropfinds = 1;
  }
  const files = Object.fromEntries(
    Array.from({ length: 2000 }, (_, i) => [`d/file${i}`, ""]),
  );
  await using sharing = await serve(files, { Class: Small });
  const answers = await Promise.all(
    Array.from(
      { length: 4 },
      () => send(sharing, "PROPFIND /d/", { Depth: "1" }),
    ),
  );
  const [whole, ...others] = answers.sort((a, b) => a.status - b.status);
  assertEquals(hrefs(whole.text).length, 2001);
  assertEquals(whole.headers.get("content-length"), null);
  for (const { status, headers } of others) {
    if (status !== 503) assertEquals(status, 207);
    else assert(headers.has("retry-after"));
  }
});

Deno.test({
  name: "PROPFIND tells nothing of a folder that takes the place of another",
  ignore: Deno.build.os === "windows",
  fn: async () => {
    const names = Array.from({ length: 300 }, (_, i) => `file-${i}`);
    const filesOf = (text: string, folder = ""): Record<string, string> =>
      Object.fromEntries(names.map((name) => [folder + name, text]));
    await using outside = await makeFiles(filesOf("secret!"));
    await using sharing = await serve(filesOf("x", "d/"));
    let looks = 0;
    const swap = (): void => {
      if (++looks !== 200) return;
      Deno.renameSync(sharing.tree.path("d"), sharing.tree.path("aside"));
      Deno.symlinkSync(outside.root, sharing.tree.path("d"));
    };
    using _ = stub(
      ServedDirectory.prototype,
      "locateEntry",
      (real) =>
        function (this: ServedDirectory, ...args) {
          swap();
          return real.apply(this, args);
        },
    );
    await using client = await RawClient.connect(sharing.port);
    await client.send("PROPFIND /d/ HTTP/1.1\r\nHost: a\r\nDepth: 1\r\n\r\n");
    await client.waitFor(() => client.closed);
    assert(looks > 200);
    assert(client.received.includes("<D:getcontentlength>1</"));
    assert(!client.received.includes("<D:getcontentlength>7</"));
    assert(!client.received.includes("</D:multistatus>"));
  },
});

Deno.test("dead properties follow their resource, and live ones are protected", async () => {
  await using sharing = await serve({ "a": "1", "d/b": "2" });
  const set = (path: string, value: string) =>
    send(
      sharing,
      `PROPPATCH ${path}`,
      {},
      patch(
        `<set><prop><p:x>${value}</p:x></prop></set>`,
      ),
    );
  const get = async (path: string): Promise<string | undefined> => {
    const body = propfind('<prop><x xmlns="urn:p"/></prop>');
    const fields = { Depth: "0" };
    const { text } = await send(sharing, `PROPFIND ${path}`, fields, body);
    return /<p:x[^>]*>(.*?)<\/p:x>/.exec(text)?.[1];
  };
  for (const path of ["/a", "/d/", "/d/b"]) {
    const { status, text } = await set(path, `<b>${path}</b>&amp;`);
    assertEquals(status, 207);
    assertMatch(text, /<x xmlns="urn:p"\/>.*200 OK/);
  }
  assertEquals(await get("/a"), "<b>/a</b>&amp;");
  const to = (path: string) => ({ Destination: path });
  await send(sharing, "COPY /d", to("/e"));
  assertEquals(await get("/e"), "<b>/d/</b>&amp;");
  assertEquals(await get("/e/b"), "<b>/d/b</b>&amp;");
  await send(sharing, "MOVE /e", to("/f"));
  assertEquals(await get("/f/b"), "<b>/d/b</b>&amp;");
  await send(sharing, "MOVE /a", to("/d/b"));
  assertEquals(await get("/d/b"), "<b>/a</b>&amp;");
  await send(sharing, "DELETE /d");
  await send(sharing, "MKCOL /d");
  assertEquals(await get("/d"), undefined);
  // All or nothing.
  const { text } = await send(
    sharing,
    "PROPPATCH /f",
    {},
    patch(
      "<set><prop><p:x>changed</p:x><getetag>1</getetag></prop></set>" +
        "<remove><prop><displayname/></prop></remove>",
    ),
  );
  assertMatch(
    text,
    /<D:getetag\/>.*403 .*<D:cannot-modify-protected-property\/>/,
  );
  assertMatch(text, /<x xmlns="urn:p"\/><D:displayname\/>.*424 /);
  assertEquals(await get("/f"), "<b>/d/</b>&amp;");
  await send(
    sharing,
    "PROPPATCH /f",
    {},
    patch(
      "<remove><prop><p:x/></prop></remove>",
    ),
  );
  assertEquals(await get("/f"), undefined);
});

Deno.test("dead properties are bounded", async () => {
  class Small extends WebDAV {
    static override maxPropertyBytes = 10_000;
  }
  await using sharing = await serve({ "a": "1", "b": "2" }, { Class: Small });
  const set = async (path: string, length: number): Promise<string> => {
    const { text } = await send(
      sharing,
      `PROPPATCH ${path}`,
      {},
      patch(
        `<set><prop><p:x>${"x".repeat(length)}</p:x></prop></set>`,
      ),
    );
    return /HTTP\/1.1 (\d+)/.exec(text)![1];
  };
  assertEquals(await set("/a", 3000), "200");
  assertEquals(await set("/b", 3000), "507");
  assertEquals(await set("/a", 10), "200");
  assertEquals(await set("/b", 3000), "200");
});

Deno.test("an exclusive lock keeps others from writing", async () => {
  await using sharing = await serve({ "a": "1", "d/b": "2", "c": "3" });
  const token = await lock(sharing, "/a", { Depth: "0" });
  const submit = { If: `(${token})` };
  const rows: [line: string, fields: Fields, body?: string][] = [
    ["PUT /a", {}, "x"],
    ["PROPPATCH /a", {}, patch("<set><prop><p:x/></prop></set>")],
    ["COPY /c", { Destination: "/a" }],
    ["MOVE /c", { Destination: "/a" }],
    ["MOVE /a", { Destination: "/x" }],
    ["DELETE /a", {}],
  ];
  for (const [line, fields, body] of rows) {
    const locked = await send(sharing, line, fields, body);
    assertEquals(locked.status, 423, line);
    assertMatch(locked.text, /<D:lock-token-submitted><D:href>\/a</);
    const wrong = { ...fields, If: "(<urn:uuid:wrong>)" };
    assertEquals(await status(sharing, line, wrong, body), 412, line);
    const absent = { ...fields, If: "(Not <urn:uuid:wrong>)" };
    assertEquals(await status(sharing, line, absent, body), 423, line);
  }
  assertEquals(await status(sharing, "LOCK /a", {}, lockInfo("shared")), 423);
  assertEquals(await status(sharing, "GET /a"), 200);
  for (const [line, fields, body] of rows.slice(0, 2)) {
    const got = await status(sharing, line, { ...fields, ...submit }, body);
    assert(got < 300, line);
  }
  assertEquals(await status(sharing, "DELETE /a", submit), 204);
  // The lock is gone with the resource.
  assertEquals(await status(sharing, "PUT /a", {}, "new"), 201);
});

Deno.test("a lock of a folder covers its members", async () => {
  await using sharing = await serve({ "d/b": "2", "d/e/f": "3", "x": "1" });
  const token = await lock(sharing, "/d/"); // infinity by default
  const tagged = (path: string): Fields => ({ If: `<${path}> (${token})` });
  const rows: [line: string, to?: string, body?: string][] = [
    ["PUT /d/b", undefined, "x"],
    ["PUT /d/new", undefined, "x"],
    ["PUT /d/new1/new2/x?parents", undefined, "x"],
    ["MKCOL /d/folder"],
    ["MKCOL /d/folder1/folder2?parents"],
    ["DELETE /d/e/f"],
    ["MOVE /x", "/d/x"],
    ["POST /d/", undefined, "x"],
  ];
  for (const [line, to, body] of rows) {
    const fields: Fields = to === undefined ? {} : { Destination: to };
    assertEquals(await status(sharing, line, fields, body), 423, line);
    if (line.startsWith("POST")) continue;
    const got = await status(
      sharing,
      line,
      { ...fields, ...tagged("/d/") },
      body,
    );
    assert(got < 300, `${line} ${got}`);
  }
  assertEquals(await status(sharing, "DELETE /"), 423);
  assertEquals(await status(sharing, "LOCK /d/b", {}, lockInfo()), 423);
  assertEquals(await status(sharing, "LOCK /", {}, lockInfo()), 423);
  const fields = { "Lock-Token": token };
  assertEquals(await status(sharing, "UNLOCK /d/b", fields), 204);
  assertEquals(await status(sharing, "PUT /d/b", {}, "x"), 200);
});

Deno.test({
  name: "a lock does not cover a name that continues with a backslash",
  ignore: Deno.build.os === "windows",
  async fn() {
    await using sharing = await serve({ "a/x": "1", "a\\b": "2", "ab": "3" });
    await lock(sharing, "/a");
    assertEquals(await status(sharing, "PUT /a%5cb", {}, "x"), 200);
    assertEquals(await status(sharing, "PUT /ab", {}, "x"), 200);
    assertEquals(await status(sharing, "DELETE /a%5cb"), 204);
  },
});

Deno.test("a lock of a folder alone covers its names, not its members", async () => {
  await using sharing = await serve({ "d/b": "2" });
  await lock(sharing, "/d", { Depth: "0" });
  assertEquals(await status(sharing, "PUT /d/b", {}, "x"), 200);
  assertEquals(await status(sharing, "PUT /d/new", {}, "x"), 423);
  const nested = "PUT /d/new1/new2/x?parents";
  assertEquals(await status(sharing, nested, {}, "x"), 423);
  assertEquals(await status(sharing, "DELETE /d/b"), 423);
});

Deno.test("shared locks, refresh, expiry and UNLOCK", async () => {
  await using sharing = await serve({ "a": "1" });
  const first = await lock(sharing, "/a", {}, "shared");
  const second = await lock(sharing, "/a", { Timeout: "Second-5" }, "shared");
  assertEquals(await status(sharing, "LOCK /a", {}, lockInfo()), 423);
  assertEquals(
    await status(sharing, "PUT /a", { If: `(${second})` }, "x"),
    200,
  );
  const refreshed = await send(sharing, "LOCK /a", {
    If: `(${second})`,
    Timeout: "Second-100",
  });
  assertEquals(refreshed.status, 200);
  assertMatch(refreshed.text, /<D:timeout>Second-100</);
  assertEquals(await status(sharing, "LOCK /a"), 400);
  assertEquals(await status(sharing, "LOCK /a", { If: "(<urn:x>)" }), 412);
  const rows: [token: string | undefined, path: string, status: number][] = [
    [undefined, "/a", 400],
    ["urn:x", "/a", 400],
    ["<urn:x>", "/a", 409],
    [first, "/", 409],
    [first, "/a", 204],
    [first, "/a", 409],
  ];
  for (const [token, path, wanted] of rows) {
    const fields: Fields = token === undefined ? {} : { "Lock-Token": token };
    assertEquals(await status(sharing, `UNLOCK ${path}`, fields), wanted);
  }
  assertEquals(await status(sharing, "PUT /a", {}, "x"), 423);
  {
    using _now = stub(Date, "now", (real) => () => real() + 101_000);
    assertEquals(await status(sharing, "PUT /a", {}, "x"), 200);
  }
});

Deno.test("a lock of an unused name reserves it", async () => {
  await using sharing = await serve({ "d/x": "1" });
  const created = await send(sharing, "LOCK /new", {}, lockInfo());
  assertEquals([created.status, await sharing.read("new")], [201, ""]);
  assertEquals(await status(sharing, "PUT /new", {}, "x"), 423);
  const token = created.headers.get("lock-token");
  assertEquals(
    await status(sharing, "PUT /new", { If: `(${token})` }, "x"),
    200,
  );
  const refused: [path: string, status: number][] = [
    ["/none/x", 409],
    ["/.hidden", 403],
    ["/a%00", 400],
    ["/d/x/y", 409],
  ];
  for (const [path, wanted] of refused) {
    assertEquals(await status(sharing, `LOCK ${path}`, {}, lockInfo()), wanted);
  }
  assertEquals(sharing.list(), ["d/", "d/x", "new"]);
});

Deno.test("locks are bounded in number, time and size", async () => {
  class Small extends WebDAV {
    static override maxLocks = 5;
    static override maxLocksPerClient = 3;
    static override maxLockTime = 10_000;
  }
  const uploaders = new Map(["ann:1", "bob:2"].map((text) => parseUser(text)!));
  const auth = new BasicAuthenticator({ uploaders });
  const files = Object.fromEntries([..."abcdefgh"].map((name) => [name, ""]));
  await using sharing = await serve(files, { Class: Small, more: { auth } });
  const as = (user: string): Fields => ({
    Authorization: `Basic ${btoa(user)}`,
  });
  const statuses: number[] = [];
  for (
    const [user, path] of [
      "ann:1 a",
      "ann:1 b",
      "ann:1 c",
      "ann:1 d",
      "bob:2 e",
      "bob:2 f",
      "bob:2 g",
    ].map((text) => text.split(" "))
  ) {
    const got = await send(sharing, `LOCK /${path}`, {
      ...as(user),
      Timeout: "Infinite",
    }, lockInfo());
    statuses.push(got.status);
    if (got.status === 200) assertMatch(got.text, /<D:timeout>Second-10</);
  }
  assertEquals(statuses, [200, 200, 200, 503, 200, 200, 503]);
  const long = lockInfo("exclusive", "x".repeat(5000));
  assertEquals(await status(sharing, "LOCK /h", as("bob:2"), long), 400);
});

Deno.test("a lock belongs to the user who created it", async () => {
  const uploaders = new Map(["ann:1", "bob:2"].map((text) => parseUser(text)!));
  const auth = new BasicAuthenticator({ uploaders });
  await using sharing = await serve({ "a": "1" }, { more: { auth } });
  const as = (user: string): Fields => ({
    Authorization: `Basic ${btoa(user)}`,
  });
  const token = await lock(sharing, "/a", as("ann:1"));
  const submit = { If: `(${token})` };
  assertEquals(
    await status(sharing, "PUT /a", { ...as("bob:2"), ...submit }, "x"),
    423,
  );
  assertEquals(
    await status(sharing, "LOCK /a", { ...as("bob:2"), ...submit }),
    412,
  );
  const unlock = { ...as("bob:2"), "Lock-Token": token };
  assertEquals(await status(sharing, "UNLOCK /a", unlock), 403);
  assertEquals(
    await status(sharing, "PUT /a", { ...as("ann:1"), ...submit }, "x"),
    200,
  );
});

Deno.test("pages of other sites cannot use the methods that write", async () => {
  await using sharing = await serve({ "a": "1" });
  const others: Fields[] = [
    { Origin: "http://evil.example" },
    { "Sec-Fetch-Site": "cross-site" },
  ];
  for (const fields of others) {
    const rows: [line: string, body?: string][] = [
      ["LOCK /a", lockInfo()],
      ["UNLOCK /a"],
      ["PROPPATCH /a", patch("<set><prop><p:x/></prop></set>")],
      ["PUT /a", "x"],
      ["MKCOL /x"],
      ["DELETE /a"],
    ];
    for (const [line, body] of rows) {
      assertEquals(await status(sharing, line, fields, body), 403, line);
    }
  }
  assertEquals(await sharing.read("a"), "1");
});

Deno.test("hrefs and destinations have the prefix", async () => {
  await using sharing = await serve({ "d/a b": "1" }, {
    more: { prefix: "/files" },
  });
  const { text } = await send(sharing, "PROPFIND /files/d", { Depth: "1" });
  assertEquals(hrefs(text), ["/files/d/", "/files/d/a%20b"]);
  const move = (to: string) =>
    status(sharing, "MOVE /files/d/a%20b", { Destination: to });
  assertEquals(await move("/d/x"), 502);
  assertEquals(await move(`http://127.0.0.1:${sharing.port}/files/d/x`), 201);
});
