// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { respond } from "../../testing.ts";
import { stub, systemError } from "../support/stub.ts";
import { makeFiles } from "../support/tree.ts";

const GET = "GET /a.txt HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";

Deno.test("sendHeader, where it is overridden, is called for every field", async () => {
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
      // The server itself says that it closes, not its handler.
      lines(usual.text).filter((line) => line !== "Connection: close"),
    );
  }
});

Deno.test("SimpleHTTPRequestHandler shows at once what a request has changed", async () => {
  await using tree = await makeFiles({});
  // One whose 404 does not end the connection.
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

Deno.test("SimpleHTTPRequestHandler sends parts of a file that it does not keep", async () => {
  await using tree = await makeFiles({
    "large.txt": "0123456789".repeat(30_000),
    "out/a.txt": "alpha",
    "in/b.txt": "beta",
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
  name: "SimpleHTTPRequestHandler follows links out where it may",
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
