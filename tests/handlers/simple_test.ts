// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import {
  type ReadyFile,
  SimpleHTTPRequestHandler,
} from "../../handlers/simple.ts";
import { respond } from "../../testing.ts";
import { stub, systemError } from "../support/stub.ts";
import { makeFiles } from "../support/tree.ts";

const GET = "GET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

Deno.test("an overridden sendHeader is called for every field", async () => {
  await using tree = await makeFiles({ "a.txt": "alpha" });
  for (const Base of [SimpleHTTPRequestHandler, ShareHTTPRequestHandler]) {
    const sent: string[] = [];
    class Recording extends Base {
      override sendHeader(name: string, value: string | number): void {
        sent.push(`${name}: ${value}`);
        super.sendHeader(name, value);
      }
    }
    const options = { directory: tree.root };
    const usual = await respond(Base.with(options), GET);
    const seen = await respond(Recording.with(options), GET);
    const lines = (text: string) =>
      text.slice(0, text.indexOf("\r\n\r\n")).split("\r\n").slice(1)
        .filter((line) => !line.startsWith("Date: "));
    assertEquals(lines(seen.text), lines(usual.text));
    assertEquals(
      sent.filter((line) => !line.startsWith("Date: ")),
      // The server adds `Connection: close`, not the handler.
      lines(usual.text).filter((line) => line !== "Connection: close"),
    );
  }
});

Deno.test("SimpleHTTPRequestHandler shows at once what a request has changed", async () => {
  await using tree = await makeFiles({});
  // A handler whose 404 does not end the connection.
  class Writing extends ShareHTTPRequestHandler {
    do_PUT(): void {
      Deno.writeTextFileSync(this.translatePath(this.path), "new");
      this.#created();
    }
    async do_POST(): Promise<void> {
      await Deno.writeTextFile(this.translatePath(this.path), "newer");
      this.#created();
    }
    #created(): void {
      this.sendResponse(201);
      this.sendHeader("Content-Length", 0);
      this.endHeaders();
    }
  }
  const Handler = Writing.with({ directory: tree.root });
  const ask = (method: string, path: string) =>
    `${method} ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
  for (const [method, path] of [["PUT", "/a"], ["POST", "/b"]]) {
    const { text } = await respond(
      Handler,
      ask("GET", path) + ask(method, path) + ask("GET", path),
    );
    assertEquals(text.match(/HTTP\/1.1 \d+/g), [
      "HTTP/1.1 404",
      "HTTP/1.1 201",
      "HTTP/1.1 200",
    ]);
  }
});

Deno.test("SimpleHTTPRequestHandler uses contentType for unknown extensions only", async () => {
  const types: [name: string, type: string][] = [
    ["a", "text/x-mine"],
    ["a.unknown", "text/x-mine"],
    ["a.txt", "text/plain"],
    // `application/octet-stream`, by the map of extensions and by the table.
    ["a.Z", "application/octet-stream"],
    ["a.bin", "application/octet-stream"],
  ];
  await using tree = await makeFiles(
    Object.fromEntries(types.map(([name]) => [name, "text"])),
  );
  const Handler = SimpleHTTPRequestHandler.with({
    directory: tree.root,
    contentType: "text/x-mine",
  });
  for (const [name, type] of types) {
    const { headers } = await respond(Handler, `GET /${name} HTTP/1.0\r\n\r\n`);
    assertEquals(headers.get("content-type"), type, name);
  }
});

Deno.test("SimpleHTTPRequestHandler answers 404 for a directory that it cannot list", async () => {
  await using tree = await makeFiles({ "d/a.txt": "a" });
  const Handler = SimpleHTTPRequestHandler.with({ directory: tree.root });
  const list = () => respond(Handler, "GET /d/ HTTP/1.0\r\n\r\n");
  assertEquals((await list()).status, 200);
  using _ = stub(Deno, "readDirSync", () => () => {
    throw systemError("EACCES", Deno.errors.PermissionDenied);
  });
  const { text } = await list();
  assertEquals(
    text.split("\r\n")[0],
    "HTTP/1.1 404 No permission to list directory",
  );
});

Deno.test({
  name: "SimpleHTTPRequestHandler lists a large directory like a small one",
  ignore: Deno.build.os === "windows",
}, async () => {
  await using tree = await makeFiles({ "d/": "", "other/x.txt": "" });
  const names = Array.from({ length: 4000 }, (_, i) => `${i}${"x".repeat(90)}`);
  for (const name of names) Deno.writeTextFileSync(tree.path("d", name), "");
  Deno.symlinkSync("../other", tree.path("d", "link"));
  const Handler = SimpleHTTPRequestHandler.with({ directory: tree.root });
  const ask = (method: string) =>
    respond(Handler, `${method} /d/ HTTP/1.1\r\nHost: h\r\n\r\n`);
  const large = await ask("GET");
  const head = await ask("HEAD");
  assertEquals([large.status, head.status, head.body], [200, 200, ""]);
  const length = `${new TextEncoder().encode(large.body).length}`;
  for (const { headers } of [large, head]) {
    assertEquals(headers.get("content-length"), length);
  }
  {
    // Read like a small directory.
    using _stat = stub(Deno, "statSync", () => () => {
      throw systemError("EIO");
    });
    using _lstat = stub(Deno, "lstatSync", (real) => (path) => ({
      ...real(path),
      size: 0,
    }));
    assertEquals((await ask("GET")).body, large.body);
  }
  assertEquals(large.body.split("<li>").length - 1, names.length + 1);
  assertStringIncludes(large.body, '<a href="link/">link@</a>');
  using _ = stub(Deno, "readDir", () => () => {
    throw systemError("EACCES", Deno.errors.PermissionDenied);
  });
  assertEquals((await ask("GET")).status, 404);
});

Deno.test("SimpleHTTPRequestHandler sends ranges of a file that is not cached", async () => {
  await using tree = await makeFiles({
    "large.txt": "0123456789".repeat(30_000),
  });
  const Handler = SimpleHTTPRequestHandler.with({ directory: tree.root });
  const { status, body } = await respond(
    Handler,
    "GET /large.txt HTTP/1.1\r\nHost: h\r\nRange: bytes=1-3,299995-\r\n\r\n",
  );
  assertEquals(status, 206);
  assertStringIncludes(body, "\r\n\r\n123\r\n--");
  assertStringIncludes(body, "\r\n\r\n56789\r\n--");
});

Deno.test({
  name:
    "SimpleHTTPRequestHandler follows links that lead out with followSymlinks",
  ignore: Deno.build.os === "windows",
}, async () => {
  await using tree = await makeFiles({ "out/a.txt": "alpha", "in/b.txt": "b" });
  await Deno.symlink("../out/a.txt", tree.path("in/a.txt"));
  for (const followSymlinks of [true, false]) {
    const directory = tree.path("in");
    const Handler = SimpleHTTPRequestHandler.with({
      directory,
      followSymlinks,
    });
    const { status } = await respond(Handler, "GET /a.txt HTTP/1.0\r\n\r\n");
    assertEquals(status, followSymlinks ? 200 : 404);
  }
});

/** Returns the fields and the body of each response on a connection. */
async function answers(
  Handler: typeof SimpleHTTPRequestHandler,
  requests: string[],
): Promise<string[]> {
  const { text } = await respond(Handler, requests.join(""));
  return text.split(/(?=HTTP\/1\.1 \d)/);
}

/** Returns the content fields of a response, and the length of its body. */
function content(answer: string): string[] {
  const [head, body] = answer.split("\r\n\r\n");
  const fields = ["Content-type", "Content-Length", "ETag", "Content-Encoding"]
    .map((name) => new RegExp(`^${name}: (.*)$`, "m").exec(head)?.[1] ?? "");
  return [...fields, `${body.length}`];
}

Deno.test("a cached file has the header fields of its representation", async () => {
  await using tree = await makeFiles({
    "a.js": "let a;\n".repeat(2000),
    "b.js": "let b;\n".repeat(3000),
    "b.js.gz": "not really compressed",
  });
  // What has just changed is not kept.
  using _ = stub(Date, "now", (now) => () => now() + 5000);
  class Retyping extends ShareHTTPRequestHandler {
    protected override sendFile(path: string, file: ReadyFile) {
      const asked = this.headers.get("x-type");
      return super.sendFile(path, asked ? { ...file, type: asked } : file);
    }
  }
  const options = { directory: tree.root, precompressed: true };
  const Handler = Retyping.with(options);
  const get = (path: string, field = "X: x") =>
    `GET ${path} HTTP/1.1\r\nHost: a\r\n${field}\r\n\r\n`;
  const gzip = "Accept-Encoding: gzip";
  const variants = [
    get("/a.js"),
    get("/a.js", gzip),
    get("/b.js"),
    get("/b.js", gzip),
    get("/b.js.gz"),
    get("/a.js", "X-Type: text/x-other"),
  ];
  const alone: string[][] = [];
  for (const variant of variants) {
    const [answer] = await answers(
      Retyping.with(options),
      [variant],
    );
    alone.push(content(answer));
    const [, length, , , received] = content(answer);
    assertEquals(length, received);
  }
  assertEquals(new Set(alone.map(String)).size, variants.length);
  for (const first of variants.keys()) {
    for (const second of variants.keys()) {
      const order = [first, second, first, second];
      const together = await answers(Handler, order.map((i) => variants[i]));
      assertEquals(together.map(content), order.map((i) => alone[i]));
    }
  }
});
