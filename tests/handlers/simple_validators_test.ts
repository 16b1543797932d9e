// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertNotEquals } from "@std/assert/not-equals";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { field } from "../support/answers.ts";
import { ask } from "../support/client.ts";
import { req } from "../support/rfc.ts";
import { TestServer } from "../support/server.ts";
import { makeFiles } from "../support/tree.ts";

/** Times that tools set on all files, in seconds since the epoch. */
const NORMALISED = { "epoch, OSTree": 0, "Nix": 1, "zip": 315532800 };

for (const Base of [SimpleHTTPRequestHandler, ShareHTTPRequestHandler]) {
  for (const [tool, time] of Object.entries(NORMALISED)) {
    Deno.test(`${Base.name} tells two versions of a file apart that have the time of ${tool}`, async () => {
      await using tree = await makeFiles({ "a.txt": "one", "new.txt": "two" });
      for (const name of ["a.txt", "new.txt"]) {
        await Deno.utime(tree.path(name), time, time);
      }
      const directory = tree.root;
      await using server = new TestServer(Base.with({ directory }));
      const [before] = await ask(server.port, req("GET /a.txt"));
      const etag = field(before!, "etag")!;
      assertEquals(field(before!, "last-modified"), undefined);
      // An unchanged file keeps its tag.
      const asked = req("GET /a.txt", `If-None-Match: ${etag}`);
      assertEquals((await ask(server.port, asked))[0]!.status, 304);

      await Deno.rename(tree.path("new.txt"), tree.path("a.txt"));
      const [after] = await ask(server.port, asked);
      assertEquals([after!.status, after!.body], [200, "two"]);
      assertNotEquals(field(after!, "etag"), etag);
      const since = req(
        "GET /a.txt",
        "If-Modified-Since: Thu, 01 Jan 1970 00:00:01 GMT",
      );
      assert((await ask(server.port, since))[0]!.status === 200);
    });
  }
}
