// Copyright 2026 the pystd authors. MIT license.

/**
 * Sharing when the system fails: a full disk, a folder that is removed, a file
 * that cannot be opened.
 */

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertStringIncludes } from "@std/assert/string-includes";
import { BusyError } from "../../../files/busy_error.ts";
import { IncomingFile } from "../../../files/incoming.ts";
import { ServedDirectory } from "../../../files/served_directory.ts";
import { Archives } from "../../../handlers/share/archive/archives.ts";
import { ask, RawClient } from "../../support/client.ts";
import {
  serveTree,
  serveUploads,
  type Sharing,
} from "../../support/sharing.ts";
import { stub, systemError } from "../../support/stub.ts";
import { makeTree } from "../../support/tree.ts";

const { AlreadyExists, NotSupported } = Deno.errors;

const FORM = [
  "--x",
  'Content-Disposition: form-data; name="file"; filename="a"',
  "",
  "alpha",
  "--x--",
  "",
].join("\r\n");
const FORM_TYPE = { "Content-Type": "multipart/form-data; boundary=x" };

/** An error of the system, and the response to it. */
const REASONS: [code: string, status: number][] = [
  ["ENOSPC", 507],
  ["EDQUOT", 507],
  ["ENAMETOOLONG", 400],
  ["EFBIG", 413],
  ["EACCES", 403],
  ["EPERM", 403],
  ["EROFS", 403],
  ["ENOENT", 409],
  ["ENOTDIR", 409],
];

Deno.test("Uploads reports why the system rejects a file", async () => {
  await using sharing = await serveUploads();
  for (const [code, status] of REASONS) {
    using _ = stub(IncomingFile, "create", () => () => {
      throw systemError(code);
    });
    for (
      const request of [
        { method: "PUT", body: "alpha" },
        { method: "POST", body: FORM, headers: FORM_TYPE },
      ]
    ) {
      const path = request.method === "PUT" ? "/a" : "/";
      const answer = await sharing.fetch(path, request);
      assertEquals([code, answer.status], [code, status]);
      assert(!answer.text.includes("The system says"));
    }
    assertEquals(sharing.list(), []);
  }
});

Deno.test("Uploads reports why the system rejects a folder", async () => {
  await using sharing = await serveUploads();
  for (const [code, status] of REASONS) {
    using _ = stub(Deno, "mkdirSync", () => () => {
      throw systemError(code);
    });
    const plain = await sharing.fetch("/d", { method: "MKCOL" });
    assertEquals([code, plain.status], [code, status]);
    const parents = await sharing.fetch("/d/a?parents", {
      method: "PUT",
      body: "a",
    });
    assertEquals([code, parents.status], [code, status]);
  }
});

Deno.test("Uploads answers 500 to an unknown error", async () => {
  await using sharing = await serveUploads();
  using _ = stub(IncomingFile, "create", () => () => {
    throw systemError("EIO");
  });
  const answer = await sharing.fetch("/a", { method: "PUT", body: "alpha" });
  assertEquals(answer.status, 500);
});

Deno.test("Uploads reports that another upload got the name first", async () => {
  await using sharing = await serveUploads();
  using _ = stub(Deno, "linkSync", () => () => {
    throw systemError("EEXIST", AlreadyExists);
  });
  const put = await sharing.fetch("/a", { method: "PUT", body: "alpha" });
  assertEquals(put.status, 409);
  const headers = FORM_TYPE;
  const form = await sharing.fetch("/", {
    method: "POST",
    body: FORM,
    headers,
  });
  assertEquals(form.status, 409);
  assertEquals(sharing.list(), []);
});

Deno.test("Uploads works without hard links, locks and sync", async () => {
  await using sharing = await serveUploads();
  const { root } = sharing.tree;
  using _links = stub(Deno, "linkSync", () => () => {
    throw new NotSupported();
  });
  using _locks = stub(Deno.FsFile.prototype, "tryLockSync", () => () => {
    throw new NotSupported();
  });
  using _syncing = stub(Deno, "openSync", (real) => (path, options) => {
    if (path === root) throw new NotSupported();
    return real(path, options);
  });
  const answer = await sharing.fetch("/a", { method: "PUT", body: "alpha" });
  assertEquals(answer.status, 201);
  assertEquals(await sharing.read("a"), "alpha");
});

Deno.test("Uploads saves nothing when a hard link fails for another reason", async () => {
  await using sharing = await serveUploads();
  using _ = stub(Deno, "linkSync", () => () => {
    throw systemError("EIO");
  });
  const answer = await sharing.fetch("/a", { method: "PUT", body: "alpha" });
  assertEquals(answer.status, 500);
  assertEquals(sharing.list(), []);
});

Deno.test("Uploads responds even if it cannot remove a partial file", async () => {
  await using sharing = await serveUploads({ maxBytes: 3 });
  {
    using _ = stub(Deno, "removeSync", () => () => {
      throw systemError("EACCES", Deno.errors.PermissionDenied);
    });
    const [answer] = await ask(
      sharing.port,
      "PUT /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n" +
        "5\r\nalpha\r\n0\r\n\r\n",
    );
    assertEquals(answer.status, 413);
  }
  // The file stays hidden, and the next start removes it.
  assertEquals(sharing.list().length, 1);
  assert(!(await sharing.fetch("/")).text.includes("pystd-upload"));
});

Deno.test("Uploads reports that the folder is gone", async () => {
  await using sharing = await serveUploads({ subdirectory: "in" }, [
    { path: "in", type: "dir" },
    { path: "other", type: "dir" },
  ]);
  await Deno.remove(sharing.tree.path("in"));
  const put = async (path: string) =>
    (await sharing.fetch(path, { method: "PUT", body: "1" })).status;
  assertEquals(await put("/in/a"), 409);
  assertEquals(await put("/other/a"), 403);
  await Deno.remove(sharing.tree.root, { recursive: true });
  assertEquals(await put("/a"), 409);
  await Deno.mkdir(sharing.tree.root);
});

Deno.test("Uploads rejects malformed and unsupported requests", async (t) => {
  const part = "Content-Range: bytes 0-4/10\r\n";
  const rows: [name: string, request: string, status: number][] = [
    [
      "a content coding",
      "Content-Encoding: gzip\r\nContent-Length: 5\r\n\r\nalpha",
      415,
    ],
    [
      "a bad id",
      `${part}Upload-Id: a/b\r\nContent-Length: 5\r\n\r\nalpha`,
      400,
    ],
    [
      "a question with content",
      "Content-Range: bytes */10\r\nContent-Length: 5\r\n\r\nalpha",
      400,
    ],
    [
      "less than it announces",
      `${part}Transfer-Encoding: chunked\r\n\r\n2\r\nal\r\n0\r\n\r\n`,
      400,
    ],
    [
      "more than it announces",
      `${part}Transfer-Encoding: chunked\r\n\r\n6\r\nalphab\r\n0\r\n\r\n`,
      413,
    ],
  ];
  await using sharing = await serveUploads();
  for (const [name, request, status] of rows) {
    await t.step(name, async () => {
      const [answer] = await ask(
        sharing.port,
        `PUT /a HTTP/1.1\r\nHost: a\r\n${request}`,
      );
      assertEquals(answer.status, status);
      assertEquals(await sharing.read("a"), undefined);
    });
  }
  await t.step("a field that is too long", async () => {
    const body = FORM.replace('filename="a"', "")
      .replace('"file"', '"mkdir"').replace("alpha", "a".repeat(9000));
    const request = { method: "POST", headers: FORM_TYPE, body };
    assertEquals((await sharing.fetch("/", request)).status, 413);
  });
});

/** Sends the first half of a file. */
async function begin(sharing: Sharing, path: string): Promise<number> {
  const headers = { "Content-Range": "bytes 0-4/10" };
  const request = { method: "PUT", body: "alpha", headers };
  return (await sharing.fetch(path, request)).status;
}

Deno.test("Uploads forgets an upload whose folder is gone", async () => {
  await using sharing = await serveUploads({}, [{ path: "d", type: "dir" }]);
  assertEquals(await begin(sharing, "/d/a"), 202);
  await Deno.remove(sharing.tree.path("d"), { recursive: true });
  using _ = stub(Date, "now", (now) => () => now() + 25 * 3600 * 1000);
  assertEquals(await begin(sharing, "/b"), 202);
});

Deno.test("IncomingFile.write stops when another connection takes the file over", async () => {
  await using tree = await makeTree();
  const file = IncomingFile.create(tree.root);
  await file.takeOver();
  await assertRejects(() => file.write(new Uint8Array(1)), BusyError);
  await assertRejects(() => file.written(), BusyError);
  await Deno.remove(file.path);
});

Deno.test("Archives leaves out files that it cannot open", async () => {
  const tree = await makeTree([
    { path: "d/a.txt", type: "file", content: "alpha" },
    { path: "d/b.txt", type: "file", content: "beta" },
    { path: "d/locked/c.txt", type: "file", content: "gamma" },
    {
      path: `d/.pystd-upload-${"0".repeat(32)}.part`,
      type: "file",
      content: "delta",
    },
  ]);
  await using sharing = serveTree(tree, {
    archives: new Archives(),
    dotfiles: true,
  });
  using _open = stub(
    ServedDirectory.prototype,
    "open",
    (real) =>
      function (this: ServedDirectory, ...args) {
        return args[0].path.endsWith("b.txt")
          ? undefined
          : real.apply(this, args);
      },
  );
  using _list = stub(
    ServedDirectory.prototype,
    "list",
    (real) =>
      function (this: ServedDirectory, ...args) {
        if (args[0].path.endsWith("locked")) throw systemError("EACCES");
        return real.apply(this, args);
      },
  );
  for (const format of ["zip", "tar.gz"]) {
    const response = await fetch(
      `http://127.0.0.1:${sharing.port}/d/?archive=${format}`,
    );
    const stream = format === "zip"
      ? response.body!
      : response.body!.pipeThrough(new DecompressionStream("gzip"));
    const text = await new Response(stream).text();
    for (const part of ["d/a.txt", "alpha", "d/locked/"]) {
      assertStringIncludes(text, part);
    }
    for (const part of ["b.txt", "beta", "c.txt", "gamma", "delta"]) {
      assert(!text.includes(part), part);
    }
  }
});

Deno.test("Archives cuts off an archive when a file becomes shorter, if its format shows that", async () => {
  const tree = await makeTree([
    { path: "d/a.txt", type: "file", content: "alpha" },
  ]);
  await using sharing = serveTree(tree, { archives: new Archives() });
  using _ = stub(
    ServedDirectory.prototype,
    "open",
    (real) =>
      function (this: ServedDirectory, ...args) {
        const opened = real.apply(this, args);
        return opened &&
          { ...opened, info: { ...opened.info, size: opened.info.size + 1 } };
      },
  );
  // A ZIP entry has the size of its data after the data.
  const zip = await sharing.fetch("/d/?archive=zip");
  assertEquals(zip.status, 200);
  await using client = await RawClient.connect(sharing.port);
  await client.send("GET /d/?archive=tar.gz HTTP/1.1\r\nHost: a\r\n\r\n");
  assert(await client.waitFor(() => client.closed));
  assert(!client.received.endsWith("0\r\n\r\n"));
});

Deno.test("listing offers archives, and answers 404 for a directory that cannot be read", async () => {
  const tree = await makeTree([
    { path: "d/a\x7f.txt", type: "file", content: "alpha" },
    { path: "d/README.md", type: "file", content: "Read me" },
  ]);
  await using sharing = serveTree(tree, { archives: new Archives() });
  const { text } = await sharing.fetch("/d/", {
    headers: { Accept: "text/html" },
  });
  assertStringIncludes(text, 'value="zip">This folder as .zip</button>');
  assertStringIncludes(text, "a\u2421.txt");
  assertStringIncludes(text, "Read me");
  using _ = stub(Deno, "readDirSync", () => () => {
    throw systemError("EACCES", Deno.errors.PermissionDenied);
  });
  const headers = { Accept: "application/json" };
  assertEquals((await sharing.fetch("/d/", { headers })).status, 404);
});

Deno.test("Uploads rethrows an unknown error when it removes expired uploads", async () => {
  await using sharing = await serveUploads();
  assertEquals(await begin(sharing, "/a"), 202);
  using _later = stub(Date, "now", (now) => () => now() + 25 * 3600 * 1000);
  using _ = stub(IncomingFile, "resume", () => () => {
    throw systemError("EIO");
  });
  assertEquals(await begin(sharing, "/b"), 500);
});
