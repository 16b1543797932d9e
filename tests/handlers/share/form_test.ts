// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { ask } from "../../support/client.ts";
import { serveUploads } from "../../support/sharing.ts";
import type { TreeEntry } from "../../support/tree.ts";

const TREE: TreeEntry[] = [
  { path: "old.txt", type: "file", content: "old" },
  { path: "sub/a.txt", type: "file", content: "a" },
  { path: "out", type: "symlink", target: "/" },
];
const JSON_WANTED = { "Accept": "application/json" };

/** A form of files by their names. */
function form(files: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, text] of Object.entries(files)) {
    data.append("file", new File([text], name));
  }
  return data;
}

Deno.test("Uploads saves the files of a form, folders and all", async () => {
  await using sharing = await serveUploads({}, TREE);
  const files = {
    "n.txt": "a",
    'caf\u00e9 \u{1f600} "q".txt': "b",
    "dir/deep/c.txt": "c",
    "big.bin": "x".repeat(1_000_000),
    "empty": "",
  };
  const body = form(files);
  body.append("comment", "ignored");
  body.append("file", new File([], ""));
  const answer = await sharing.fetch("/sub/", {
    method: "POST",
    body,
    headers: JSON_WANTED,
  });
  assertEquals(answer.status, 201, answer.text);
  const wanted = Object.entries(files).map(([name, text]) => ({
    path: `/sub/${name}`,
    size: text.length,
  }));
  assertEquals(JSON.parse(answer.text), { saved: wanted, failed: [] });
  for (const [name, text] of Object.entries(files)) {
    assertEquals(await sharing.read(`sub/${name}`), text);
  }
});

Deno.test("Uploads answers a form as its sender likes", async () => {
  await using sharing = await serveUploads({}, TREE);
  const page = await sharing.fetch("/sub/", {
    method: "POST",
    body: form({ "b.txt": "b" }),
    headers: { "Accept": "text/html,*/*" },
  });
  assertEquals([page.status, page.headers.get("location")], [303, "./"]);
  const text = await sharing.fetch("/", {
    method: "POST",
    body: form({ "b.txt": "b" }),
  });
  assertEquals([text.status, text.text], [201, "Saved /b.txt, 1 bytes\n"]);
  const refused = await sharing.fetch("/", {
    method: "POST",
    body: form({ "b.txt": "b" }),
    headers: { "Accept": "text/html,*/*" },
  });
  assertEquals(refused.status, 409);
  assertStringIncludes(refused.text, "b.txt");
});

Deno.test("Uploads saves what it can of a form, and says what it could not", async () => {
  await using sharing = await serveUploads({}, TREE);
  const files = {
    "../evil": "1",
    "/etc/evil": "1",
    "a/../../evil": "1",
    "out/tmp/pystd-evil": "1",
    ".bashrc": "1",
    "a/.git/config": "1",
    "old.txt": "1",
    "sub": "1",
    "old.txt/a": "1",
    "good.txt": "good",
  };
  const answer = await sharing.fetch("/", {
    method: "POST",
    body: form(files),
    headers: JSON_WANTED,
  });
  const { saved, failed, error } = JSON.parse(answer.text);
  assertEquals([answer.status, error.status], [400, 400]);
  assertEquals(saved, [{ path: "/good.txt", size: 4 }]);
  const statuses = failed.map((one: { status: number }) => one.status);
  assertEquals(statuses, [400, 400, 400, 409, 403, 403, 409, 409, 409]);
  assertEquals(await sharing.read("old.txt"), "old");
});

Deno.test("Uploads makes folders that a form asks for", async () => {
  await using sharing = await serveUploads({}, TREE);
  const data = new FormData();
  data.append("mkdir", "new/deep/");
  const post = async (body: BodyInit) =>
    (await sharing.fetch("/sub/", { method: "POST", body })).status;
  assertEquals(await post(data), 201);
  assertEquals(await post(new URLSearchParams({ mkdir: "caf\u00e9" })), 201);
  assertEquals(await post(new URLSearchParams({ mkdir: "../up" })), 400);
  assertEquals(await post(new URLSearchParams({ mkdir: "" })), 400);
  assertEquals(await post(new URLSearchParams({ other: "1" })), 400);
  assertEquals(
    await post(new URLSearchParams({ mkdir: "a".repeat(9000) })),
    413,
  );
  assertEquals(await post("text"), 415);
  const made = sharing.list().filter((path) => path.endsWith("/"));
  assertEquals(made, ["sub/", "sub/caf\u00e9/", "sub/new/", "sub/new/deep/"]);
});

Deno.test("Uploads refuses a form that is none, and keeps nothing of it", async () => {
  const type = "Content-Type: multipart/form-data; boundary=x\r\n";
  const part = 'Content-Disposition: form-data; name="f"; filename="a"\r\n';
  const table: [fields: string, body: string, status: number][] = [
    [type, `--x\r\n${part}\r\ndata\r\n--x`, 400],
    [type, `--x\r\n${part}\r\ndata\r\n--xy\r\n--x--`, 400],
    [type, `--x\r\n\r\ndata\r\n--x--`, 400],
    [
      type,
      `--x\r\n${part}Content-Transfer-Encoding: base64\r\n\r\ndata\r\n--x--`,
      415,
    ],
    [type, `--x\r\nX: ${"a".repeat(20_000)}\r\n\r\ndata\r\n--x--`, 400],
    ["Content-Type: multipart/form-data\r\n", "--x--", 400],
    ["Content-Type: multipart/form-data; boundary=\r\n", "--x--", 400],
    ["Content-Type: multipart/mixed; boundary=x\r\n", "--x--", 415],
    ["Content-Type: ;;;\r\n", "", 400],
    ["", "a", 415],
    [type, "--x--", 201],
  ];
  await using sharing = await serveUploads();
  for (const [fields, body, status] of table) {
    const [answer] = await ask(
      sharing.port,
      `POST / HTTP/1.1\r\nHost: a\r\n${fields}Content-Length: ${body.length}\r\n\r\n${body}`,
    );
    assertEquals(answer?.status, status, fields + body.slice(0, 80));
    assertEquals(sharing.list(), []);
  }
});

Deno.test("Uploads takes no more parts of a form than it can keep in mind", async () => {
  await using sharing = await serveUploads();
  const part = (name: string) =>
    `--x\r\nContent-Disposition: form-data; name="f"; filename="${name}"\r\n\r\n\r\n`;
  const post = async (refused: number) =>
    await sharing.fetch("/", {
      method: "POST",
      body: `${part("a")}${part(".a").repeat(refused)}--x--\r\n`,
      headers: {
        ...JSON_WANTED,
        "Content-Type": "multipart/form-data; boundary=x",
      },
    });
  const many = await post(10_000);
  assertEquals(many.status, 413);
  const { error, saved, failed } = JSON.parse(many.text);
  assertEquals(error.message, "Too many parts");
  assertEquals(saved, [{ path: "/a", size: 0 }]);
  assertEquals(failed.length, 9_999);
  assertEquals(JSON.parse((await post(9_999)).text).failed.length, 10_000);
});

Deno.test("Uploads refuses a file of a form that is too long, and shows no form where it takes none", async () => {
  await using sharing = await serveUploads(
    { maxBytes: 3, subdirectory: "sub" },
    TREE,
  );
  const body = new FormData();
  body.append("file", new Blob(["1234"]), "a");
  body.append("file", new Blob(["123"]), "b");
  const answer = await sharing.fetch("/sub/", { method: "POST", body });
  assertEquals(answer.status, 413);
  assertEquals(await sharing.read("sub/a"), undefined);
  assertEquals(await sharing.read("sub/b"), "123");
  const headers = { Accept: "text/html" };
  const shows = async (path: string) =>
    (await sharing.fetch(path, { headers })).text.includes('type="file"');
  assertEquals([await shows("/"), await shows("/sub/")], [false, true]);
});
