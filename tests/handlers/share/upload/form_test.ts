// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { ask } from "../../../support/client.ts";
import { serveUploads } from "../../../support/sharing.ts";
import type { TreeEntry } from "../../../support/tree.ts";
import { waitUntil } from "../../../support/wait.ts";

const TREE: TreeEntry[] = [
  { path: "old.txt", type: "file", content: "old" },
  { path: "sub/a.txt", type: "file", content: "a" },
  { path: "out", type: "symlink", target: "/" },
];
const JSON_WANTED = { "Accept": "application/json" };

/** Returns a form with files, by their names. */
function form(files: Record<string, string>): FormData {
  const data = new FormData();
  for (const [name, text] of Object.entries(files)) {
    data.append("file", new File([text], name));
  }
  return data;
}

Deno.test("Uploads saves the files and folders of a form", async () => {
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
  assertEquals(JSON.parse(answer.text), {
    saved: wanted,
    failed: [],
    skipped: [],
  });
  for (const [name, text] of Object.entries(files)) {
    assertEquals(await sharing.read(`sub/${name}`), text);
  }
});

Deno.test("Uploads answers a form in the client's form", async () => {
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

Deno.test("Uploads saves the valid files of a form, and reports the others", async () => {
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

Deno.test("Uploads reports the saved and the other files of a form on a page", async () => {
  await using sharing = await serveUploads({}, TREE);
  const post = async (files: Record<string, string>): Promise<string> => {
    const answer = await sharing.fetch("/", {
      method: "POST",
      body: form(files),
      headers: { "Accept": "text/html" },
    });
    assertEquals(answer.status, 409);
    return answer.text;
  };
  const page = await post({ "old.txt": "1", "sub": "1", "new.txt": "1" });
  assertStringIncludes(
    page,
    "Not saved: old.txt (A file with this name already exists), sub (",
  );
  assertStringIncludes(page, "; Saved: /new.txt");
  assert(!(await post({ "old.txt": "1" })).includes("Saved: "));
});

Deno.test("Uploads leaves out the system files of macOS, and reports them", async () => {
  await using sharing = await serveUploads();
  const files = {
    "trip/.DS_Store": "x",
    "trip/._a.jpg": "x",
    "trip/a.jpg": "a",
    ".localized": "x",
  };
  const answer = await sharing.fetch("/", {
    method: "POST",
    body: form(files),
  });
  assertEquals([answer.status, answer.text], [
    201,
    "Saved /trip/a.jpg, 1 bytes\n" +
    "Left out: trip/.DS_Store: a system file\n" +
    "Left out: trip/._a.jpg: a system file\n" +
    "Left out: .localized: a system file\n",
  ]);
  assertEquals(sharing.list(), ["trip/", "trip/a.jpg"]);
  const alone = await sharing.fetch("/", {
    method: "POST",
    body: form({ ".DS_Store": "x" }),
  });
  assertEquals(alone.status, 403);
});

Deno.test("Uploads sets the modification time that the client sends", async () => {
  await using sharing = await serveUploads();
  const time = 1_234_567_890;
  const put = await sharing.fetch("/a", {
    method: "PUT",
    body: "x",
    headers: { "X-OC-Mtime": `${time}` },
  });
  assertEquals(put.headers.get("x-oc-mtime"), "accepted");
  const date = new Date(time * 1000).toUTCString();
  const body = "--x\r\n" +
    'Content-Disposition: form-data; name="f"; filename="b"\r\n' +
    `Last-Modified: ${date}\r\n\r\nx\r\n--x--\r\n`;
  const posted = await sharing.fetch("/", {
    method: "POST",
    body,
    headers: { "Content-Type": "multipart/form-data; boundary=x" },
  });
  assertEquals(posted.status, 201);
  for (const name of ["a", "b"]) {
    const { mtime } = await Deno.stat(sharing.tree.path(name));
    assertEquals(mtime?.getTime(), time * 1000, name);
  }
  // A malformed time is ignored.
  const odd = await sharing.fetch("/c", {
    method: "PUT",
    body: "x",
    headers: { "X-OC-Mtime": "yesterday" },
  });
  assertEquals([odd.status, odd.headers.get("x-oc-mtime")], [201, null]);
});

Deno.test("Uploads reports what prevents a new folder", async () => {
  await using sharing = await serveUploads({}, TREE);
  const make = async (mkdir: string): Promise<[number, string]> => {
    const body = new URLSearchParams({ mkdir });
    const { status, text } = await sharing.fetch("/", { method: "POST", body });
    return [status, text.split("\n")[0]!];
  };
  assertEquals(await make("new"), [201, "Created /new/"]);
  assertEquals(await make("new"), [
    409,
    "409 A folder with this name already exists",
  ]);
  assertEquals(await make("old.txt"), [
    409,
    "409 A file with this name already exists",
  ]);
  assertEquals(await make("old.txt/sub"), [
    409,
    "409 A file with this name already exists",
  ]);
});

Deno.test("Uploads creates the folders of a form", async () => {
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

Deno.test("Uploads rejects a malformed form, and saves nothing of it", async () => {
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

Deno.test("Uploads limits the parts of a form", async () => {
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

Deno.test("Uploads rejects a file of a form that is too large, and shows no form outside its folder", async () => {
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

Deno.test("Uploads serves other requests between the parts of a form", async () => {
  const count = 500;
  await using sharing = await serveUploads();
  const part = (i: number) =>
    `--x\r\nContent-Disposition: form-data; name="mkdir"\r\n\r\nm${i}\r\n`;
  const body = Array.from({ length: count }, (_, i) => part(i)).join("");
  let made = 0;
  const form = sharing.fetch("/", {
    method: "POST",
    headers: { "Content-Type": "multipart/form-data; boundary=x" },
    body: `${body}--x--\r\n`,
  });
  await waitUntil(() => {
    made = [...Deno.readDirSync(sharing.tree.root)].length;
    return made > 0;
  });
  assert(made < count, `${made} folders were made at once`);
  assertEquals((await form).status, 201);
  assertEquals([...Deno.readDirSync(sharing.tree.root)].length, count);
});

Deno.test("a form creates a text file from a name and a text", async () => {
  await using site = await serveUploads({}, []);
  const send = async (fields: [string, string][]) => {
    const body = new FormData();
    for (const [name, value] of fields) body.append(name, value);
    return (await site.fetch("/", { method: "POST", body })).status;
  };
  assertEquals(await send([["text-name", "n.txt"], ["text", "hello"]]), 201);
  assertEquals(await site.read("n.txt"), "hello");
  assertEquals(await send([["text-name", "n.txt"], ["text", "other"]]), 409);
  assertEquals(await send([["text-name", "../x.txt"], ["text", "x"]]), 400);
  assertEquals(await send([["text", "no name"]]), 201);
  assertEquals(site.list(), ["n.txt"]);
});
