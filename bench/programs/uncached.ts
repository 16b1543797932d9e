// Copyright 2026 the pystd authors. MIT license.

/** Serves a directory without a file cache. Arguments: PORT DIRECTORY. */

import { SimpleHTTPRequestHandler } from "../../handlers/simple.ts";
import { ThreadingHTTPServer } from "../../server.ts";

const [port, directory] = Deno.args;

class Handler extends SimpleHTTPRequestHandler {
  static override cacheBytes = 0;
  override logMessage(): void {}
}

await new ThreadingHTTPServer(
  ["127.0.0.1", Number(port)],
  Handler.with({ directory }),
).serveForever();
