// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { ShareHTTPRequestHandler } from "../../../../handlers/share.ts";
import { Uploads } from "../../../../handlers/share/upload/uploads.ts";
import { ask, RawClient } from "../../../support/client.ts";
import { serveUploads, Sharing } from "../../../support/sharing.ts";
import { TestServer } from "../../../support/server.ts";
import { stub } from "../../../support/stub.ts";
import { makeTree } from "../../../support/tree.ts";

Deno.test("Uploads never takes a body for a request", async () => {
  const inner = "GET /secret HTTP/1.1\r\nHost: a\r\n\r\n";
  const length = `Content-Length: ${inner.length}\r\n`;
  const form = "Content-Type: multipart/form-data; boundary=x\r\n";
  const rest = "Host: a\r\nConnection: close\r\n";
  const table: [head: string, statuses: number[]][] = [
    [`PUT /new HTTP/1.1\r\n${rest}${length}\r\n`, [201]],
    [`PUT /.hidden HTTP/1.1\r\n${rest}${length}\r\n`, [403]],
    [`PUT /secret HTTP/1.1\r\n${rest}${length}\r\n`, [409]],
    [`POST / HTTP/1.1\r\n${rest}${length}\r\n`, [415]],
    [`POST / HTTP/1.1\r\n${rest}${form}${length}\r\n`, [400]],
    [`POST /none/ HTTP/1.1\r\n${rest}${form}${length}\r\n`, [409]],
    [`MKCOL /new HTTP/1.1\r\n${rest}${length}\r\n`, [415]],
    [
      `PUT /x HTTP/1.1\r\n${rest}Content-Range: bytes 0-4/5\r\n${length}\r\n`,
      [400],
    ],
    [
      `PUT /x HTTP/1.1\r\n${rest}Transfer-Encoding: chunked\r\n${length}\r\n`,
      [400],
    ],
    [
      `PUT /x HTTP/1.1\r\n${rest}Content-Length: 0\r\n${length}\r\n`,
      [400],
    ],
    [`PUT /x HTTP/1.1\r\n${rest}Transfer-Encoding: xchunked\r\n\r\n`, [
      400,
    ]],
  ];
  for (const [head, statuses] of table) {
    await using sharing = await serveUploads({}, [
      { path: "secret", type: "file", content: "secret" },
    ]);
    const answers = await ask(sharing.port, head + inner);
    assertEquals(answers.map(({ status }) => status), statuses, head);
    assert(answers.every(({ body }) => !body.includes("secret\n")));
  }
});

Deno.test("Uploads serves the next request of a connection", async () => {
  await using sharing = await serveUploads();
  const put = (name: string) =>
    `PUT /${name} HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\n\r\n${name}`;
  const chunked = "PUT /c HTTP/1.1\r\nHost: a\r\n" +
    "Transfer-Encoding: chunked\r\n\r\n1\r\nc\r\n0\r\n\r\n";
  const answers = await ask(
    sharing.port,
    put("a") + put("a") + chunked + put("b") +
      "GET /a HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n",
  );
  const statuses = answers.map(({ status }) => status);
  assertEquals(statuses, [201, 409, 201, 201, 200]);
  const length = 10_000_000;
  const head =
    `PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`;
  await using client = await RawClient.connect(sharing.port);
  await client.send(head, { repeat: "x", times: 100_000 });
  assert(
    await client.waitFor(() => client.received.includes("Connection: close")),
  );
});

Deno.test("Uploads times out when the body does not arrive", async () => {
  const tree = await makeTree([]);
  class Impatient extends ShareHTTPRequestHandler {
    static override stallTimeout = 100;
  }
  const handler = Impatient.with({
    directory: tree.root,
    uploads: new Uploads(tree.root),
  });
  await using sharing = new Sharing(tree, new TestServer(handler));
  await using client = await RawClient.connect(sharing.port);
  await client.send("PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n1");
  assert(await client.waitFor(() => client.closed, 10_000));
  assert(await client.waitFor(() => sharing.list().length === 0));
});

Deno.test("Uploads does not follow links in any parent that lead out", async () => {
  await using outside = await makeTree([{ path: "sub", type: "dir" }]);
  await using sharing = await serveUploads({}, [
    { path: "a/b", type: "dir" },
    { path: "a/up", type: "symlink", target: "../.." },
    { path: "a/b/root", type: "symlink", target: "/" },
  ]);
  await Deno.symlink(outside.root, sharing.tree.path("a/b/out"));
  await Deno.symlink("out/sub", sharing.tree.path("a/b/through"));
  const paths = [
    "/a/b/out/x",
    "/a/b/out/sub/x",
    "/a/b/through/x",
    "/a/b/out/new/x?parents",
    "/a/b/through/new/x?parents",
    "/a/b/root/tmp/x",
    "/a/up/x",
    "/a/b/out/../out/x",
    "/a/b/%6f%75%74/x",
    "/a/b/out%2fsub%2fx",
  ];
  for (const path of paths) {
    for (const method of ["PUT", "MKCOL"]) {
      const length = method === "PUT" ? "Content-Length: 0\r\n" : "";
      const [answer] = await ask(
        sharing.port,
        `${method} ${path} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n${length}\r\n`,
      );
      assertEquals(answer?.status, 409, `${method} ${path}`);
    }
    const body = new FormData();
    const name = path.slice(1).replace("?parents", "");
    body.append("file", new File(["1"], name));
    body.append("mkdir", name);
    const posted = await sharing.fetch("/", { method: "POST", body });
    assert(posted.status >= 400, path);
  }
  assertEquals([...Deno.readDirSync(outside.path("sub"))], []);
  assertEquals([...Deno.readDirSync(outside.root)].length, 1);
});

Deno.test("Uploads rejects a path that is too deep", async () => {
  await using sharing = await serveUploads();
  const folders = (count: number): string => "/a".repeat(count);
  const put = (path: string) =>
    sharing.fetch(path, { method: "PUT", body: "x" });
  const text = "The path is more than 128 folders deep";
  for (const count of [129, 1990]) {
    const { status, text: body } = await put(`${folders(count)}/f?parents`);
    assertEquals([status, body], [400, `400 ${text}\n`]);
    const form = new URLSearchParams({ mkdir: folders(count).slice(1) });
    const posted = await sharing.fetch("/", { method: "POST", body: form });
    assertEquals(posted.status, 400);
    assertEquals((await sharing.fetch(`${folders(count)}/`)).status, 404);
  }
  assertEquals(sharing.list(), []);
  assertEquals((await put(`${folders(127)}/f?parents`)).status, 201);
  assertEquals((await sharing.fetch(`${folders(127)}/f`)).text, "x");
  // A deeper file that was created on the disk is 404.
  const deep = sharing.tree.path(folders(128).slice(1));
  await Deno.mkdir(deep);
  await Deno.writeTextFile(`${deep}/f`, "x");
  assertEquals((await sharing.fetch(`${folders(128)}/f`)).status, 404);
});

Deno.test("Uploads creates the folders of a path with a bounded number of checks", async () => {
  await using sharing = await serveUploads();
  for (const depth of [20, 40, 80]) {
    let count = 0;
    using _real = stub(Deno, "realPathSync", (real) => (path) => {
      count++;
      return real(path);
    });
    const path = `/d${depth}${"/a".repeat(depth)}/f?parents`;
    const put = await sharing.fetch(path, { method: "PUT", body: "x" });
    assertEquals(put.status, 201);
    // Some 80 more calls check where the file is.
    assert(count < depth + 110, `${count} looks for ${depth} folders`);
  }
});
