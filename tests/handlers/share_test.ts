// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertMatch } from "@std/assert/match";
import type { ShareOptions } from "../../handlers/share.ts";
import { Uploads } from "../../handlers/share/uploads.ts";
import { field } from "../support/answers.ts";
import { ask, RawClient } from "../support/client.ts";
import { serveTree, type Sharing } from "../support/sharing.ts";
import { stub } from "../support/stub.ts";
import { makeFiles } from "../support/tree.ts";

/** Longer than what is not worth compressing. */
const LONG = "All work and no play makes Jack a dull boy.\n".repeat(100);

async function serve(
  files: Record<string, string>,
  options: ShareOptions = {},
): Promise<Sharing> {
  return serveTree(await makeFiles(files), options);
}

function get(path: string, ...fields: string[]): string {
  const lines = ["Host: x", ...fields].join("\r\n");
  return `GET ${path} HTTP/1.1\r\n${lines}\r\n\r\n`;
}

Deno.test("ShareHTTPRequestHandler keeps the connection after a 404", async () => {
  await using site = await serve({ "a.txt": "alpha" });
  const [missing, found] = await ask(
    site.port,
    get("/none") + get("/a.txt"),
  );
  assertEquals([missing.status, found.status], [404, 200]);
  assertEquals(field(missing, "connection"), undefined);
  assertEquals(found.body, "alpha");
});

Deno.test("ShareHTTPRequestHandler closes after an error with an unread body", async () => {
  await using site = await serve({});
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
  await using site = await serve({});
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
  await using site = await serve({
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

Deno.test("ShareHTTPRequestHandler sends cacheControl with files alone", async () => {
  await using site = await serve({ "a.txt": "a", "404.html": "no" }, {
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
  await using site = await serve({ "404.html": "<p>Lost</p>" });
  const [answer, again] = await ask(site.port, get("/x/y") + get("/z"));
  assertEquals([answer.status, answer.body], [404, "<p>Lost</p>"]);
  assertEquals([again.status, again.body], [404, "<p>Lost</p>"]);
});

Deno.test("ShareHTTPRequestHandler with spa answers those who want HTML", async () => {
  await using site = await serve({ "index.html": "app", "a.js": "1" }, {
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
  await using site = await serve({
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
    if (status === 301) assertEquals(field(answer, "location"), wanted, path);
  }
});

Deno.test("ShareHTTPRequestHandler answers preflights before all else", async () => {
  const auth = { handle: () => Promise.reject(new Error("Not to be asked")) };
  for (const cors of [true, "https://example.com"]) {
    await using site = await serve({ "a.txt": "a" }, { cors, auth });
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
  }
  await using site = await serve({}, {});
  const [answer] = await ask(
    site.port,
    "OPTIONS / HTTP/1.1\r\nHost: x\r\n\r\n",
  );
  assertEquals(answer.status, 501);
  assertEquals(field(answer, "access-control-allow-origin"), undefined);
});

Deno.test("ShareHTTPRequestHandler compresses for who accepts it", async () => {
  await using site = await serve({
    "a.txt": LONG,
    "big.txt": LONG.repeat(20),
    "short.txt": "short",
    "a.png": LONG,
  });
  const cases: [path: string, accept: string, coding: string | undefined][] = [
    ["/a.txt", "gzip", "gzip"],
    ["/a.txt", "gzip, br", "br"],
    ["/a.txt", "br;q=0, gzip;q=0.5", "gzip"],
    ["/a.txt", "identity, gzip;q=0.5", undefined],
    ["/a.txt", "*", "br"],
    ["/a.txt", "deflate", undefined],
    ["/big.txt", "gzip", "gzip"],
    ["/big.txt", "br", "br"],
    ["/short.txt", "gzip", undefined],
    ["/a.png", "gzip", undefined],
    ["/", "gzip", "gzip"],
  ];
  for (const [path, accept, coding] of cases) {
    const url = `http://127.0.0.1:${site.port}${path}`;
    const headers = { "Accept-Encoding": accept };
    // Twice: what was compressed once is kept.
    for (let i = 0; i < 2; i++) {
      const [answer] = await ask(
        site.port,
        get(path, `Accept-Encoding: ${accept}`),
      );
      assertEquals(field(answer, "content-encoding"), coding, path + accept);
      const varies = field(answer, "vary") ?? "";
      assertEquals(varies.includes("Accept-Encoding"), path !== "/a.png");
      const response = await fetch(url, { headers });
      const text = await response.text();
      if (path === "/a.txt") assertEquals(text, LONG);
      if (path === "/big.txt") assertEquals(text, LONG.repeat(20));
    }
  }
});

Deno.test("ShareHTTPRequestHandler gives each coding a tag of its own", async () => {
  await using site = await serve({ "a.txt": LONG, "big.txt": LONG.repeat(20) });
  for (const path of ["/a.txt", "/big.txt"]) {
    const tags = new Set<string>();
    for (const accept of ["identity", "gzip", "br"]) {
      const coded = `Accept-Encoding: ${accept}`;
      const [answer] = await ask(site.port, get(path, coded));
      const etag = field(answer, "etag")!;
      tags.add(etag);
      const [same] = await ask(
        site.port,
        get(path, coded, `If-None-Match: ${etag}`),
      );
      assertEquals(same.status, 304, path + accept);
      assertEquals(field(same, "etag"), etag);
      assertEquals(field(same, "vary"), "Accept-Encoding");
      assertEquals(field(same, "content-encoding"), undefined);
    }
    assertEquals(tags.size, 3);
    const [part] = await ask(
      site.port,
      get(path, "Accept-Encoding: gzip", "Range: bytes=0-3"),
    );
    assertEquals([part.status, part.body], [206, LONG.slice(0, 4)]);
    const [head] = await ask(
      site.port,
      get(path, "Accept-Encoding: gzip").replace("GET", "HEAD"),
    );
    assertEquals([head.status, head.body], [200, ""]);
    assertEquals(field(head, "content-encoding"), "gzip");
  }
});

Deno.test("ShareHTTPRequestHandler prefers a compressed sibling", async () => {
  await using site = await serve({
    "a.txt": LONG,
    "a.txt.gz": "(gz)",
    "a.txt.br": "(br)",
    "a.txt.zst": "(zst)",
    "old.txt": LONG,
    "old.txt.gz": "(old)",
  });
  await Deno.utime(site.tree.path("old.txt.gz"), 1000, 1000);
  const cases: [string, string, string | undefined, string][] = [
    ["/a.txt", "gzip", "gzip", "(gz)"],
    ["/a.txt", "gzip, zstd", "zstd", "(zst)"],
    ["/a.txt", "gzip, zstd, br", "br", "(br)"],
    ["/a.txt", "identity", undefined, LONG],
    ["/a.txt.gz", "gzip", undefined, "(gz)"],
  ];
  for (const [path, accept, coding, body] of cases) {
    const [answer] = await ask(
      site.port,
      get(path, `Accept-Encoding: ${accept}`),
    );
    assertEquals(field(answer, "content-encoding"), coding, path + accept);
    assertEquals(answer.body, body);
    const type = path === "/a.txt"
      ? "text/plain; charset=utf-8"
      : "application/gzip";
    assertEquals(field(answer, "content-type"), type);
  }
  const [old] = await ask(site.port, get("/old.txt", "Accept-Encoding: gzip"));
  assertEquals(field(old, "content-encoding"), "gzip");
  assert(old.body !== "(old)");
});

Deno.test("ShareHTTPRequestHandler without compression sends files as they are", async () => {
  await using site = await serve({ "a.txt": LONG, "a.txt.gz": "(gz)" }, {
    compression: false,
  });
  for (const path of ["/a.txt", "/"]) {
    const [answer] = await ask(site.port, get(path, "Accept-Encoding: gzip"));
    assertEquals(field(answer, "content-encoding"), undefined);
  }
});

Deno.test("ShareHTTPRequestHandler asks features first, in order", async () => {
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
  await using site = await serve({ "a.txt": "alpha" }, {
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

Deno.test("ShareHTTPRequestHandler puts off the 100 until it is wanted", async () => {
  await using site = await serve({}, {
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

Deno.test("ShareHTTPRequestHandler puts strangers' pages in a sandbox", async () => {
  await using site = await serve({
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

Deno.test("ShareHTTPRequestHandler lets headers take the place of its own", async () => {
  await using site = await serve({ "a.txt": "a" }, {
    headers: [["Cache-Control", "no-store"], ["x-content-type-options", "x"]],
  });
  for (const path of ["/a.txt", "/"]) {
    const [answer] = await ask(site.port, get(path));
    assertEquals(field(answer, "cache-control"), "no-store");
    assertEquals(field(answer, "x-content-type-options"), "x");
  }
});

Deno.test("ShareHTTPRequestHandler bears clients that leave while it compresses", async () => {
  // Random letters, so that the compressed body fills all buffers.
  const letters = Array.from(
    crypto.getRandomValues(new Uint8Array(65536)),
    (byte) => String.fromCharCode(0x20 + byte % 95),
  ).join("");
  const site = await serve({ "big.txt": letters.repeat(200) });
  const left: number[] = [];
  for (const coding of ["gzip", "br"]) {
    await using client = await RawClient.connect(site.port);
    left.push(client.localPort);
    await client.send(get("/big.txt", `Accept-Encoding: ${coding}`));
    await client.waitFor(() => client.received.includes("200 OK"));
  }
  // Waits for what is under way.
  await site[Symbol.asyncDispose]();
  assertEquals(left.map((port) => site.server.errors(port)), [[], []]);
});

Deno.test("ShareHTTPRequestHandler takes an OPTIONS that asks no leave for one", async () => {
  const origin = "https://a.example";
  await using site = await serve({ "a.txt": "" }, { cors: origin });
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
    assertEquals(answer.status, 501, fields.join());
    assertEquals(field(answer, "access-control-allow-methods"), undefined);
  }
});

Deno.test("ShareHTTPRequestHandler reads what it does not keep", async () => {
  const large = LONG.repeat(70);
  assert(large.length > 256 * 1024);
  await using site = await serve({
    "a.html": large,
    "big.txt": large,
    "big.txt.gz": large,
    "404.html": large,
    "d/README.md": large,
  }, { cleanUrls: true });
  const gzip = { "Accept-Encoding": "gzip" };
  const whole = await site.fetch("/big.txt", {
    headers: {
      "Accept-Encoding": "identity",
    },
  });
  assertEquals(whole.text === large, true);
  assertEquals((await site.fetch("/a.html?q")).status, 301);
  const page = await site.fetch("/a", { headers: gzip });
  assertEquals(page.text === large, true);
  assertEquals(page.headers.get("content-encoding"), "gzip");
  const etag = page.headers.get("etag")!;
  const known = await site.fetch("/a", {
    headers: { ...gzip, "If-None-Match": etag },
  });
  assertEquals([known.status, known.text], [304, ""]);
  const head = await site.fetch("/a", { method: "HEAD", headers: gzip });
  assertEquals([head.status, head.text], [200, ""]);
  const none = await site.fetch("/none", { headers: { Accept: "text/html" } });
  assertEquals([none.status, none.text === large], [404, true]);
  const listing = await site.fetch("/d/", { headers: { Accept: "text/html" } });
  assert(listing.text.includes("All work and no play"));
});

Deno.test("ShareHTTPRequestHandler sends what does not shrink as it is", async () => {
  await using site = await serve({});
  const noise = crypto.getRandomValues(new Uint8Array(2000));
  await Deno.writeFile(site.tree.path("noise.txt"), noise);
  await Deno.writeTextFile(site.tree.path("text.txt"), LONG);
  // What has just changed is not kept.
  using _ = stub(Date, "now", (now) => () => now() + 5000);
  const url = `http://127.0.0.1:${site.port}/noise.txt`;
  for (let i = 0; i < 2; i++) {
    const response = await fetch(url, {
      headers: { "Accept-Encoding": "gzip" },
    });
    assertEquals(response.headers.get("content-encoding"), null);
    assertEquals(await response.bytes(), noise);
    const text = await site.fetch("/text.txt", {
      headers: { "Accept-Encoding": "gzip" },
    });
    assertEquals(text.headers.get("content-encoding"), "gzip");
    assertEquals(text.text, LONG);
  }
});

Deno.test("ShareHTTPRequestHandler tells pages which requests write", async () => {
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
    "GET, HEAD, PUT, POST, MKCOL",
  );
});
