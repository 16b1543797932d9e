// Copyright 2026 the pystd authors. MIT license.

import { createHash } from "node:crypto";
import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertNotEquals } from "@std/assert/not-equals";
import {
  BasicAuthenticator,
  parseUser,
} from "../../../handlers/share/auth/basic_authenticator.ts";
import { ShareHTTPRequestHandler } from "../../../handlers/share.ts";
import { Hashes } from "../../../handlers/share/hash/hashes.ts";
import { MemorySource } from "../../../sources/memory.ts";
import { field } from "../../support/answers.ts";
import { ask, RawClient } from "../../support/client.ts";
import { TestServer } from "../../support/server.ts";
import {
  get,
  serveFiles,
  serveTree,
  type Sharing,
} from "../../support/sharing.ts";
import { stub } from "../../support/stub.ts";
import { makeFiles, openBelow } from "../../support/tree.ts";
import { waitUntil } from "../../support/wait.ts";

const LINUX = Deno.build.os === "linux";
/** Empty space that takes minutes to read. */
const HUGE = 2 ** 38;

const FILES = {
  "a.txt": "alpha",
  "empty": "",
  "cafe\u0301": "e",
  "d/b.txt": "b",
  ".secret": "s",
};

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

function serve(): Promise<Sharing> {
  return serveFiles(FILES, { hashes: new Hashes(), dotfiles: false });
}

/** Serves an empty space, and a small file. */
async function serveSpace(size: number, hashes = new Hashes()) {
  const tree = await makeFiles({ "space": "", "small": "small" });
  await Deno.truncate(tree.path("space"), size);
  return serveTree(tree, { hashes });
}

Deno.test("Hashes sends the SHA-256 of a file as 64 digits", async () => {
  await using site = await serve();
  const cases: [path: string, text: string][] = [
    ["/a.txt?hash", "alpha"],
    ["/a.txt?sha256", "alpha"],
    ["/a.txt?sha256=", "alpha"],
    ["/a.txt?x=1&hash&y=2", "alpha"],
    ["/empty?sha256", ""],
    ["/d/../d/b.txt?hash", "b"],
    // Stored in the other normal form.
    ["/caf%C3%A9?hash", "e"],
  ];
  for (const [path, text] of cases) {
    const answer = await site.fetch(path);
    assertEquals([answer.status, answer.text], [200, sha256(text)], path);
    const type = answer.headers.get("content-type");
    assertEquals(type, "text/plain; charset=utf-8");
    const head = await site.fetch(path, { method: "HEAD" });
    assertEquals([head.status, head.text], [200, ""]);
    for (const name of ["content-type", "content-length", "etag"]) {
      assertEquals(head.headers.get(name), answer.headers.get(name), name);
    }
    assertEquals(head.headers.get("content-length"), "64");
  }
  // The version of a script, as bundlers write it.
  for (const path of ["/a.txt?hash=1f", "/a.txt?hashes", "/a.txt?x=hash"]) {
    assertEquals((await site.fetch(path)).text, "alpha", path);
  }
});

Deno.test("Hashes answers for files that can be downloaded only", async () => {
  await using outside = await makeFiles({ "x": "secret" });
  await using site = await serve();
  await Deno.symlink(`${outside.root}/x`, site.tree.path("out"));
  await Deno.symlink(".secret", site.tree.path("link"));
  const cases: [path: string, status: number][] = [
    ["/d?hash", 400],
    ["/d/?sha256", 400],
    ["/?hash", 400],
    ["/none?hash", 404],
    ["/.secret?hash", 404],
    ["/out?hash", 404],
    ["/link?hash", 404],
    ["/a.txt%00?hash", 404],
    ["/a.txt/?hash", 404],
    ["/../../etc/passwd?hash", 404],
  ];
  for (const [path, status] of cases) {
    for (const method of ["GET", "HEAD"]) {
      const request = get(path).replace(/^GET/, method);
      const [answer] = await ask(site.port, request);
      assertEquals(answer.status, status, `${method} ${path}`);
    }
  }
  const put = await site.fetch("/a.txt?hash", { method: "PUT", body: "x" });
  assertEquals(put.status, 501);
});

Deno.test("Hashes obeys conditions, with an entity tag of its own", async () => {
  await using site = await serve();
  const { headers } = await site.fetch("/a.txt?hash");
  const etag = headers.get("etag")!;
  assertNotEquals((await site.fetch("/a.txt")).headers.get("etag"), etag);
  const since = headers.get("last-modified")!;
  const cases: [name: string, value: string, status: number][] = [
    ["If-None-Match", etag, 304],
    ["If-None-Match", '"x"', 200],
    ["If-Modified-Since", since, 304],
    ["If-Match", '"x"', 412],
    ["If-Match", etag, 200],
  ];
  for (const [name, value, status] of cases) {
    const answer = await site.fetch("/a.txt?hash", {
      headers: { [name]: value },
    });
    assertEquals(answer.status, status, `${name}: ${value}`);
    if (status === 304) assertEquals(answer.headers.get("etag"), etag);
  }
});

Deno.test("Hashes asks for the password, and refuses pages of other sites", async () => {
  const users = new Map([parseUser("ann:secret")!]);
  await using site = await serveFiles(FILES, {
    hashes: new Hashes(),
    auth: new BasicAuthenticator({ users }),
  });
  assertEquals((await site.fetch("/a.txt?hash")).status, 401);
  const login = `Authorization: Basic ${btoa("ann:secret")}`;
  const cross = "Sec-Fetch-Site: cross-site";
  const link = ["Sec-Fetch-Mode: navigate", "Sec-Fetch-Dest: document"];
  const cases: [fields: string[], status: number][] = [
    [[], 200],
    [[cross], 403],
    [[cross, ...link], 200],
    [["Origin: http://other.example"], 403],
  ];
  for (const [fields, status] of cases) {
    const request = get("/a.txt?hash", login, ...fields);
    const [answer] = await ask(site.port, request);
    assertEquals(answer.status, status, fields.join());
  }
});

Deno.test("Hashes reads in slices, between other requests", async () => {
  // Reading this takes longer than a request.
  await using site = await serveSpace(2 ** 29);
  await using client = await RawClient.connect(site.port);
  const done = site.fetch("/space?hash").then(() => "hash");
  await client.send(get("/small"));
  const small = client.waitFor(() => client.received.endsWith("small"));
  assertEquals(await Promise.race([done, small.then(() => "small")]), "small");
  assertEquals(await done, "hash");
});

Deno.test({
  name: "Hashes shares a reading, which ends with the last client",
  ignore: !LINUX,
  async fn() {
    await using site = await serveSpace(HUGE);
    const open = () => openBelow(site.tree.root).length;
    const clients: RawClient[] = [];
    for (let i = 0; i < 3; i++) {
      const client = await RawClient.connect(site.port);
      clients.push(client);
      await client.send(get("/space?hash"));
      await waitUntil(() => open() === 1);
    }
    const ports = clients.map(({ localPort }) => localPort);
    await clients[0][Symbol.asyncDispose]();
    assertEquals((await site.fetch("/small?hash")).text, sha256("small"));
    // A read in another thread has a descriptor of its own for a moment.
    await waitUntil(() => open() === 1);
    await clients[1][Symbol.asyncDispose]();
    await clients[2][Symbol.asyncDispose]();
    await waitUntil(() => open() === 0);
    // The log shows that they left, and no fault of the server.
    for (const port of ports) {
      const log = site.server.log(port).join("\n");
      assert(log.includes("code 400, message The client has dis"), log);
    }
    // Nothing is left of it: the next one is read again.
    await using next = await RawClient.connect(site.port);
    await next.send(get("/space?hash"));
    await waitUntil(() => open() === 1);
  },
});

Deno.test("Hashes reads at most maxHashes files at once", async () => {
  class One extends Hashes {
    static override maxHashes = 1;
  }
  await using site = await serveSpace(HUGE, new One());
  const client = await RawClient.connect(site.port);
  await client.send(get("/space?hash"));
  let busy = await site.fetch("/small?hash");
  while (busy.status === 200) busy = await site.fetch("/small?sha256");
  assertEquals(busy.status, 503);
  assertEquals(busy.headers.get("retry-after"), "5");
  const head = await site.fetch("/small?hash", { method: "HEAD" });
  assertEquals([head.status, head.headers.get("retry-after")], [200, null]);
  await client[Symbol.asyncDispose]();
  let { status } = busy;
  while (status === 503) ({ status } = await site.fetch("/small?hash"));
  assertEquals(status, 200);
});

Deno.test("Hashes keeps the hash of a file while it is the same", async () => {
  class Few extends Hashes {
    static override maxHashes = 1;
  }
  await using site = await serveFiles(FILES, { hashes: new Few() });
  const hash = async () => {
    const { status, text } = await site.fetch("/a.txt?hash");
    return status === 200 ? text : status;
  };
  // A file that has just changed is read again.
  assertEquals(await hash(), sha256("alpha"));
  Few.maxHashes = 0;
  assertEquals(await hash(), 503);
  Few.maxHashes = 1;
  {
    using _ = stub(Date, "now", (real) => () => real() + 5000);
    assertEquals(await hash(), sha256("alpha"));
  }
  Few.maxHashes = 0;
  assertEquals(await hash(), sha256("alpha"));
  const { mtime } = await Deno.stat(site.tree.path("a.txt"));
  await Deno.writeTextFile(site.tree.path("new"), "omega");
  await Deno.utime(site.tree.path("new"), mtime!, mtime!);
  await Deno.rename(site.tree.path("new"), site.tree.path("a.txt"));
  assertEquals(await hash(), LINUX ? 503 : sha256("alpha"));
  Few.maxHashes = 1;
  if (LINUX) assertEquals(await hash(), sha256("omega"));
});

Deno.test({
  name: "Hashes sends no hash of a file that changes meanwhile",
  ignore: !LINUX,
  async fn() {
    for (const size of [2 ** 20, 2 ** 29 + 1]) {
      await using site = await serveSpace(2 ** 29);
      await using client = await RawClient.connect(site.port);
      await client.send(get("/space?hash"));
      await waitUntil(() => openBelow(site.tree.root).length > 0);
      await Deno.truncate(site.tree.path("space"), size);
      await client.waitFor(() => client.received.includes("\r\n\r\n"));
      const [status] = client.received.split("\r\n");
      assertEquals(status, "HTTP/1.1 503 The file has changed meanwhile");
      assert(client.received.includes("Retry-After: 5\r\n"));
    }
  },
});

Deno.test("Hashes reads the files of a source", async () => {
  const source = new MemorySource({ "d/a.txt": "alpha", "empty": "" });
  const hashes = new Hashes();
  const Handler = ShareHTTPRequestHandler.with({ source, hashes });
  await using server = new TestServer(Handler);
  const cases: [path: string, status: number, text?: string][] = [
    ["/d/a.txt?hash", 200, sha256("alpha")],
    ["/empty?sha256", 200, sha256("")],
    ["/d?hash", 400],
    ["/none?hash", 404],
  ];
  for (const [path, status, text] of cases) {
    const [answer] = await ask(server.port, get(path));
    assertEquals(answer.status, status, path);
    if (text !== undefined) assertEquals(answer.body, text, path);
  }
});

Deno.test("a hash is not offered by default", async () => {
  await using site = await serveFiles(FILES);
  const [answer] = await ask(site.port, get("/a.txt?hash"));
  assertEquals(answer.body, "alpha");
  assertEquals(field(answer, "content-length"), "5");
});
