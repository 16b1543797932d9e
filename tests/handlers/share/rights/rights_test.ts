// Copyright 2026 the pystd authors. MIT license.

/** Rights on pages, in forms, and of several users at once. */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import {
  parseRule,
  parseRules,
  PathRights,
} from "../../../../handlers/share/rights/path_rights.ts";
import { SEPARATOR } from "../../../../files/paths.ts";
import {
  FILE_SYSTEM,
  ServedDirectory,
} from "../../../../files/served_directory.ts";
import { ShareHTTPRequestHandler } from "../../../../handlers/share.ts";
import { Archives } from "../../../../handlers/share/archive/archives.ts";
import { MemorySource } from "../../../../sources/memory.ts";
import { TestServer } from "../../../support/server.ts";
import { makeFiles } from "../../../support/tree.ts";
import { ask } from "../../../support/client.ts";
import { serveWithFlags, signedIn } from "../../../support/rights.ts";
import type { Sharing } from "../../../support/sharing.ts";

function serve(
  rules: readonly string[],
  ...more: string[]
): Promise<Sharing> {
  return serveWithFlags(
    { "d/a": "a", "d/b": "b", "d/eve/x": "x", "r/a": "a", "u/a": "a" },
    [
      "--manage",
      "--dav",
      "--auth=ann:secret",
      "--auth=eve:secret",
      ...rules.map((rule) => `--allow=${rule}`),
      ...more,
    ],
  );
}

const RULES = [
  "* / read",
  "ann /d manage",
  "eve /d/eve manage",
  "ann /u upload",
];

Deno.test("a page shows only what its reader may do", async () => {
  await using sharing = await serve(RULES);
  const table: [
    user: string,
    path: string,
    add: boolean,
    manage: boolean,
    signIn: boolean,
  ][] = [
    ["ann", "/d/", true, true, false],
    ["ann", "/u/", true, false, false],
    ["ann", "/r/", false, false, false],
    ["eve", "/u/", false, false, false],
    ["", "/r/", false, false, true],
  ];
  for (const [user, path, add, manage, signIn] of table) {
    const { status, text } = await sharing.fetch(path, {
      headers: { ...signedIn(user), Accept: "text/html" },
    });
    if (user === "eve") {
      assertEquals(status, 403);
      continue;
    }
    const has = (markup: string): boolean => text.includes(markup);
    assertEquals(
      [has('id="add"'), has('id="manage"'), has(">Sign in</button>")],
      [add, manage, signIn],
      `${user} ${path}`,
    );
    assertEquals(has('type="checkbox"'), manage, `${user} ${path}`);
  }
});

Deno.test("a listing that is kept is only for those with the same rights", async () => {
  await using sharing = await serve(RULES, "--fresh=600000");
  const past = new Date(Date.now() - 60_000);
  for (const path of ["share", "share/d"]) {
    await Deno.utime(sharing.tree.path(path), past, past);
  }
  const names = async (user: string, path: string): Promise<string> =>
    (await sharing.fetch(`${path}?format=text`, { headers: signedIn(user) }))
      .text;
  for (let turn = 0; turn < 2; turn++) {
    assertEquals(await names("ann", "/"), "d/\nr/\nu/\n");
    assertEquals(await names("", "/"), "r/\n");
    assertEquals(await names("eve", "/"), "r/\n");
    assertEquals(await names("ann", "/d/"), "a\nb\n");
  }
});

Deno.test("/?login asks a stranger for a password, and leads back", async () => {
  await using sharing = await serve(["eve / read", "ann /d read"]);
  const ask = (headers: Record<string, string>) =>
    sharing.fetch("/?login=/d/", { headers });
  assertEquals((await ask({})).status, 401);
  const { status, headers } = await ask(signedIn("ann"));
  assertEquals([status, headers.get("location")], [303, "./d/"]);
  assertEquals(
    (await sharing.fetch("/d/", { headers: signedIn("ann") })).status,
    200,
  );
});

function form(fields: [string, string][], user: string): RequestInit {
  return {
    method: "POST",
    body: new URLSearchParams(fields),
    headers: { ...signedIn(user), Accept: "text/html" },
  };
}

Deno.test("a form of several items changes only what the user may manage", async () => {
  await using sharing = await serve(RULES);
  const items: [string, string][] = [["item", "a"], ["item", "eve"]];
  const deleted = await sharing.fetch(
    "/d/?manage",
    form([["do", "delete"], ...items, ["sure", ""]], "ann"),
  );
  assertEquals(deleted.status, 403);
  assert(deleted.text.includes("1 of 2 items done"), deleted.text);
  assertEquals(await sharing.read("share/d/a"), undefined);
  assertEquals(await sharing.read("share/d/eve/x"), "x");
  const moved = await sharing.fetch(
    "/d/?manage",
    form([["do", "move"], ["item", "b"], ["to", "/r/"]], "ann"),
  );
  assertEquals(moved.status, 403);
  assertEquals(await sharing.read("share/d/b"), "b");
  for (const path of ["/r/?manage", "/u/?manage"]) {
    const { status } = await sharing.fetch(
      path,
      form([["do", "delete"], ["item", "a"], ["sure", ""]], "ann"),
    );
    assertEquals(status, 403, path);
  }
  assertEquals(await sharing.read("share/u/a"), "a");
});

Deno.test("the page that asks counts only what the user may read", async () => {
  await using sharing = await serve(RULES);
  const { text } = await sharing.fetch(
    "/?manage",
    form([["do", "size"], ["item", "d"]], "ann"),
  );
  // She may not upload to the root, so that its form is not hers.
  assert(!text.includes("1 folder"), text);
  const { text: inside } = await sharing.fetch(
    "/d/?manage",
    form([["do", "size"]], "ann"),
  );
  assert(inside.includes("a folder with 2 files, 2"), inside);
});

Deno.test("an uploaded form saves files only where the user may upload", async () => {
  await using sharing = await serve(RULES);
  const body = new FormData();
  body.append("file", new Blob(["new"]), "new");
  body.append("file", new Blob(["new"]), "eve/new");
  body.append("file", new Blob(["new"]), "EVE/new");
  body.append("mkdir", "eve/folder");
  const headers = { ...signedIn("ann"), Accept: "application/json" };
  const { status, text } = await sharing.fetch("/d/", {
    method: "POST",
    body,
    headers,
  });
  assertEquals(status, 403);
  const { saved, failed } = JSON.parse(text);
  assertEquals(saved.map(({ path }: { path: string }) => path), ["/d/new"]);
  assertEquals(
    failed.map(({ status }: { status: number }) => status),
    [403, 403, 403],
  );
  const list = sharing.list().filter((path) => /eve\/./i.test(path));
  assertEquals(list, ["share/d/eve/x"]);
});

Deno.test("an upload replaces a file only with the right to manage it", async () => {
  await using sharing = await serve(RULES);
  const put = async (path: string, user: string): Promise<number> => {
    const init = { method: "PUT", body: "new", headers: signedIn(user) };
    return (await sharing.fetch(path, init)).status;
  };
  assertEquals(await put("/u/a", "ann"), 409);
  assertEquals(await put("/u/new", "ann"), 201);
  assertEquals(await put("/d/a", "ann"), 200);
  await using replacing = await serve(RULES, "--overwrite");
  const init = { method: "PUT", body: "new", headers: signedIn("ann") };
  assertEquals((await replacing.fetch("/u/a", init)).status, 200);
});

Deno.test("a lock on somebody else's file does not show its path", async () => {
  await using sharing = await serve(RULES);
  const locked = await sharing.fetch("/d/eve/x", {
    method: "LOCK",
    headers: signedIn("eve"),
    body: '<lockinfo xmlns="DAV:"><lockscope><exclusive/></lockscope>' +
      "<locktype><write/></locktype></lockinfo>",
  });
  assertEquals(locked.status, 200);
  const { status } = await sharing.fetch("/d/", {
    method: "POST",
    headers: signedIn("ann"),
    body: new URLSearchParams({ mkdir: "new" }),
  });
  assertEquals(status, 201);
});

Deno.test("a user may manage a file whose folder is somebody else's", async () => {
  await using sharing = await serve(["eve / manage", "ann /d/a manage"]);
  const headers = signedIn("ann");
  const init = { method: "PUT", body: "new", headers };
  assertEquals((await sharing.fetch("/d/a", init)).status, 200);
  assertEquals((await sharing.fetch("/d/b", init)).status, 403);
  const { status } = await sharing.fetch("/d/a", { method: "DELETE", headers });
  assertEquals(status, 204);
});

Deno.test("what is reached through a link has the rights of its real place", async () => {
  await using sharing = await serveWithFlags(
    { "d/p/a": "a", "d/p/eve/x": "x", "a": "a" },
    [
      "--manage",
      "--dav",
      "--auth=ann:secret",
      "--auth=eve:secret",
      "--allow=ann / manage",
      "--allow=eve /d/p/eve manage",
    ],
    { "link": "d", "p": "d/p", "eve": "d/p/eve" },
  );
  const before = sharing.list();
  const headers = signedIn("ann");
  const body = (name: string) => {
    const form = new FormData();
    form.append("file", new Blob(["new"]), name);
    return form;
  };
  const table: [path: string, init: RequestInit, status: number][] = [
    ["/link/p/", { method: "DELETE" }, 404],
    ["/link/p/eve", { method: "DELETE" }, 404],
    ["/p/eve/x", { method: "DELETE" }, 404],
    ["/eve/x", { method: "PUT", body: "new" }, 409],
    ["/eve/new", { method: "PUT", body: "new" }, 409],
    ["/eve/new", { method: "MKCOL" }, 409],
    ["/eve/n/x?parents", { method: "PUT", body: "new" }, 409],
    ["/eve/", { method: "POST", body: body("new") }, 409],
    ["/eve/", { method: "POST", body: new URLSearchParams() }, 409],
    ["/p/", { method: "POST", body: body("eve/new") }, 409],
    ["/", { method: "POST", body: body("p/eve/new") }, 409],
    ["/", { method: "POST", body: body("eve/n/new") }, 409],
    ["/", {
      method: "POST",
      body: new URLSearchParams({ mkdir: "eve/new" }),
    }, 409],
    ["/link/p/", { method: "MOVE", headers: { Destination: "/new" } }, 404],
    ["/a", { method: "MOVE", headers: { Destination: "/link/p" } }, 409],
    ["/a", { method: "COPY", headers: { Destination: "/eve/new" } }, 409],
    ["/eve/x", { method: "COPY", headers: { Destination: "/new" } }, 404],
    ["/eve/x", { method: "PROPPATCH", body: "<a/>" }, 400],
    ["/eve/x", { method: "PROPFIND" }, 404],
    ["/eve/x", {
      method: "UNLOCK",
      headers: { "Lock-Token": "<urn:x>" },
    }, 409],
  ];
  for (const [path, init, status] of table) {
    const all = { ...init, headers: { ...headers, ...init.headers } };
    const answer = await sharing.fetch(path, all);
    assertEquals(answer.status, status, `${init.method} ${path}`);
    assertEquals(sharing.list(), before, `${init.method} ${path}`);
  }
  assertEquals(await sharing.read("share/d/p/eve/x"), "x");
});

Deno.test("a health check does not have the rights of the request before it", async () => {
  await using sharing = await serve(["eve / read"], "--health=/health");
  const request = (path: string, more = ""): string =>
    `GET ${path} HTTP/1.1\r\nHost: localhost\r\n` +
    `Authorization: ${signedIn("ann").Authorization}\r\n${more}\r\n`;
  const answers = await ask(
    sharing.port,
    request("/") + request("/health", "Connection: close\r\n"),
  );
  assertEquals(answers.map(({ status }) => status), [403, 200]);
});

Deno.test("without passwords, rules for everybody hold", async () => {
  await using sharing = await serveWithFlags(
    { "a": "a", "in/a": "a", "no/a": "a" },
    ["--upload", "--allow=* /in upload", "--allow=* / read"],
  );
  const statusOf = async (method: string, path: string): Promise<number> => {
    const body = method === "PUT" ? "new" : undefined;
    return (await sharing.fetch(path, { method, body })).status;
  };
  assertEquals(await statusOf("GET", "/a"), 200);
  assertEquals(await statusOf("PUT", "/new"), 403);
  assertEquals(await statusOf("PUT", "/in/new"), 201);
});

Deno.test("rules hold for a source", async () => {
  const source = new MemorySource({ "a/x": "a", "hush/x": "hush", "b": "b" });
  const rights = new PathRights({
    rules: ["* / read", "eve /hush read"].map(parseRule),
  });
  const archives = new Archives();
  const Handler = ShareHTTPRequestHandler.with({ source, rights, archives });
  await using server = new TestServer(Handler);
  const get = async (path: string): Promise<[number, string]> => {
    const response = await fetch(`http://127.0.0.1:${server.port}${path}`);
    return [response.status, await response.text()];
  };
  assertEquals(await get("/?format=text"), [200, "a/\nb\n"]);
  assertEquals((await get("/a/x"))[1], "a");
  assertEquals((await get("/hush/x"))[0], 403);
  assertEquals((await get("/hush/none"))[0], 403);
  for (const path of ["/?search=x&format=text", "/?archive=zip", "/?json"]) {
    const [status, text] = await get(path);
    assertEquals([status, text.includes("hush")], [200, false], path);
  }
});

Deno.test("parseRules reads one rule in each line", () => {
  const text = "\ufeff# rules\n\nann /a  read,upload\r\n  * /b c/ read # \n";
  let message = "";
  try {
    parseRules(text);
  } catch (error) {
    message = (error as Error).message;
  }
  assertEquals(
    message,
    'Line 4: Unknown right "#": expected one of read, upload, manage',
  );
  assertEquals(parseRules(text.replace(" # ", "")), [
    { user: "ann", path: "/a", rights: ["read", "upload"], line: 3 },
    { user: "*", path: "/b c", rights: ["read"], line: 4 },
  ]);
});

Deno.test("parseRule rejects what is no rule", () => {
  const table: [text: string, message: RegExp][] = [
    ["", /Expected "USER PATH RIGHTS"/],
    ["ann", /Expected "USER PATH RIGHTS"/],
    ["ann read", /Expected "USER PATH RIGHTS"/],
    ["ann photos read", /absolute path/],
    ["ann /a", /Expected "USER PATH RIGHTS"/],
    ["ann /a write", /Unknown right "write"/],
    ["ann /a read,", /Unknown right ""/],
    ["ann /a Read", /Unknown right "Read"/],
    ["ann /a/../b read", /without "\.", "\.\." and empty names/],
    ["ann /.. read", /without/],
    ["ann /a/./b read", /without/],
    ["ann //a read", /without/],
    ["ann /a\u0001 read", /without/],
  ];
  for (const [text, message] of table) {
    let error: unknown;
    try {
      parseRule(text);
    } catch (caught) {
      error = caught;
    }
    assert(error instanceof SyntaxError, text);
    assert(message.test(error.message), error.message);
  }
});

Deno.test("PathRights: the rule with the longest path decides", () => {
  const rules = [
    "* /pub read",
    "ann /pub/ann manage",
    "eve /pub/ann read",
    "ann /a/b read",
    "ann /a/b upload",
    "eve /Docs read",
    "ann /docs read",
  ].map(parseRule);
  const rights = new PathRights({ rules });
  const level = (user: string | undefined, path: string): number => {
    const below = path.replaceAll("/", SEPARATOR).replace(/[/\\]$/, "");
    const access = rights.accessOf(user);
    const all = ["read", "upload", "manage"] as const;
    return all.filter((right) => access.may(right, below)).length;
  };
  const table: [user: string | undefined, path: string, level: number][] = [
    ["ann", "/pub", 1],
    ["ann", "/pub/x/y", 1],
    ["ann", "/pub/ann", 3],
    ["ann", "/pub/ann/x", 3],
    // Whole names: this is another folder.
    ["eve", "/pub/anna", 1],
    ["eve", "/pub/ann/x", 1],
    [undefined, "/pub", 1],
    [undefined, "/pub/ann", 0],
    ["zoe", "/pub/ann", 0],
    ["zoe", "/pub/x", 1],
    ["ann", "/a/b", 2],
    ["zoe", "/a/b", 0],
    // No rule names these.
    ["ann", "/a", 3],
    ["ann", "/", 3],
    ["zoe", "/elsewhere", 3],
    [undefined, "/elsewhere", 0],
    [undefined, "/", 0],
    // Case-insensitive file systems: perhaps another spelling of a named path.
    ["ann", "/PUB/x", 0],
    ["ann", "/A/b", 0],
    ["ann", "/p\u00fcb", 3],
    ["ann", "/pub/ANN/x", 0],
    ["ann", "/docs/x", 1],
    ["ann", "/Docs/x", 0],
    ["eve", "/Docs/x", 1],
    ["eve", "/DOCS/x", 0],
  ];
  for (const [user, path, wanted] of table) {
    assertEquals(level(user, path), wanted, `${user} ${path}`);
  }
  const all = (user: string, path: string): boolean =>
    rights.accessOf(user).mayAll("manage", path.replaceAll("/", SEPARATOR));
  assertEquals(all("ann", "/pub/ann"), true);
  assertEquals(all("ann", "/a"), false);
  assertEquals(all("ann", ""), false);
  assertEquals(all("zoe", "/elsewhere"), true);
});

Deno.test("a file system that ignores case gives no rights by another spelling", async () => {
  await using tree = await makeFiles({ "hush/x.txt": "hush", "a/x.txt": "a" });
  const stored = (path: string): string =>
    tree.root + path.slice(tree.root.length).toLowerCase();
  // macOS and Windows tell how a name is stored, Linux repeats what is asked.
  const realPaths = [
    (path: string) => Deno.realPathSync(stored(path)),
    (path: string) => (Deno.realPathSync(stored(path)), path),
  ];
  const rights = new PathRights({ rules: [parseRule("eve /hush read")] });
  for (const realPath of realPaths) {
    const served = new ServedDirectory(tree.root, {}, {
      ...FILE_SYSTEM,
      realPath,
      lstat: (path) => Deno.lstatSync(stored(path)),
      mayExist: undefined,
    });
    const kindFor = (user: string, path: string): string =>
      served.restrictedTo(rights.accessOf(user).mayRead)
        .locate(tree.root + path).kind;
    assertEquals(kindFor("ann", "/A/X.TXT"), "file");
    assertEquals(kindFor("eve", "/hush/x.txt"), "file");
    for (const path of ["/hush/x.txt", "/HUSH/x.txt", "/Hush/X.txt", "/HUSH"]) {
      assertEquals(kindFor("ann", path), "missing", path);
    }
  }
});
