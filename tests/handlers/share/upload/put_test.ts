// Copyright 2026 the pystd authors. MIT license.

import { createHash } from "node:crypto";
import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { IncomingFile } from "../../../../files/incoming.ts";
import { ask, RawClient } from "../../../support/client.ts";
import { serveUploads } from "../../../support/sharing.ts";
import type { TreeEntry } from "../../../support/tree.ts";

const TREE: TreeEntry[] = [
  { path: "old.txt", type: "file", content: "old" },
  { path: "sub/a.txt", type: "file", content: "a" },
  { path: "out", type: "symlink", target: "/" },
  { path: "in", type: "symlink", target: "sub" },
  { path: "dangling", type: "symlink", target: "nowhere" },
  { path: ".hidden/a.txt", type: "file", content: "a" },
  { path: "tohidden", type: "symlink", target: ".hidden" },
];

function digest(algorithm: string, text: string): string {
  return `:${createHash(algorithm).update(text).digest("base64")}:`;
}

Deno.test("Uploads saves a PUT under its name only", async () => {
  const table: [path: string, status: number, saved?: string][] = [
    ["/new.txt", 201, "new.txt"],
    ["/sub/new.txt", 201, "sub/new.txt"],
    ["/in/new2.txt", 201, "sub/new2.txt"],
    ["/sub/../new3.txt", 201, "new3.txt"],
    ["/../../new4.txt", 201, "new4.txt"],
    ["/%2e%2e/new5.txt", 201, "new5.txt"],
    ["/caf%C3%A9%20%F0%9F%98%80.txt", 201, "caf\u00e9 \u{1f600}.txt"],
    ["/%22%3E%3Cimg%20src=x%3E", 201, '"><img src=x>'],
    ["/made/by/parents.txt?parents", 201, "made/by/parents.txt"],
    // Existing files, also the target of a link
    ["/old.txt", 409],
    ["/sub", 409],
    ["/dangling", 409],
    ["/in", 409],
    // No such folder
    ["/none/new.txt", 409],
    ["/old.txt/new.txt", 409],
    ["/old.txt/new.txt?parents", 409],
    ["/dangling/new.txt?parents", 409],
    ["/", 409],
    ["/sub/", 409],
    // Parents that are links out of the folder
    ["/out/tmp/pystd-evil.txt", 409],
    ["/out/tmp/pystd-evil.txt?parents", 409],
    // Hidden names, escaped and unescaped
    ["/.bashrc", 403],
    ["/.hidden/new.txt", 403],
    ["/tohidden/new.txt", 403],
    ["/.well-known/new.txt?parents", 403],
    [`/.pystd-upload-${"0".repeat(32)}.part`, 403],
    // Invalid names
    ["/a%00.txt", 400],
    ["/a%0Ab.txt", 400],
    ["/%1b%5b2J", 400],
    ["/%ED%A0%80", 400],
    [`/${"x".repeat(256)}`, 400],
    [`/${"%C3%A9".repeat(128)}`, 400],
  ];
  await using sharing = await serveUploads({}, TREE);
  const before = sharing.list();
  const saved: string[] = [];
  for (const [path, status, name] of table) {
    const [answer] = await ask(
      sharing.port,
      `PUT ${path} HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\n\r\n1234`,
    );
    assertEquals(answer?.status, status, path);
    if (name === undefined) continue;
    saved.push(name);
    assertEquals(await sharing.read(name), "1234", path);
  }
  const made = sharing.list().filter((path) => !before.includes(path));
  const wanted = [...saved, "made/", "made/by/"].sort();
  assertEquals(made, wanted);
  assertEquals(await sharing.read("old.txt"), "old");
});

Deno.test("Uploads writes to its own folder only", async () => {
  await using sharing = await serveUploads({ subdirectory: "sub" }, TREE);
  const put = async (path: string) =>
    (await sharing.fetch(path, { method: "PUT", body: "1" })).status;
  assertEquals(await put("/new.txt"), 403);
  assertEquals(await put("/made/new.txt?parents"), 409);
  assertEquals(await put("/subs/new.txt"), 409);
  assertEquals(await put("/sub/new.txt"), 201);
  assertEquals(await put("/in/new2.txt"), 201);
  assertEquals(await put("/sub/deep/new.txt?parents"), 201);
});

Deno.test("Uploads replaces files only with overwrite", async () => {
  await using sharing = await serveUploads({ overwrite: true }, TREE);
  const put = (path: string, headers: Record<string, string> = {}) =>
    sharing.fetch(path, { method: "PUT", body: "new", headers });
  const { status, headers } = await put("/old.txt");
  assertEquals([status, await sharing.read("old.txt")], [200, "new"]);
  const etag = headers.get("etag")!;
  assertEquals(etag, (await sharing.fetch("/old.txt")).headers.get("etag"));
  assertEquals((await put("/old.txt", { "If-None-Match": "*" })).status, 412);
  assertEquals((await put("/old.txt", { "If-Match": '"no"' })).status, 412);
  assertEquals((await put("/new.txt", { "If-Match": "*" })).status, 412);
  assertEquals((await put("/new.txt", { "If-None-Match": "*" })).status, 201);
  assertEquals((await put("/old.txt", { "If-Match": etag })).status, 200);
  assertEquals((await put("/sub")).status, 409);
  // The link is replaced, and not its target.
  assertEquals((await put("/dangling")).status, 200);
  assert((await Deno.lstat(sharing.tree.path("dangling"))).isFile);
});

Deno.test("Uploads reports the location of the file in the client's form", async () => {
  await using sharing = await serveUploads();
  const text = await sharing.fetch("/a b.txt", { method: "PUT", body: "abc" });
  assertEquals(text.text, "Saved /a b.txt, 3 bytes\n");
  assertEquals(text.headers.get("location"), "./a%20b.txt");
  const accept = { "Accept": "application/json" };
  const json = await sharing.fetch("/b.txt", {
    method: "PUT",
    body: "abc",
    headers: accept,
  });
  assertEquals(JSON.parse(json.text), {
    saved: [{ path: "/b.txt", size: 3 }],
    failed: [],
  });
  const refused = await sharing.fetch("/b.txt", {
    method: "PUT",
    body: "abc",
    headers: accept,
  });
  assertEquals(refused.status, 409);
  const { error } = JSON.parse(refused.text);
  assertEquals(error.message, "A file with this name already exists");
  const page = await sharing.fetch("/b.txt", {
    method: "PUT",
    body: "abc",
    headers: { "Accept": "text/html" },
  });
  assertEquals(page.headers.get("content-type")?.split(";")[0], "text/html");
});

Deno.test("Uploads verifies checksums", async () => {
  const table: [name: string, value: string, status: number][] = [
    ["Content-Digest", `sha-256=${digest("sha256", "abc")}`, 201],
    ["Content-Digest", `sha-512=${digest("sha512", "abc")}`, 201],
    ["Repr-Digest", `sha-256=${digest("sha256", "abc")}`, 201],
    ["Content-Digest", "md5=:AAAA:", 201],
    ["Content-Digest", `sha-256=${digest("sha256", "abd")}`, 400],
    ["Repr-Digest", `sha-256=${digest("sha256", "abd")}`, 400],
    [
      "Content-Digest",
      `sha-256=${digest("sha256", "abc")}, sha-512=${digest("sha512", "no")}`,
      400,
    ],
    ["Content-Digest", "sha-256=:AAAA:", 400],
    ["Content-Digest", "sha-256=abc", 400],
  ];
  await using sharing = await serveUploads();
  for (const [i, [name, value, status]] of table.entries()) {
    const answer = await sharing.fetch(`/${i}`, {
      method: "PUT",
      body: "abc",
      headers: { [name]: value },
    });
    assertEquals(answer.status, status, value);
    assertEquals(
      await sharing.read(`${i}`),
      status === 201 ? "abc" : undefined,
    );
  }
  const both = await sharing.fetch("/both", {
    method: "PUT",
    body: "abc",
    headers: {
      "Content-Digest": `sha-256=${digest("sha256", "abc")}`,
      "Repr-Digest": `sha-256=${digest("sha256", "abd")}`,
    },
  });
  assertEquals(both.status, 400);
  assertEquals(sharing.list().length, 4);
});

Deno.test("Uploads resumes an interrupted upload", async () => {
  await using sharing = await serveUploads();
  const stands = async (id = "") => {
    const answer = await sharing.fetch("/a.bin", {
      method: "PUT",
      headers: { "Content-Range": "bytes */10", "Upload-Id": id },
    });
    assertEquals(answer.status, 204);
    return Number(answer.headers.get("upload-offset"));
  };
  assertEquals(await stands(), 0);
  {
    await using client = await RawClient.connect(sharing.port);
    await client.send(
      "PUT /a.bin HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n" +
        "Content-Range: bytes 0-9/10\r\n\r\n",
      "0123",
    );
    // A new connection takes the upload over from one that still waits.
    while (await stands() !== 4) {
      await using again = await RawClient.connect(sharing.port);
      await again.send(
        "PUT /a.bin HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n" +
          "Content-Range: bytes 0-9/10\r\n\r\n0123",
      );
      await again.silence(20);
    }
  }
  assertEquals(await stands("other"), 0);
  const part = (range: string, body: string) =>
    sharing.fetch("/a.bin", {
      method: "PUT",
      body,
      headers: { "Content-Range": range, "Accept": "application/json" },
    });
  const gap = await part("bytes 6-9/10", "6789");
  assertEquals([gap.status, gap.headers.get("upload-offset")], [409, "4"]);
  assertEquals(JSON.parse(gap.text).offset, 4);
  assertEquals((await part("bytes 4-6/10", "45678")).status, 400);
  assertEquals((await part("bytes 4-99/10", "456")).status, 400);
  assertEquals((await part("lines 4-6/10", "456")).status, 400);
  const accepted = await part("bytes 4-6/10", "456");
  assertEquals([accepted.status, accepted.text.trim()], [
    202,
    '{"offset":7,"size":10}',
  ]);
  // Overlapping bytes are replaced.
  assertEquals((await part("bytes 5-9/10", "56789")).status, 201);
  assertEquals(await sharing.read("a.bin"), "0123456789");
  assertEquals(sharing.list(), ["a.bin"]);
  assertEquals((await part("bytes 0-9/10", "0123456789")).status, 409);
});

Deno.test("Uploads removes a resumable upload on Upload-Cancel", async () => {
  await using sharing = await serveUploads();
  const put = (headers: HeadersInit, body?: string) =>
    sharing.fetch("/a", { method: "PUT", body, headers });
  await put({ "Content-Range": "bytes 0-1/10" }, "01");
  assertEquals(sharing.list().length, 1);
  const cancel = { "Content-Range": "bytes */10", "Upload-Cancel": "?1" };
  assertEquals((await put(cancel)).status, 204);
  assertEquals(sharing.list(), []);
});

Deno.test("Uploads verifies the checksum of a file sent in parts", async () => {
  await using sharing = await serveUploads();
  const part = async (range: string, body: string, digested: string) =>
    (await sharing.fetch("/a", {
      method: "PUT",
      body,
      headers: {
        "Content-Range": range,
        "Repr-Digest": `sha-256=${digest("sha256", digested)}`,
      },
    })).status;
  assertEquals(await part("bytes 0-1/4", "ab", "abcd"), 202);
  assertEquals(await part("bytes 2-3/4", "xx", "abcd"), 400);
  assertEquals(await part("bytes 2-3/4", "cd", "abcd"), 409);
  assertEquals(await part("bytes 0-3/4", "abcd", "abcd"), 201);
});

Deno.test("Uploads rejects a body that is too large before it is sent", async () => {
  await using sharing = await serveUploads({ maxBytes: 10 }, [], 10);
  const head = "PUT /a HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n";
  const long = await ask(sharing.port, `${head}Content-Length: 11\r\n\r\n`);
  assertEquals(long.map(({ status }) => status), [413]);
  const total = await ask(
    sharing.port,
    `${head}Content-Length: 1\r\nContent-Range: bytes 0-0/11\r\n\r\n`,
  );
  assertEquals(total.map(({ status }) => status), [413]);
  const chunked = await ask(
    sharing.port,
    "PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
      "b\r\n01234567890\r\n0\r\n\r\n",
  );
  assertEquals(chunked.map(({ status }) => status), [413]);
  const there = await ask(
    sharing.port,
    `${head}Content-Length: 2\r\n\r\n`,
    { pause_ms: 50 },
    "ab",
  );
  assertEquals(there.map(({ status }) => status), [100, 201]);
  const taken = await ask(sharing.port, `${head}Content-Length: 2\r\n\r\n`);
  assertEquals(taken.map(({ status }) => status), [409]);
  assertEquals(sharing.list(), ["a"]);
});

Deno.test("Uploads removes the partial file of an interrupted upload", async () => {
  await using sharing = await serveUploads();
  {
    await using client = await RawClient.connect(sharing.port);
    await client.send(
      "PUT /a HTTP/1.1\r\nHost: a\r\nContent-Length: 9\r\n\r\n12",
    );
    const there = () => sharing.list().length === 1;
    assert(await client.waitFor(there), "the hidden file");
    assert(sharing.list()[0]!.startsWith(".pystd-upload-"));
  }
  await using other = await RawClient.connect(sharing.port);
  assert(await other.waitFor(() => sharing.list().length === 0));
});

Deno.test("Uploads saves one of two simultaneous uploads of a name", async () => {
  for (const overwrite of [false, true]) {
    await using sharing = await serveUploads({ overwrite });
    const bodies = ["a", "b", "c", "d"].map((c) => c.repeat(300_000));
    const answers = await Promise.all(
      bodies.map((body) => sharing.fetch("/same", { method: "PUT", body })),
    );
    const statuses = answers.map(({ status }) => status).sort();
    assertEquals(
      statuses,
      overwrite ? [200, 200, 200, 201] : [
        201,
        409,
        409,
        409,
      ],
    );
    const text = await sharing.read("same");
    if (overwrite) assert(bodies.includes(text!));
    else assertEquals(text, bodies[answers.findIndex((a) => a.status === 201)]);
    assertEquals(sharing.list(), ["same"]);
  }
});

Deno.test("Uploads rejects pages of other sites", async () => {
  const table: [fields: string, status: number][] = [
    ["", 201],
    ["Sec-Fetch-Site: same-origin\r\nOrigin: http://a\r\n", 201],
    ["Sec-Fetch-Site: none\r\n", 201],
    ["Origin: http://a\r\n", 201],
    ["Origin: https://friend.example\r\nSec-Fetch-Site: cross-site\r\n", 201],
    ["Origin: http://b\r\n", 403],
    ["Origin: http://a.b\r\n", 403],
    ["Origin: null\r\n", 403],
    ["Sec-Fetch-Site: cross-site\r\n", 403],
    ["Sec-Fetch-Site: same-site\r\nOrigin: http://a\r\n", 403],
  ];
  const origins = ["https://friend.example"];
  await using sharing = await serveUploads({ origins });
  for (const [i, [fields, status]] of table.entries()) {
    const [answer] = await ask(
      sharing.port,
      `PUT /${i} HTTP/1.1\r\nHost: a\r\n${fields}Content-Length: 1\r\n\r\n1`,
    );
    assertEquals(answer?.status, status, fields);
  }
});

Deno.test("Uploads creates folders with MKCOL and ?parents", async () => {
  const table: [path: string, status: number, location?: string][] = [
    ["/new", 201, "/new/"],
    ["/new/", 405],
    ["/new/deep/", 201, "/new/deep/"],
    ["/old.txt", 405],
    ["/none/new", 409],
    ["/none/new?parents", 201, "/none/new/"],
    ["/out/tmp/pystd-evil", 409],
    ["/.hidden/x", 403],
    ["/", 405],
  ];
  await using sharing = await serveUploads({}, TREE);
  for (const [path, status, location] of table) {
    const answer = await sharing.fetch(path, { method: "MKCOL" });
    assertEquals(answer.status, status, path);
    if (location === undefined) continue;
    assertEquals(answer.text, `Created ${location}\n`);
    const made = new URL(answer.headers.get("location")!, `http://a${path}`);
    assertEquals(made.pathname, location);
  }
});

Deno.test("Uploads hides its partial files when dotfiles are served", async () => {
  const name = `.pystd-upload-${"0".repeat(32)}.part`;
  await using sharing = await serveUploads({ dotfiles: true }, [
    { path: name, type: "file", content: "secret" },
    { path: ".shown", type: "file", content: "shown" },
  ]);
  assertEquals((await sharing.fetch(`/${name}`)).status, 404);
  assertEquals((await sharing.fetch(`/%2e${name.slice(1)}`)).status, 404);
  assertEquals((await sharing.fetch("/.shown")).status, 200);
  const put = await sharing.fetch("/.new", { method: "PUT", body: "1" });
  assertEquals(put.status, 201);
});

Deno.test("Uploads limits the interrupted uploads that it keeps", async () => {
  await using sharing = await serveUploads();
  for (let i = 0; i < 260; i++) {
    const { status } = await sharing.fetch("/a", {
      method: "PUT",
      body: "1",
      headers: { "Content-Range": "bytes 0-0/2", "Upload-Id": `${i}` },
    });
    assertEquals(status, 202);
  }
  assertEquals(sharing.list().length, 257);
});

Deno.test("Uploads sends a 503 while another process writes the upload", async () => {
  await using sharing = await serveUploads();
  const put = () =>
    sharing.fetch("/a", {
      method: "PUT",
      body: "1",
      headers: { "Content-Range": "bytes 0-0/2" },
    });
  assertEquals((await put()).status, 202);
  const [name] = sharing.list();
  const id = /[0-9a-f]{32}/.exec(name!)![0];
  const other = IncomingFile.resume(sharing.tree.root, id);
  const busy = await put();
  assertEquals([busy.status, busy.headers.get("retry-after")], [503, "1"]);
  await other.keep();
  assertEquals((await put()).status, 202);
});
