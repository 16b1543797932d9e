// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { sendPieces } from "../../handlers/simple/body.ts";
import { fileLookupFor } from "../../handlers/simple/local_files.ts";
import { Writer } from "../../io/writer.ts";
import { MemoryConnection, respond } from "../../testing.ts";
import { makeFiles } from "../support/tree.ts";

Deno.test("fileLookupFor returns one lookup for each class and options", () => {
  const one = { cacheBytes: 0, freshFor: 0 };
  const other = { cacheBytes: 0, freshFor: 0 };
  const asked = [
    [one, { directory: "/a" }],
    [one, { directory: "/b" }],
    [other, { directory: "/a" }],
    [one, { directory: "/a", dotfiles: false }],
    [one, { directory: "/a", followSymlinks: true }],
    [one, {}],
  ] as const;
  const stores = asked.map(([cls, options]) => fileLookupFor(cls, options));
  assert(new Set(stores).size === asked.length);
  for (const turn of [1, 2]) {
    for (const [i, [cls, options]] of asked.entries()) {
      for (let again = 0; again < turn; again++) {
        assert(fileLookupFor(cls, options) === stores[i]);
      }
    }
  }
  // Another spelling of the same directory.
  assert(fileLookupFor(one, { directory: "/a/../b/" }) === stores[1]);
});

Deno.test("SimpleHTTPRequestHandler sends at most maxListings large listings at once", async () => {
  const names = Array.from(
    { length: 3000 },
    (_, i) => `a-name-of-some-length-${i}`,
  );
  await using tree = await makeFiles(
    Object.fromEntries(names.map((name) => [name, ""])),
  );
  class Few extends SimpleHTTPRequestHandler {
    static override maxListings = 2;
  }
  const Handler = Few.with({ directory: tree.root });
  const request = "GET / HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
  assertEquals((await respond(Handler, request)).status, 200);
  // Clients that read nothing keep their pages in memory.
  const connection = new MemoryConnection();
  connection.stall();
  const writer = new Writer(connection);
  const sending = [1, 2].map(() =>
    sendPieces([new Uint8Array(200_000)], writer)
  );
  const busy = await respond(Handler, request);
  assertEquals([busy.status, busy.headers.get("retry-after")], [503, "5"]);
  connection.resume();
  await Promise.all(sending);
  assertEquals((await respond(Handler, request)).status, 200);
});
