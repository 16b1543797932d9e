// Copyright 2026 the pystd authors. MIT license.

/**
 * Serves a source in memory with one large folder, for `bench/large_folders.ts`:
 * prints its port. Argument: the number of files of `big/`.
 *
 * @module
 */

import { Archives } from "../../handlers/share/archive/archives.ts";
import { ShareHTTPRequestHandler } from "../../handlers/share.ts";
import { ThreadingHTTPServer } from "../../server.ts";
import { MemorySource } from "../../sources/mod.ts";

const files: Record<string, string> = { "small.txt": "x".repeat(1024) };
for (let i = 0; i < Number(Deno.args[0]); i++) {
  files[`big/entry-${`${i}`.padStart(8, "0")}.pdf`] = "x";
}
class Handler extends ShareHTTPRequestHandler {
  override logMessage(): void {}
}
await using httpd = new ThreadingHTTPServer(
  ["127.0.0.1", 0],
  Handler.with({ source: new MemorySource(files), archives: new Archives() }),
);
console.log(`port ${httpd.serverPort}`);
await httpd.serveForever();
