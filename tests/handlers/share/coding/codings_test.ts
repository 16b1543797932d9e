// Copyright 2026 the pystd authors. MIT license.

/** Files compressed by the handler, or beside their originals. */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { ShareHTTPRequestHandler } from "../../../../handlers/share.ts";
import { CodedBody } from "../../../../handlers/share/coding/coded_body.ts";
import { compress } from "../../../../handlers/share/coding/codings.ts";
import { Uploads } from "../../../../handlers/share/upload/uploads.ts";
import { field } from "../../../support/answers.ts";
import { ask, RawClient } from "../../../support/client.ts";
import { seeded } from "../../../support/memory.ts";
import { get, serveFiles, serveTree } from "../../../support/sharing.ts";
import { stub } from "../../../support/stub.ts";
import { makeFiles, openBelow } from "../../../support/tree.ts";
import { waitUntil } from "../../../support/wait.ts";

/** Long enough to be compressed. */
const LONG = "All work and no play makes Jack a dull boy.\n".repeat(100);

Deno.test("ShareHTTPRequestHandler compresses for clients that accept it", async () => {
  await using site = await serveFiles({
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
    // The second response uses the kept result.
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

Deno.test("compress leaves bytes as they are while many others wait", async () => {
  const all = Array.from({ length: 40 }, () => new Uint8Array(2000));
  const results = all.map((bytes) => compress(bytes, "gzip"));
  assertEquals(results.map((result, i) => result === all[i]), [
    ...Array(32).fill(false),
    ...Array(8).fill(true),
  ]);
  for (const result of (await Promise.all(results)).slice(0, 32)) {
    assert(result.length < 100);
  }
});

Deno.test("ShareHTTPRequestHandler gives each coding its own entity tag", async () => {
  await using site = await serveFiles({
    "a.txt": LONG,
    "big.txt": LONG.repeat(20),
  });
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
    // RFC 9110 14.2: Range applies to GET only.
    for (const fields of [[], ["Range: bytes=0-3"]]) {
      const [head] = await ask(
        site.port,
        get(path, "Accept-Encoding: gzip", ...fields).replace("GET", "HEAD"),
      );
      assertEquals([head.status, head.body], [200, ""]);
      assertEquals(field(head, "content-encoding"), "gzip");
    }
  }
});

Deno.test("ShareHTTPRequestHandler prefers a compressed sibling", async () => {
  await using site = await serveFiles({
    "a.txt": LONG,
    "a.txt.gz": "(gz)",
    "a.txt.br": "(br)",
    "a.txt.zst": "(zst)",
    "old.txt": LONG,
    "old.txt.gz": "(old)",
  }, { precompressed: true });
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

Deno.test("ShareHTTPRequestHandler compares dates with the one that it sends with a sibling", async () => {
  await using site = await serveFiles({ "a.txt": LONG, "a.txt.gz": "(gz)" }, {
    precompressed: true,
  });
  await Deno.utime(site.tree.path("a.txt"), 1e9, 1e9);
  await Deno.utime(site.tree.path("a.txt.gz"), 1e9 + 10, 1e9 + 10);
  const date = "Sun, 09 Sep 2001 01:46:40 GMT";
  const later = "Sun, 09 Sep 2001 01:46:45 GMT";
  const cases: [fields: string[], status: number][] = [
    [[], 200],
    [[`If-Unmodified-Since: ${date}`], 200],
    [[`If-Modified-Since: ${later}`], 304],
    [["Range: bytes=0-1", `If-Range: ${date}`], 206],
  ];
  for (const [fields, status] of cases) {
    const [answer] = await ask(
      site.port,
      get("/a.txt", "Accept-Encoding: gzip", ...fields),
    );
    assertEquals(answer.status, status, fields.join());
    if (status !== 200) continue;
    assertEquals(field(answer, "last-modified"), date);
    assertEquals(field(answer, "content-encoding"), "gzip");
  }
});

Deno.test("ShareHTTPRequestHandler without compression sends files uncompressed", async () => {
  await using site = await serveFiles({ "a.txt": LONG, "a.txt.gz": "(gz)" }, {
    compression: false,
  });
  for (const path of ["/a.txt", "/"]) {
    const [answer] = await ask(site.port, get(path, "Accept-Encoding: gzip"));
    assertEquals(field(answer, "content-encoding"), undefined);
  }
});

Deno.test("ShareHTTPRequestHandler sends files that compression does not shrink uncompressed", async () => {
  await using site = await serveFiles({});
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

Deno.test("ShareHTTPRequestHandler compresses files that are not cached", async () => {
  const large = LONG.repeat(70);
  assert(large.length > 256 * 1024);
  await using site = await serveFiles(
    {
      "a.html": large,
      "big.txt": large,
      "big.txt.gz": large,
      "404.html": large,
      "d/README.md": large,
    },
    { cleanUrls: true, precompressed: true },
  );
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

Deno.test({
  name:
    "ShareHTTPRequestHandler keeps no form of a file open that it has not sent",
  // On systems that list open files.
  ignore: Deno.build.os !== "linux",
}, async () => {
  // Small files are in memory, and not open.
  const large = LONG.repeat(70);
  await using site = await serveFiles({
    "a.txt": large,
    "a.txt.gz": large,
    "a.txt.br": large,
    "old.txt": large,
    "old.txt.gz": large,
  }, { precompressed: true });
  await Deno.utime(site.tree.path("old.txt.gz"), 1000, 1000);
  const cases: [path: string, accept: string][] = [
    ["/a.txt", "br"],
    ["/a.txt", "gzip"],
    ["/a.txt", "identity"],
    ["/old.txt", "gzip"],
  ];
  for (const [path, accept] of cases) {
    const request = get(path, `Accept-Encoding: ${accept}`);
    const [answer] = await ask(site.port, request);
    assertEquals(answer.status, 200);
    await waitUntil(() => openBelow(site.tree.root).length === 0);
  }
});

Deno.test("ShareHTTPRequestHandler survives clients that disconnect while it compresses", async () => {
  // Random letters, so that the compressed body fills all buffers.
  const letters = Array.from(
    crypto.getRandomValues(new Uint8Array(65536)),
    (byte) => String.fromCharCode(0x20 + byte % 95),
  ).join("");
  const site = await serveFiles({ "big.txt": letters.repeat(200) });
  const left: number[] = [];
  for (const coding of ["gzip", "br"]) {
    await using client = await RawClient.connect(site.port);
    left.push(client.localPort);
    await client.send(get("/big.txt", `Accept-Encoding: ${coding}`));
    await client.waitFor(() => client.received.includes("200 OK"));
  }
  // Wait for the rest of the work.
  await site[Symbol.asyncDispose]();
  assertEquals(left.map((port) => site.server.errors(port)), [[], []]);
});

Deno.test("ShareHTTPRequestHandler uses no compressed sibling by default", async () => {
  await using site = await serveFiles({
    "n.txt": "text",
    "n.txt.gz": "no gzip",
  });
  const answered = await site.fetch("/n.txt", {
    headers: { "Accept-Encoding": "gzip" },
  });
  assertEquals(answered.text, "text");
});

Deno.test("ShareHTTPRequestHandler uses no compressed sibling from a folder for uploads", async () => {
  const tree = await makeFiles({
    "page.txt": "text",
    "page.txt.gz": "(gz)",
    "in/page.txt": "text",
    "in/page.txt.gz": "(gz)",
  });
  const uploads = new Uploads(tree.root, { subdirectory: "in" });
  await using site = serveTree(tree, { uploads, precompressed: true });
  for (
    const [path, coding] of [["/page.txt", "gzip"], ["/in/page.txt", undefined]]
  ) {
    const [answer] = await ask(site.port, get(path!, "Accept-Encoding: gzip"));
    assertEquals(field(answer, "content-encoding"), coding, path);
  }
});

Deno.test("ShareHTTPRequestHandler compresses at most maxCompressions files at once, between other requests", async () => {
  const tree = await makeFiles({});
  // Not cached, so that each request compresses it, and even compressed larger
  // than the system's buffers.
  const random = seeded(1);
  const letters = Uint8Array.from({ length: 2 ** 20 }, () => 97 + random(26));
  const big = new Blob(Array(15).fill(letters));
  await Deno.writeFile(tree.path("big.txt"), big.stream());
  await using site = serveTree(tree, {});
  // A client that reads nothing keeps its compressor.
  const clients: Deno.TcpConn[] = [];
  const request = new TextEncoder().encode(
    get("/big.txt", "Accept-Encoding: br"),
  );
  try {
    while (clients.length < ShareHTTPRequestHandler.maxCompressions) {
      const conn = await Deno.connect({ port: site.port });
      clients.push(conn);
      await conn.write(request);
    }
    await waitUntil(() =>
      CodedBody.count === ShareHTTPRequestHandler.maxCompressions
    );
    const [answer] = await ask(
      site.port,
      get("/big.txt", "Accept-Encoding: br"),
    );
    assertEquals(field(answer, "content-encoding"), undefined);
    assertEquals(field(answer, "content-length"), `${big.size}`);
    assertEquals(CodedBody.count, ShareHTTPRequestHandler.maxCompressions);
  } finally {
    for (const client of clients) client.close();
  }
  await waitUntil(() => CodedBody.count === 0);
});
