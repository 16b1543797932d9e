// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { SimpleHTTPRequestHandler } from "../../../handlers/simple.ts";
import { ShareHTTPRequestHandler } from "../../../handlers/share.ts";
import { typeByName } from "../../../handlers/share/text_types.ts";
import { field } from "../../support/answers.ts";
import { ask } from "../../support/client.ts";
import { TestServer } from "../../support/server.ts";
import { get, serveTree } from "../../support/sharing.ts";
import { makeFiles } from "../../support/tree.ts";

const TEXT = "text/plain; charset=utf-8";

/** A transport stream: packets that begin with 0x47. */
function transportStream(packets: number, length = 188, sync = 0): Uint8Array {
  const bytes = new Uint8Array(packets * length);
  for (let i = 0; i < packets; i++) bytes[i * length + sync] = 0x47;
  return bytes;
}

async function typesOf(
  site: { port: number },
  names: readonly string[],
): Promise<Record<string, string | undefined>> {
  const types: Record<string, string | undefined> = {};
  for (const name of names) {
    const [answer] = await ask(site.port, get(`/${name}`, "Range: bytes=0-9"));
    types[name] = field(answer, "content-type");
  }
  return types;
}

const SOURCES = [
  "a.py",
  "a.ts",
  "a.tsx",
  "a.mts",
  "a.rs",
  "a.go",
  "a.sh",
  "a.toml",
  "a.jsonl",
  "a.ipynb",
  "a.log",
  "a.md",
  "a.yaml",
  "A.PY",
  "LICENSE",
  "Makefile",
  "Dockerfile",
  "README",
  ".gitignore",
  "a.txt",
];

const OTHERS: Record<string, string> = {
  "a.js": "text/javascript; charset=utf-8",
  "a.css": "text/css; charset=utf-8",
  "a.html": "text/html; charset=utf-8",
  "a.json": "application/json",
  "a.svg": "image/svg+xml",
  "a.csv": "text/csv; charset=utf-8",
  "a.py.gz": "application/gzip",
  "program": "application/octet-stream",
};

Deno.test("ShareHTTPRequestHandler sends source code as text", async () => {
  const names = [...SOURCES, ...Object.keys(OTHERS)];
  const tree = await makeFiles(
    Object.fromEntries(names.map((name) => [name, "Great source, 0123456789"])),
  );
  await using site = serveTree(tree, {});
  assertEquals(await typesOf(site, names), {
    ...Object.fromEntries(SOURCES.map((name) => [name, TEXT])),
    ...OTHERS,
  });
});

Deno.test("SimpleHTTPRequestHandler keeps the registered types", async () => {
  await using tree = await makeFiles({
    "a.ts": "x".repeat(20),
    "a.rs": "x".repeat(20),
    "LICENSE": "x".repeat(20),
  });
  await using server = new TestServer(
    SimpleHTTPRequestHandler.with({ directory: tree.root }),
  );
  assertEquals(await typesOf(server, ["a.ts", "a.rs", "LICENSE"]), {
    "a.ts": "video/mp2t",
    "a.rs": "application/rls-services+xml",
    "LICENSE": "application/octet-stream",
  });
});

Deno.test("ShareHTTPRequestHandler sends a transport stream as video", async () => {
  const tree = await makeFiles({});
  const large = Math.ceil(300 * 1024 / 188);
  const files: Record<string, [Uint8Array | string, string]> = {
    "small.ts": [transportStream(4), "video/mp2t"],
    "one-packet.ts": [transportStream(1), "video/mp2t"],
    "large.ts": [transportStream(large), "video/mp2t"],
    "camera.mts": [transportStream(large, 192, 4), "video/mp2t"],
    "empty.ts": ["", TEXT],
    "short.ts": ["G", TEXT],
    "source.ts": ["G".padEnd(400, "x"), TEXT],
    "large-source.ts": ["G".padEnd(400_000, "x"), TEXT],
    "stream.py": [transportStream(4), TEXT],
  };
  for (const [name, [content]] of Object.entries(files)) {
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : content;
    await Deno.writeFile(tree.path(name), bytes);
  }
  await using site = serveTree(tree, {});
  for (const [name, [content, type]] of Object.entries(files)) {
    // Twice: the second request may find the file in the cache.
    for (let i = 0; i < 2; i++) {
      const { headers, text } = await site.fetch(`/${name}`);
      assertEquals(headers.get("content-type"), type, name);
      assertEquals(text.length, content.length, name);
    }
    const [head] = await ask(site.port, get(`/${name}`).replace("GET", "HEAD"));
    assertEquals(field(head, "content-type"), type, name);
  }
});

Deno.test("ShareHTTPRequestHandler.extensionsMap can be replaced", async () => {
  const tree = await makeFiles({ "a.py": "x".repeat(20) });
  class Handler extends ShareHTTPRequestHandler {
    static override extensionsMap = {
      ...ShareHTTPRequestHandler.extensionsMap,
      ".py": "text/x-python",
    };
  }
  await using own = tree;
  await using server = new TestServer(Handler.with({ directory: own.root }));
  assertEquals(await typesOf(server, ["a.py"]), {
    "a.py": "text/x-python; charset=utf-8",
  });
});

Deno.test("guessType can be overridden, by an asynchronous method too", async () => {
  class Own extends ShareHTTPRequestHandler {
    override async guessType(path: string): Promise<string> {
      const type = await super.guessType(path);
      return type === "application/epub+zip" ? "application/x-book" : type;
    }
  }
  class Plain extends SimpleHTTPRequestHandler {
    override guessType(path: string): string {
      return path.endsWith(".css") ? "text/x-style" : "text/x-other";
    }
  }
  await using tree = await makeFiles({ "a.epub": "0123456789", "a.css": "ab" });
  for (
    const [Handler, wanted] of [
      [Own, {
        "a.epub": "application/x-book",
        "a.css": "text/css; charset=utf-8",
      }],
      [Plain, { "a.epub": "text/x-other", "a.css": "text/x-style" }],
    ] as const
  ) {
    await using server = new TestServer(Handler.with({ directory: tree.root }));
    assertEquals(await typesOf(server, ["a.epub", "a.css"]), wanted);
  }
});

Deno.test("typeByName knows text files without an extension", () => {
  const texts = ["/x/LICENSE", "/x/go.mod", "/x/.bashrc", "/x/.gitignore"];
  for (const path of texts) assertEquals(typeByName(path), "text/plain", path);
  const others = ["/x/a.out", "/LICENSE/a", "/x/.DS_Store", "/x/.git.zip", ""];
  for (const path of others) assertEquals(typeByName(path), undefined, path);
});
