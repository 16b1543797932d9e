// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import { assertThrows } from "@std/assert/throws";
import { Management } from "../../handlers/share/manage/management.ts";
import { SourceManagement } from "../../handlers/share/manage/source_management.ts";
import { SourceUploads } from "../../handlers/share/upload/source_uploads.ts";
import { Uploads } from "../../handlers/share/upload/uploads.ts";
import { toFetchHandler } from "../../fetch.ts";
import { Archives } from "../../handlers/share/archive/archives.ts";
import {
  parseRule,
  PathRights,
} from "../../handlers/share/rights/path_rights.ts";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { MemorySource, type Source } from "../../sources/mod.ts";
import { SourceFile } from "../../sources/streamed_file.ts";
import { makeFiles } from "../support/tree.ts";
import {
  type Served,
  testManagement,
  testSource,
  testUploads,
} from "./cases.ts";
import { FILES, HIDING, UPLOAD_OPTIONS } from "./files.ts";

const NOTHING = { [Symbol.asyncDispose]: () => Promise.resolve() };

async function serveDirectory(): Promise<Served> {
  const tree = await makeFiles(FILES);
  return {
    options: { directory: tree.root },
    [Symbol.asyncDispose]: () => tree[Symbol.asyncDispose](),
  };
}

function serveMemory(): Promise<Served> {
  const source = new MemorySource(FILES);
  return Promise.resolve({ options: { source }, ...NOTHING });
}

testSource("a directory", serveDirectory);
testUploads(
  "a directory",
  serveDirectory,
  ({ options }) => new Uploads(options.directory!, UPLOAD_OPTIONS),
);
testManagement("a directory", serveDirectory, ({ options }) => {
  const limits = { ...UPLOAD_OPTIONS, overwrite: true };
  const uploads = new Uploads(Deno.realPathSync(options.directory!), limits);
  return { uploads, manage: new Management(uploads) };
});
testSource("memory", serveMemory);
testManagement("memory", serveMemory);
testUploads(
  "memory",
  serveMemory,
  ({ options }) => new SourceUploads(options.source!, UPLOAD_OPTIONS),
);

Deno.test("a handler serves a directory or a source, not both", () => {
  assertThrows(
    () =>
      SimpleHTTPRequestHandler.with({
        directory: ".",
        source: new MemorySource(),
      }),
    TypeError,
    '"directory" and "source"',
  );
});

Deno.test("MemorySource refuses paths that no request can have", () => {
  for (const path of ["", "/a", "a//b", "../a", "a/./b"]) {
    assertThrows(() => new MemorySource({ [path]: "" }), TypeError, path);
  }
  assertThrows(() => new MemorySource({ "a": "", "a/b": "" }), Error, "exists");
});

Deno.test("MemorySource gives each version its own entity tag", async () => {
  const source = new MemorySource({ "a": "1" });
  const tags = new Set<string>();
  for (const text of ["2", "3"]) {
    tags.add(source.find("a")!.etag!);
    const bytes = new TextEncoder().encode(text);
    await source.write("a", new Blob([bytes]).stream(), { overwrite: true });
  }
  tags.add(source.find("a")!.etag!);
  assertEquals(tags.size, 3);
});

Deno.test("a file without a version and a time is never a 304 or a 206 of If-Range", async () => {
  let content = "old";
  const entry = { name: "a.txt", kind: "file", size: 3 } as const;
  const source: Source = {
    label: "files without versions",
    find: (path) => path === "a.txt" ? entry : undefined,
    async *list() {
      yield await Promise.resolve([entry]);
    },
    read: (_path, { start, end }) =>
      new TextEncoder().encode(content).subarray(start, end),
    write: () => Promise.resolve("replaced"),
    makeDirectory: () => Promise.resolve(false),
  };
  const options = { source, uploads: new SourceUploads(source) };
  const handler = toFetchHandler(ShareHTTPRequestHandler.with(options));
  const ask = (fields: Record<string, string>, method = "GET") =>
    handler(new Request("http://localhost/a.txt", { method, headers: fields }));
  const first = await ask({});
  const etag = first.headers.get("etag")!;
  assertEquals(await first.text(), "old");
  content = "new";
  const second = await ask({ "if-none-match": etag });
  assertEquals([second.status, await second.text()], [200, "new"]);
  const part = await ask({ "if-range": etag, "range": "bytes=1-" });
  assertEquals([part.status, await part.text()], [200, "new"]);
  const stale = await ask({ "if-match": etag }, "PUT");
  await stale.body?.cancel();
  assertEquals(stale.status, 412);
});

Deno.test("rights per path hold over a source", async () => {
  const source = new MemorySource({ ...FILES, "own/a.txt": "own" });
  const rules = [
    "* / read",
    "* /docs read,upload",
    "ann /docs/deep read",
    "* /own manage",
    "ann /own/hers manage",
  ];
  class Handler extends ShareHTTPRequestHandler {
    static override maxBodyBytes = 100;
    override logMessage(): void {}
  }
  const uploads = new SourceUploads(source);
  const handler = toFetchHandler(Handler.with({
    source,
    uploads,
    manage: new SourceManagement(uploads),
    archives: new Archives(),
    rights: new PathRights({ rules: rules.map(parseRule) }),
  }));
  const send = async (
    method: string,
    path: string,
    destination = "",
  ): Promise<[status: number, text: string]> => {
    const body = method === "PUT" ? "new" : undefined;
    const headers = destination === "" ? [] : [["Destination", destination]];
    const response = await handler(
      new Request(`http://h${path}`, { method, body, headers } as RequestInit),
    );
    return [response.status, await response.text()];
  };
  for (const path of ["/docs/deep/c.txt", "/docs/deep/", "/docs/deep/none"]) {
    assertEquals((await send("GET", path))[0], 403, path);
  }
  const [, listing] = await send("GET", "/docs/?format=text");
  assertEquals(listing, "b c.txt\nREADME.md\n");
  const [, found] = await send("GET", "/?search=c.txt&format=text");
  assertEquals(found, "docs/b c.txt\n");
  assertEquals((await send("PUT", "/new.txt"))[0], 403);
  assertEquals((await send("PUT", "/docs/deep/new.txt"))[0], 403);
  assertEquals((await send("PUT", "/docs/new.txt"))[0], 201);
  assertEquals((await send("PUT", "/docs/README.md"))[0], 409);
  const changes: [status: number, method: string, from: string, to?: string][] =
    [
      [403, "DELETE", "/a.txt"],
      [403, "DELETE", "/docs/README.md"],
      [403, "DELETE", "/docs/"],
      [403, "DELETE", "/own/hers/x.txt"],
      [403, "MOVE", "/docs/README.md", "/own/moved.md"],
      [403, "MOVE", "/own/a.txt", "/docs/a.txt"],
      [403, "MOVE", "/own/a.txt", "/own/hers/a.txt"],
      [403, "COPY", "/docs/deep/c.txt", "/own/c.txt"],
      [403, "COPY", "/own/a.txt", "/docs/a.txt"],
      [201, "COPY", "/docs/README.md", "/own/copy.md"],
      [201, "MOVE", "/own/copy.md", "/own/moved.md"],
      [204, "DELETE", "/own/moved.md"],
      // What is below may only be changed by ann.
      [403, "DELETE", "/own/"],
      [403, "MOVE", "/own/", "/mine/"],
    ];
  for (const [status, method, from, to] of changes) {
    assertEquals(
      (await send(method, from, to))[0],
      status,
      `${method} ${from}`,
    );
  }
  for (
    const path of ["a.txt", "docs/README.md", "docs/deep/c.txt", "own/a.txt"]
  ) {
    assert(source.find(path) !== undefined, path);
  }
});

const READING = "GET, HEAD, OPTIONS";
const WRITING = "PUT, POST, MKCOL";

/** What `Allow` has for a path: without rights per path, and with them. */
const ALLOWED: readonly [path: string, free: string, restricted: string][] = [
  ["/a.txt", `${WRITING}, DELETE, MOVE, COPY`, "COPY"],
  ["/", `${WRITING}, DELETE, MOVE, COPY`, "COPY"],
  ["/docs/", `${WRITING}, DELETE, MOVE, COPY`, `${WRITING}, COPY`],
  ["/docs/README.md", `${WRITING}, DELETE, MOVE, COPY`, `${WRITING}, COPY`],
  ["/docs/deep/c.txt", `${WRITING}, DELETE, MOVE, COPY`, ""],
  // Something below is only for ann.
  ["/own/", `${WRITING}, DELETE, MOVE, COPY`, `${WRITING}, COPY`],
  [
    "/own/a.txt",
    `${WRITING}, DELETE, MOVE, COPY`,
    `${WRITING}, DELETE, MOVE, COPY`,
  ],
  ["/own/hers/", `${WRITING}, DELETE, MOVE, COPY`, ""],
  ["/.well-known/x", "COPY", "COPY"],
];

Deno.test("Allow lists what a client may do, over a directory and a source", async (t) => {
  const rules = [
    "* / read",
    "* /docs read,upload",
    "ann /docs/deep read",
    "* /own manage",
    "ann /own/hers manage",
  ];
  const rights = new PathRights({ rules: rules.map(parseRule) });
  const files = { ...FILES, "own/a.txt": "own", "own/hers/b.txt": "hers" };
  await using tree = await makeFiles(files);
  const directory = Deno.realPathSync(tree.root);
  const source = new MemorySource(files);
  const local = new Uploads(directory, UPLOAD_OPTIONS);
  const other = new SourceUploads(source, UPLOAD_OPTIONS);
  const places = {
    directory: { directory, uploads: local, manage: new Management(local) },
    source: { source, uploads: other, manage: new SourceManagement(other) },
  };
  class Handler extends ShareHTTPRequestHandler {
    override logMessage(): void {}
  }
  for (const [name, options] of Object.entries(places)) {
    const free = toFetchHandler(Handler.with({ ...options, ...HIDING }));
    const bound = toFetchHandler(
      Handler.with({ ...options, ...HIDING, rights }),
    );
    for (const [path, ...allowed] of ALLOWED) {
      await t.step(`${path} of a ${name}`, async () => {
        for (const [i, handler] of [free, bound].entries()) {
          for (const method of ["OPTIONS", "BREW"]) {
            const { status, headers } = await handler(
              new Request(`http://h${path}`, { method }),
            );
            if (allowed[i] === "") {
              assertEquals(status, 403);
              continue;
            }
            assertEquals(headers.get("allow"), `${READING}, ${allowed[i]}`);
          }
        }
      });
    }
  }
});

Deno.test("a file that is closed before its first byte cancels the stream", async () => {
  const entry = { name: "a", kind: "file", size: 9 } as const;
  let cancelled = 0;
  const source = {
    label: "a stream",
    find: () => entry,
    async *list() {},
    read: () =>
      new ReadableStream<Uint8Array>({ cancel: () => void cancelled++ }, {
        highWaterMark: 0,
      }),
  };
  // The client leaves after the stream was opened, and while it is opened.
  const file = new SourceFile(source, "a", entry);
  await file.prepare(0, 9);
  file.close();
  const other = new SourceFile(source, "a", entry);
  const prepared = other.prepare(0, 9);
  other.close();
  await prepared;
  assertEquals(cancelled, 2);
});

Deno.test("MemorySource loads files that lie beside a module", async () => {
  await using tree = await makeFiles({ "a b.txt": "1", "d/100%.txt": "22" });
  const files = new URL(`file://${tree.root}/`);
  await using site = Deno.serve(
    {
      hostname: "127.0.0.1",
      port: 0,
      onListen() {},
    },
    (request) =>
      new Response(decodeURIComponent(new URL(request.url).pathname).slice(1)),
  );
  const source = await MemorySource.load(files, ["a b.txt", "d/100%.txt"], 1);
  assertEquals(source.find("d/100%.txt")?.size, 2);
  assertEquals(source.find("a b.txt")?.modified, 1);
  const base = `http://127.0.0.1:${site.addr.port}/`;
  const remote = await MemorySource.load(base, ["x/y.txt"]);
  assertEquals(remote.find("x/y.txt")?.size, 7);
  await assertRejects(() => MemorySource.load(files, ["none"]), TypeError);
});
