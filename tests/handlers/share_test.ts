// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import {
  ShareHTTPRequestHandler,
  type ShareOptions,
} from "../../handlers/share.ts";
import { Uploads } from "../../handlers/share/upload/uploads.ts";
import { field } from "../support/answers.ts";
import { ask, RawClient } from "../support/client.ts";
import { req } from "../support/rfc.ts";
import { TestServer } from "../support/server.ts";
import { get, serveFiles, serveTree } from "../support/sharing.ts";
import { makeFiles } from "../support/tree.ts";

Deno.test("ShareHTTPRequestHandler keeps the connection after a 404", async () => {
  await using site = await serveFiles({ "a.txt": "alpha" });
  const [missing, found] = await ask(
    site.port,
    get("/none") + get("/a.txt"),
  );
  assertEquals([missing.status, found.status], [404, 200]);
  assertEquals(field(missing, "connection"), undefined);
  assertEquals(found.body, "alpha");
});

Deno.test("ShareHTTPRequestHandler closes after an error with an unread body", async () => {
  await using site = await serveFiles({});
  const [answer] = await ask(
    site.port,
    "GET /none HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\n\r\n",
    { pause_ms: 20 },
    "12345",
  );
  assertEquals(answer.status, 404);
  assertEquals(field(answer, "connection"), "close");
});

Deno.test("ShareHTTPRequestHandler answers errors in the client's form", async () => {
  await using site = await serveFiles({});
  const cases: [accept: string | undefined, type: string, body: RegExp][] = [
    [undefined, "text/plain; charset=utf-8", /^404 File not found\n$/],
    ["*/*", "text/plain; charset=utf-8", /^404 File not found\n$/],
    ["text/html,*/*;q=0.8", "text/html;charset=utf-8", /<h1>404: File not/],
    [
      "application/json",
      "application/json; charset=utf-8",
      /^\{"error":\{"status":404,"message":"File not found"\}\}\n$/,
    ],
    ["image/png", "text/plain; charset=utf-8", /^404 File not found\n$/],
  ];
  for (const [accept, type, body] of cases) {
    const [answer] = await ask(
      site.port,
      get("/<b>x", ...(accept === undefined ? [] : [`Accept: ${accept}`])),
    );
    assertEquals(answer.status, 404);
    assertEquals(field(answer, "content-type"), type, accept);
    assertMatch(answer.body, body);
    assert(!answer.body.includes("<b>"));
    const policy = field(answer, "content-security-policy");
    assertEquals(policy !== undefined, type.startsWith("text/html"));
  }
});

Deno.test("ShareHTTPRequestHandler says that text is UTF-8, and not to guess", async () => {
  await using site = await serveFiles({
    "a.txt": "",
    "a.html": "",
    "a.js": "",
    "a.json": "",
    "a.png": "",
  });
  const cases = [
    ["/a.txt", "text/plain; charset=utf-8"],
    ["/a.html", "text/html; charset=utf-8"],
    ["/a.js", "text/javascript; charset=utf-8"],
    ["/a.json", "application/json"],
    ["/a.png", "image/png"],
  ];
  for (const [path, type] of cases) {
    const [answer] = await ask(site.port, get(path));
    assertEquals(field(answer, "content-type"), type);
    assertEquals(field(answer, "x-content-type-options"), "nosniff");
    assertEquals(field(answer, "cache-control"), "no-cache");
  }
});

Deno.test("ShareHTTPRequestHandler sends cacheControl with files only", async () => {
  await using site = await serveFiles({ "a.txt": "a", "404.html": "no" }, {
    cacheControl: "max-age=60",
  });
  const etag = '"1-x"';
  const [found] = await ask(site.port, get("/a.txt"));
  const [same] = await ask(
    site.port,
    get("/a.txt", `If-None-Match: ${field(found, "etag") ?? etag}`),
  );
  const [missing] = await ask(site.port, get("/b"));
  const [list] = await ask(site.port, get("/"));
  assertEquals([found.status, same.status, missing.status, list.status], [
    200,
    304,
    404,
    200,
  ]);
  assertEquals(field(found, "cache-control"), "max-age=60");
  assertEquals(field(same, "cache-control"), "max-age=60");
  assertEquals(field(missing, "cache-control"), undefined);
  assertEquals(field(list, "cache-control"), "no-cache");
});

Deno.test("ShareHTTPRequestHandler sends 404.html with 404", async () => {
  await using site = await serveFiles({ "404.html": "<p>Lost</p>" });
  const [answer, again] = await ask(site.port, get("/x/y") + get("/z"));
  assertEquals([answer.status, answer.body], [404, "<p>Lost</p>"]);
  assertEquals([again.status, again.body], [404, "<p>Lost</p>"]);
});

Deno.test("ShareHTTPRequestHandler with spa sends its page to clients that accept HTML", async () => {
  await using site = await serveFiles({ "index.html": "app", "a.js": "1" }, {
    spa: true,
  });
  const page = "Accept: text/html,application/xhtml+xml,*/*;q=0.8";
  const cases: [string, string, number, string][] = [
    ["/", page, 200, "app"],
    ["/settings/profile", page, 200, "app"],
    ["/missing.js", "Accept: */*", 404, "404 File not found\n"],
    ["/missing.png", "Accept: image/avif,image/*", 404, "404 File not found\n"],
    ["/a.js", "Accept: */*", 200, "1"],
  ];
  for (const [path, accept, status, body] of cases) {
    const [answer] = await ask(site.port, get(path, accept));
    assertEquals([answer.status, answer.body], [status, body], path);
  }
});

Deno.test("ShareHTTPRequestHandler with cleanUrls hides .html", async () => {
  await using site = await serveFiles({
    "index.html": "home",
    "about.html": "about",
    "both.html": "file",
    "both/index.html": "folder",
    "sub/index.html": "sub",
    ".secret.html": "no",
    "\\evil.html": "x",
  }, { cleanUrls: true, dotfiles: false });
  const cases: [string, number, string][] = [
    ["/about", 200, "about"],
    ["/about?x=1", 200, "about"],
    ["/about.html", 301, "/about"],
    ["/about.html?x=1&y", 301, "/about?x=1&y"],
    ["/index.html", 301, "/"],
    ["/sub/index.html?a", 301, "/sub/?a"],
    ["/both", 301, "/both/"],
    ["/both.html", 200, "file"],
    ["/about/", 404, ""],
    ["/missing.html", 404, ""],
    ["/.secret.html", 404, ""],
    ["/.secret", 404, ""],
    ["/%5Cevil.html", 301, "/%5Cevil"],
  ];
  for (const [path, status, wanted] of cases) {
    const [answer] = await ask(site.port, get(path));
    assertEquals(answer.status, status, path);
    if (status === 200) assertEquals(answer.body, wanted, path);
    if (status !== 301) continue;
    const location = field(answer, "location")!;
    assert(location.startsWith("./"), location);
    const { pathname, search } = new URL(location, `http://a.example${path}`);
    assertEquals(pathname + search, wanted, path);
  }
});

Deno.test("ShareHTTPRequestHandler answers preflights before authentication", async () => {
  const auth = { handle: () => Promise.reject(new Error("Not to be asked")) };
  for (const cors of [true, "https://example.com"]) {
    await using site = await serveFiles({ "a.txt": "a" }, { cors, auth });
    const [answer] = await ask(
      site.port,
      get(
        "/a.txt",
        "Origin: https://example.com",
        "Access-Control-Request-Method: GET",
        "Access-Control-Request-Headers: range, x-a",
      ).replace("GET", "OPTIONS"),
    );
    assertEquals(answer.status, 204);
    const origin = cors === true ? "*" : cors;
    assertEquals(field(answer, "access-control-allow-origin"), origin);
    assertEquals(field(answer, "access-control-allow-headers"), "range, x-a");
    assertEquals(
      field(answer, "access-control-allow-methods"),
      "GET, HEAD, OPTIONS",
    );
    // Without a max age browsers would send a preflight with every upload.
    assertEquals(field(answer, "access-control-max-age"), "86400");
  }
  await using site = await serveFiles({}, {});
  const [answer] = await ask(
    site.port,
    "OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n",
  );
  assertEquals(answer.status, 204);
  assertEquals(field(answer, "access-control-allow-origin"), undefined);
});

Deno.test("ShareHTTPRequestHandler passes requests to features first, in order", async () => {
  const asked: string[] = [];
  const feature = (name: string, answers: boolean) => ({
    formats: [],
    accepts: () => false,
    handle: async (handler: { user: string | undefined }) => {
      await Promise.resolve();
      asked.push(`${name} ${handler.user}`);
      handler.user = "ann";
      return answers;
    },
  });
  await using site = await serveFiles({ "a.txt": "alpha" }, {
    auth: feature("auth", false),
    uploads: feature("uploads", false),
    archives: feature("archives", false),
  });
  const [answer, other] = await ask(
    site.port,
    get("/a.txt") + "BREW / HTTP/1.1\r\nHost: x\r\n\r\n",
  );
  assertEquals([answer.status, answer.body], [200, "alpha"]);
  assertEquals(other.status, 501);
  assertEquals(asked, [
    "auth undefined",
    "uploads ann",
    "archives ann",
    "auth undefined",
    "uploads ann",
    "archives ann",
  ]);
});

Deno.test("ShareHTTPRequestHandler sends a 100 at once when no feature reads the body", async () => {
  await using site = await serveFiles({ "a.txt": "alpha" });
  const answers = await ask(
    site.port,
    get("/a.txt", "Expect: 100-continue", "Content-Length: 1") + "x",
  );
  assertEquals(answers.map(({ status }) => status), [100, 200]);
});

Deno.test("ShareHTTPRequestHandler delays the 100 until a feature reads the body", async () => {
  await using site = await serveFiles({}, {
    uploads: {
      accepts: () => true,
      async handle(handler) {
        if (handler.command !== "PUT") return false;
        if (handler.path === "/no") {
          handler.sendError(409);
          return true;
        }
        handler.sendContinue();
        const body = await handler.rfile.read();
        handler.sendResponse(200);
        handler.sendHeader("Content-Length", body.length);
        handler.endHeaders();
        handler.wfile.write(body);
        return true;
      },
    },
  });
  const put = (path: string): string =>
    `PUT ${path} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n` +
    "Content-Length: 3\r\n\r\n";
  {
    await using client = await RawClient.connect(site.port);
    await client.send(put("/yes"));
    await client.waitFor(() => client.received.includes("100 Continue"));
    await client.send("abc");
    await client.waitFor(() => client.received.endsWith("abc"));
    assert(!client.received.includes("Connection: close"));
  }
  const [refused] = await ask(site.port, put("/no"));
  assertEquals(refused.status, 409);
  assertEquals(field(refused, "connection"), "close");
});

Deno.test("ShareHTTPRequestHandler sandboxes uploaded pages", async () => {
  await using site = await serveFiles({
    "in/a.html": "",
    "in/a.svg": "",
    "in/a.txt": "",
    "a.html": "",
  }, {
    uploads: {
      handle: () => false,
      accepts: (_, path) => path.endsWith("/in/"),
    },
  });
  const cases: [string, boolean][] = [
    ["/in/a.html", true],
    ["/in/a.svg", true],
    ["/in/a.txt", false],
    ["/a.html", false],
  ];
  for (const [path, sandboxed] of cases) {
    const [answer] = await ask(site.port, get(path));
    const policy = field(answer, "content-security-policy") ?? "";
    assertEquals(policy.startsWith("sandbox"), sandboxed, path);
    assert(!policy.includes("same-origin"));
  }
});

Deno.test("ShareHTTPRequestHandler sandboxes an uploaded 404.html", async () => {
  for (const top of [true, false]) {
    await using site = await serveFiles({ "404.html": "lost" }, {
      uploads: {
        handle: () => false,
        overwrites: true,
        accepts: (handler, path) => top && path === `${handler.directory}/`,
      },
    });
    const [answer] = await ask(site.port, get("/none"));
    assertEquals([answer.status, answer.body], [404, "lost"]);
    const policy = field(answer, "content-security-policy") ?? "";
    assertEquals(policy.startsWith("sandbox"), top);
  }
});

Deno.test("ShareHTTPRequestHandler lets the headers option replace its defaults", async () => {
  await using site = await serveFiles({ "a.txt": "a" }, {
    headers: [["Cache-Control", "no-store"], ["x-content-type-options", "x"]],
  });
  for (const path of ["/a.txt", "/"]) {
    const [answer] = await ask(site.port, get(path));
    assertEquals(field(answer, "cache-control"), "no-store");
    assertEquals(field(answer, "x-content-type-options"), "x");
  }
});

Deno.test("ShareHTTPRequestHandler does not take every OPTIONS for a preflight", async () => {
  const origin = "https://a.example";
  await using site = await serveFiles({ "a.txt": "" }, { cors: origin });
  const options = (...fields: string[]) =>
    get("/a.txt", ...fields).replace("GET", "OPTIONS");
  for (
    const fields of [
      [],
      [`Origin: ${origin}`],
      ["Access-Control-Request-Method: GET"],
    ]
  ) {
    const [answer] = await ask(site.port, options(...fields));
    assertEquals(answer.status, 204, fields.join());
    assertEquals(field(answer, "allow"), "GET, HEAD, OPTIONS");
    assertEquals(field(answer, "access-control-allow-methods"), undefined);
  }
});

Deno.test("ShareHTTPRequestHandler lists the allowed methods", async () => {
  const tree = await makeFiles({ "a.txt": "" });
  const uploads = new Uploads(tree.root, { overwrite: false });
  const reading = "GET, HEAD, OPTIONS";
  const cases: [
    options: ShareOptions,
    request: string,
    status: number,
    allow: string,
  ][] = [
    [{}, "OPTIONS *", 204, reading],
    [{}, "OPTIONS /none", 204, reading],
    [{}, "PUT /b", 501, reading],
    [{}, "BREW /", 501, reading],
    [{ uploads }, "OPTIONS /", 204, `${reading}, PUT, POST, MKCOL`],
    [{ uploads }, "MKCOL /", 405, `${reading}, PUT, POST, MKCOL`],
  ];
  await using _tree = tree;
  for (const [options, request, status, allow] of cases) {
    await using served = new TestServer(
      ShareHTTPRequestHandler.with({ directory: tree.root, ...options }),
    );
    const [answer] = await ask(served.port, req(request));
    assertEquals(answer!.status, status, request);
    assertEquals(field(answer!, "allow"), allow, request);
  }
});

Deno.test("ShareHTTPRequestHandler tells pages of other origins which methods are allowed", async () => {
  const tree = await makeFiles({});
  const uploads = new Uploads(tree.root);
  await using site = serveTree(tree, { cors: "*", uploads });
  const [answer] = await ask(
    site.port,
    get("/a", "Origin: https://a.example", "Access-Control-Request-Method: PUT")
      .replace("GET", "OPTIONS"),
  );
  assertEquals(
    field(answer, "access-control-allow-methods"),
    "GET, HEAD, OPTIONS, PUT, POST, MKCOL",
  );
});
