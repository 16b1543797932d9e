// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { ShareHTTPRequestHandler } from "../../../../handlers/share.ts";
import { Archives } from "../../../../handlers/share/archive/archives.ts";
import { BasicAuthenticator } from "../../../../handlers/share/auth/basic_authenticator.ts";
import { plainVerifier } from "../../../../handlers/share/auth/passwords.ts";
import { WebDAV } from "../../../../handlers/share/dav/webdav.ts";
import { LinkTokens } from "../../../../handlers/share/link/link_token.ts";
import { SignedLinks } from "../../../../handlers/share/link/signed_links.ts";
import { Management } from "../../../../handlers/share/manage/management.ts";
import { parseRule } from "../../../../handlers/share/rights/rules.ts";
import { PathRights } from "../../../../handlers/share/rights/path_rights.ts";
import { Uploads } from "../../../../handlers/share/upload/uploads.ts";
import type { ShareOptions } from "../../../../handlers/share/options.ts";
import { ask, RawClient } from "../../../support/client.ts";
import { signedIn } from "../../../support/rights.ts";
import {
  serveFiles,
  serveTree,
  type Sharing,
} from "../../../support/sharing.ts";
import { TestServer } from "../../../support/server.ts";
import { makeFiles } from "../../../support/tree.ts";

const KEY = new Uint8Array(32).fill(7);
const HOUR = 60 * 60 * 1000;

/** Everything but the linked folder has this in its names and texts. */
const MARK = "hush";

/** A server with all features, and its links. */
class Site implements AsyncDisposable {
  constructor(readonly links: SignedLinks, readonly sharing: Sharing) {}

  /** Makes a link that the operator, or a user, might give to others. */
  link(path: string, end = Date.now() + HOUR, maker?: string): Promise<string> {
    const names = path.split("/").filter(Boolean);
    return this.links.sign(names, { isFolder: path.endsWith("/"), end, maker });
  }

  /** Returns the status and the text of a response. */
  async get(
    path: string,
    headers: Record<string, string> = {},
    method = "GET",
  ): Promise<[number, string]> {
    const { status, text } = await this.sharing.fetch(path, {
      method,
      headers: { Accept: "text/plain", ...headers },
    });
    return [status, text];
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.sharing[Symbol.asyncDispose]();
  }
}

async function serve(
  rules: readonly string[] = [],
  more: ShareOptions = {},
): Promise<Site> {
  const tree = await makeFiles({
    "a/x.txt": "x",
    "a/b/y.txt": "y",
    "a/.z": MARK,
    "hush/x.txt": MARK,
    "hush.txt": MARK,
    "cafe\u0301/x": "x",
  });
  await Deno.symlink("../hush", tree.path("a/out"));
  await Deno.symlink("../hush.txt", tree.path("a/out.txt"));
  await Deno.symlink("a", tree.path("link"));
  const users = new Map(
    ["ann", "eve"].map((user) => [user, plainVerifier("secret")]),
  );
  const rights = rules.length === 0
    ? undefined
    : new PathRights({ rules: rules.map(parseRule) });
  const links = new SignedLinks({ key: KEY, rights });
  const uploads = new Uploads(tree.root, { overwrite: true });
  const manage = new Management(uploads);
  return new Site(
    links,
    serveTree(tree, {
      dotfiles: false,
      auth: new BasicAuthenticator({ users, optional: rights !== undefined }),
      rights,
      links,
      uploads,
      manage,
      dav: new WebDAV({ uploads, manage }),
      archives: new Archives(),
      ...more,
    }),
  );
}

Deno.test("a link opens a folder and all below it, and nothing else", async () => {
  await using site = await serve();
  const link = await site.link("/a/");
  const token = link.slice(link.indexOf("?"));
  const table: [path: string, status: number][] = [
    ["/a/", 200],
    ["/a", 301],
    ["/a/x.txt", 200],
    ["/a/b/", 200],
    ["/a/b/y.txt", 200],
    ["/a/b/../x.txt", 200],
    ["/%61/x.txt", 200],
    ["//a//x.txt", 200],
    ["/a/none", 404],
    ["/a/.z", 404],
    ["/a/out", 404],
    ["/a/out/", 404],
    ["/a/out/x.txt", 404],
    ["/a/out.txt", 404],
    ["/", 403],
    ["/hush/", 403],
    ["/hush/x.txt", 403],
    ["/hush/none", 403],
    ["/hush.txt", 403],
    ["/a/../hush.txt", 403],
    ["/a/%2e%2e/hush.txt", 403],
    ["/a/..%2fhush.txt", 403],
    ["/a%2f..%2fhush.txt", 403],
    ["/A/x.txt", 403],
    ["/aa/", 403],
    ["/link/x.txt", 403],
    ["/a%00/x", 403],
  ];
  for (const [path, status] of table) {
    for (const method of ["GET", "HEAD"]) {
      const [answer] = await ask(
        site.sharing.port,
        `${method} ${path}${token} HTTP/1.1\r\nHost: localhost\r\n` +
          "Connection: close\r\n\r\n",
      );
      assertEquals(answer.status, status, `${method} ${path}`);
      assert(!answer.body.includes(MARK), path);
    }
  }
});

Deno.test("a link to a file opens only that file", async () => {
  await using site = await serve();
  const link = await site.link("/a/x.txt");
  const token = link.slice(link.indexOf("?"));
  assertEquals(await site.get(link), [200, "x"]);
  assertEquals((await site.get(link, { Range: "bytes=0-0" }))[0], 206);
  const view = `${link.replace("?", "?view&")}`;
  assertEquals((await site.get(view, { Accept: "text/html" }))[0], 200);
  for (const path of ["/a/", "/a", "/", "/a/b/y.txt", "/a/x.txt/y", "/x.txt"]) {
    assertEquals((await site.get(path + token))[0], 403, path);
  }
});

Deno.test("a link shows, finds and packs only what it opens", async () => {
  await using site = await serve();
  const link = await site.link("/a/");
  const asked = [
    "&format=json",
    "&format=text",
    "&search=x",
    "&archive=zip",
    "&json",
    "&zip",
    "&grid",
  ];
  for (const query of asked) {
    const [status, text] = await site.get(link + query, {
      Accept: "text/html",
    });
    assertEquals(status, 200, query);
    assert(!text.includes(MARK) && text.includes("x.txt"), query + text);
  }
  const headers = { Depth: "1" };
  const [status, text] = await site.get(link, headers, "PROPFIND");
  assertEquals([status, text.includes(MARK)], [207, false]);
});

Deno.test("a link never writes", async () => {
  await using site = await serve();
  const link = await site.link("/a/");
  const before = site.sharing.list();
  const token = link.slice(link.indexOf("?"));
  const cookie = await cookieOf(site, link);
  const methods = ["PUT", "POST", "MKCOL", "DELETE", "MOVE", "COPY"];
  for (const method of [...methods, "LOCK", "UNLOCK", "PROPPATCH", "SPAM"]) {
    for (const path of ["/a/x.txt", "/a/new", "/a/b/"]) {
      const headers = { Destination: "/a/new" };
      assertEquals((await site.get(path + token, headers, method))[0], 401);
      const [status] = await site.get(path, { ...headers, cookie }, method);
      assertEquals(status, 401, `${method} ${path}`);
    }
  }
  assertEquals(site.sharing.list(), before);
  const { headers } = await site.sharing.fetch(link, { method: "OPTIONS" });
  assertEquals(headers.get("allow"), "GET, HEAD, OPTIONS, PROPFIND");
  const { text } = await site.sharing.fetch(link, {
    headers: { Accept: "text/html" },
  });
  assert(!/id="add"|id="manage"|name="share"|Sign in/.test(text), text);
});

/** Returns the cookie that a link sets. */
async function cookieOf(site: Site, link: string): Promise<string> {
  const { headers } = await site.sharing.fetch(link);
  return headers.get("set-cookie")!.split(";")[0];
}

Deno.test("the cookie of a link opens the same, and only for its folder", async () => {
  await using site = await serve();
  const link = await site.link("/a/");
  const { headers } = await site.sharing.fetch(link);
  const [cookie, ...attributes] = headers.get("set-cookie")!.split("; ");
  assertEquals(attributes.slice(1), ["HttpOnly", "SameSite=Strict"]);
  const age = Number(attributes[0].replace("Max-Age=", ""));
  assert(age > 3590 && age <= 3600, attributes[0]);
  const table: [path: string, status: number][] = [
    ["/a/", 200],
    ["/a/b/y.txt", 200],
    ["/a/out/", 404],
    ["/", 401],
    ["/hush/x.txt", 401],
    ["/hush/none", 401],
  ];
  for (const [path, status] of table) {
    assertEquals((await site.get(path, { cookie }))[0], status, path);
    const many = `other=1; link-bad=x; ${cookie}`;
    assertEquals((await site.get(path, { cookie: many }))[0], status, path);
  }
  // A browser takes it for the folder of the request, which must not be above.
  for (const path of ["/a", "/a/x.txt"]) {
    const { headers } = await site.sharing.fetch(
      path + link.slice(link.indexOf("?")),
    );
    assertEquals(headers.has("set-cookie"), path === "/a/x.txt", path);
  }
  const file = await site.link("/a/x.txt");
  const got = await site.sharing.fetch(file);
  assertEquals(got.headers.has("set-cookie"), false);
});

Deno.test("the cookie of a link over HTTPS is for HTTPS alone", async () => {
  await using tree = await makeFiles({ "a/x": "x" });
  class Handler extends ShareHTTPRequestHandler {
    static override trustedProxies = ["127.0.0.1"];
  }
  const links = new SignedLinks({ key: KEY });
  const Bound = Handler.with({ directory: tree.root, links });
  await using server = new TestServer(Bound);
  const end = Date.now() + HOUR;
  const link = await links.sign(["a"], { isFolder: true, end });
  for (const scheme of ["https", "http"]) {
    const response = await fetch(`http://127.0.0.1:${server.port}${link}`, {
      headers: { "X-Forwarded-Proto": scheme, "X-Forwarded-For": "192.0.2.1" },
    });
    await response.body?.cancel();
    const cookie = response.headers.get("set-cookie")!;
    assertEquals(cookie.endsWith("; Secure"), scheme === "https", cookie);
  }
});

Deno.test("responses to a link stay in the browser", async () => {
  await using site = await serve([], { cacheControl: "max-age=60" });
  const link = await site.link("/a/");
  const cookie = await cookieOf(site, link);
  for (
    const [path, headers] of [[link, {}], ["/a/x.txt", { cookie }]] as const
  ) {
    const got = await site.sharing.fetch(path, {
      headers: { ...headers, Accept: "text/html" },
    });
    assertEquals(got.headers.get("referrer-policy"), "same-origin", path);
    assert(got.headers.get("cache-control")!.endsWith("private"), path);
  }
});

Deno.test("a changed token opens nothing", async () => {
  await using site = await serve();
  const link = await site.link("/a/", Date.now() + HOUR, "ann");
  const [path, token] = link.split("?link=");
  const [kind, end, maker, signature] = token.split(".");
  const later = (Number.parseInt(end, 36) + 1).toString(36);
  const changed = [
    ["f1", end, maker, signature],
    ["d0", end, maker, signature],
    ["d2", end, maker, signature],
    ["d01", end, maker, signature],
    ["D1", end, maker, signature],
    [kind, later, maker, signature],
    [kind, `0${end}`, maker, signature],
    [kind, end.toUpperCase(), maker, signature],
    [kind, end, "", signature],
    [kind, end, btoa("eve").replaceAll("=", ""), signature],
    [kind, end, `${maker}=`, signature],
    [kind, end, maker, ""],
    [kind, end, maker, signature.slice(1)],
    [kind, end, maker, `${signature}A`],
    [kind, end, maker, signature.replace(/.$/, (last) => next(last))],
    [kind, end, maker, signature.replace(/^./, (first) => next(first))],
    [kind, end, maker],
    ["x"],
    [""],
  ].map((parts) => parts.join("."));
  const body = "403 This link is not valid\n";
  for (const token of changed) {
    assertEquals(await site.get(`${path}?link=${token}`), [403, body], token);
    const cookie = `link-x=${token}`;
    assertEquals((await site.get(path, { cookie }))[0], 401, token);
    // It is the same whether the path exists.
    const missing = await site.get(`/none?link=${token}`);
    assertEquals(missing, [403, body], token);
  }
  for (const character of token.replaceAll(".", "")) {
    const other = token.replace(character, next(character));
    assertEquals((await site.get(`${path}?link=${other}`))[0], 403, other);
  }
});

/** Another character that a token may have. */
function next(character: string): string {
  return character === "A" ? "B" : "A";
}

Deno.test("a link that has ended opens nothing", async () => {
  await using site = await serve();
  const ended = await site.link("/a/", Date.now() - 1000);
  const page = "403 This link has ended\n";
  assertEquals(await site.get(ended), [403, page]);
  const none = await site.link("/none/", Date.now() - 1000);
  assertEquals(await site.get(none), [403, page]);
  const cookie = `link-x=${ended.split("?link=")[1]}`;
  assertEquals((await site.get("/a/", { cookie }))[0], 401);
  const { text } = await site.sharing.fetch(ended, {
    headers: { Accept: "text/html" },
  });
  assert(text.includes("<h1>403: This link has ended</h1>"), text);
});

Deno.test("another key revokes links, the same one keeps them", async () => {
  await using site = await serve();
  const names = ["a"];
  const options = { isFolder: true, end: Date.now() + HOUR };
  const same = new SignedLinks({ key: KEY });
  assertEquals((await site.get(await same.sign(names, options)))[0], 200);
  const other = new SignedLinks({ key: new Uint8Array(32).fill(8) });
  assertEquals((await site.get(await other.sign(names, options)))[0], 403);
  assertThrows(
    () => new SignedLinks({ key: new Uint8Array(31) }),
    RangeError,
    "at least 32",
  );
});

Deno.test("a link of a user is bounded by the user's rights", async () => {
  await using site = await serve([
    "ann / read",
    "eve /a/b read",
    "eve /hush read",
  ]);
  const end = Date.now() + HOUR;
  const ann = await site.link("/a/", end, "ann");
  const token = ann.slice(ann.indexOf("?"));
  assertEquals(await site.get(`${ann}&format=text`), [200, "x.txt\n"]);
  assertEquals((await site.get(`/a/x.txt${token}`))[0], 200);
  assertEquals((await site.get(`/a/b/y.txt${token}`))[0], 403);
  assertEquals((await site.get(`/a/b/none${token}`))[0], 403);
  const eve = await site.link("/a/b/y.txt", end, "eve");
  assertEquals((await site.get(eve))[0], 200);
  // The operator's link has no such bound.
  const all = await site.link("/a/b/y.txt", end);
  assertEquals((await site.get(all))[0], 200);
  const zoe = await site.link("/a/b/y.txt", end, "zoe");
  assertEquals((await site.get(zoe))[0], 403);
});

Deno.test("a link adds to the rights of a user who has signed in", async () => {
  await using site = await serve(["ann / manage", "eve /hush read"]);
  const link = await site.link("/a/");
  const token = link.slice(link.indexOf("?"));
  const eve = signedIn("eve");
  assertEquals((await site.get("/a/x.txt", eve))[0], 403);
  assertEquals((await site.get(`/a/x.txt${token}`, eve))[0], 200);
  assertEquals((await site.get("/hush/x.txt", eve))[0], 200);
  const put = await site.get(`/a/x.txt${token}`, eve, "DELETE");
  assertEquals(put[0], 403);
  const wrong = { Authorization: `Basic ${btoa("eve:wrong")}` };
  assertEquals((await site.get(`/a/x.txt${token}`, wrong))[0], 401);
  await using open = await serve();
  const other = await open.link("/a/");
  const { text } = await open.sharing.fetch(other, {
    headers: { ...signedIn("ann"), Accept: "text/html" },
  });
  assert(text.includes('id="manage"'), text);
});

Deno.test("?share makes a link for a user, and for nobody else", async () => {
  await using site = await serve(["ann / read", "eve /a/b read"]);
  const ann = { ...signedIn("ann"), Accept: "application/json" };
  const [status, text] = await site.get("/a/?share=1h", ann);
  assertEquals(status, 200);
  const { link, until } = JSON.parse(text);
  const left = new Date(until).getTime() - Date.now();
  assert(left > HOUR - 60_000 && left <= HOUR, until);
  assertEquals(await site.get(`${link}&format=text`), [200, "x.txt\n"]);
  const table: [path: string, headers: Record<string, string>, number][] = [
    ["/a/?share=1h", {}, 401],
    [`${link}&share=30d`, {}, 401],
    ["/a/b/?share=1h", ann, 403],
    ["/a/none?share=1h", ann, 404],
    ["/a/out/?share=1h", ann, 200],
    ["/a/b?share=1h", signedIn("eve"), 301],
    ["/a/?share=1y", ann, 400],
    ["/a/?share=0h", ann, 400],
    ["/a/?share=%", ann, 400],
    ["/a/?share=367d", ann, 400],
    ["/a/?share=366d", ann, 200],
    ["/a/?share", ann, 200],
    ["/a/?share=1h", { ...ann, "Sec-Fetch-Site": "cross-site" }, 403],
  ];
  for (const [path, headers, wanted] of table) {
    assertEquals((await site.get(path, headers))[0], wanted, path);
  }
});

Deno.test("a page offers links only to users who have signed in", async () => {
  await using site = await serve(["* / read", "ann / read"]);
  for (const [user, offers] of [["ann", true], ["", false]] as const) {
    for (const path of ["/a/", "/a/x.txt?view"]) {
      const { text } = await site.sharing.fetch(path, {
        headers: { ...signedIn(user), Accept: "text/html" },
      });
      assertEquals(text.includes('name="share"'), offers, `${user} ${path}`);
    }
  }
});

Deno.test("a listing that is kept offers links only to users", async () => {
  await using tree = await makeFiles({ "a/x": "x" });
  class Handler extends ShareHTTPRequestHandler {
    static override freshFor = 600_000;
  }
  const past = new Date(Date.now() - 60_000);
  await Deno.utime(tree.path("a"), past, past);
  const uploaders = new Map([["ann", plainVerifier("secret")]]);
  await using server = new TestServer(Handler.with({
    directory: tree.root,
    auth: new BasicAuthenticator({ uploaders }),
    links: new SignedLinks({ key: KEY }),
  }));
  for (const user of ["ann", "", "ann", ""]) {
    const response = await fetch(`http://127.0.0.1:${server.port}/a/`, {
      headers: { ...signedIn(user), Accept: "text/html" },
    });
    const text = await response.text();
    assertEquals(text.includes('name="share"'), user === "ann", user);
  }
});

Deno.test("links work under a prefix, and in other Unicode forms", async () => {
  await using site = await serve([], { prefix: "/files" });
  const link = await site.link("/caf\u00e9/");
  assertEquals(await site.get(`/files${link}&format=text`), [200, "x\n"]);
  const other = link.replace("%C3%A9", "e%CC%81");
  assertEquals(await site.get(`/files${other}&format=text`), [200, "x\n"]);
  const headers = { ...signedIn("ann"), Accept: "text/plain" };
  const [, text] = await site.get("/files/a/x.txt?share=1h", headers);
  assertEquals(text.startsWith("/files/a/x.txt?link="), true);
  assertEquals(await site.get(text.trim()), [200, "x"]);
});

Deno.test("the log does not have tokens", async () => {
  for (const logFormat of ["python", "combined", "json"] as const) {
    await using site = await serve([], { logFormat });
    const link = await site.link("/a/");
    const url = `http://127.0.0.1:${site.sharing.port}${link}`;
    await using client = await RawClient.connect(site.sharing.port);
    await client.send(
      `GET ${link}&sort=size HTTP/1.1\r\nHost: localhost\r\nReferer: ${url}\r\n` +
        "Connection: close\r\n\r\n",
    );
    const lines = () => site.sharing.server.log(client.localPort).join();
    assert(await client.waitFor(() => lines() !== ""), logFormat);
    assert(lines().includes("/a/?link=...&sort=size"), lines());
    assert(!lines().includes(link.split("?link=")[1]), lines());
  }
});

Deno.test("a link does not open a folder through links of the file system", async () => {
  await using site = await serve();
  // The path of the link leads through one, but nothing below it does.
  const link = await site.link("/link/");
  const token = link.slice(link.indexOf("?"));
  assertEquals((await site.get(`/link/x.txt${token}`))[0], 200);
  assertEquals((await site.get(`/link/out/x.txt${token}`))[0], 404);
  assertEquals((await site.get(`/a/x.txt${token}`))[0], 403);
  // Where it leads when it is used counts.
  await Deno.remove(site.sharing.tree.path("link"));
  await Deno.symlink("/etc", site.sharing.tree.path("link"));
  assertEquals((await site.get(`/link/passwd${token}`))[0], 404);
});

Deno.test("LinkTokens: there is one token for a target", async () => {
  const tokens = new LinkTokens(KEY);
  const target = {
    names: ["a", "b"],
    isFolder: true,
    end: 1,
    maker: "a\u00e9",
  };
  const token = await tokens.sign(target);
  assertEquals(await tokens.verify(token, ["a", "b", "c"]), target);
  for (const names of [["a"], ["a/b"], ["a", "c"], ["b", "a"], [], ["a\nb"]]) {
    assertEquals(await tokens.verify(token, names), undefined, names.join());
  }
  assertEquals(
    await new LinkTokens(KEY).verify(token, ["a", "b"]),
    target,
  );
});

Deno.test("ShareHTTPRequestHandler ignores ?link without the option", async () => {
  await using sharing = await serveFiles({ "a": "a" });
  assertEquals((await sharing.fetch("/a?link=x")).status, 200);
  assert(ShareHTTPRequestHandler.optionNames.includes("links"));
});
