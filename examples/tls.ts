// Copyright 2026 the pystd authors. MIT license.

/**
 * A page over TLS. `ThreadingHTTPSServer` replaces `ssl.wrap_socket`; a client
 * that does not finish its handshake does not block others.
 *
 *     deno run --allow-net --allow-read examples/tls.ts PORT CERT.pem KEY.pem
 *
 * @module
 */

import {
  BaseHTTPRequestHandler,
  ThreadingHTTPSServer,
} from "@pystd/http-server";

class Hello extends BaseHTTPRequestHandler {
  do_GET(): void {
    const text = "Nobody else has read this.\n";
    this.sendResponse(200);
    this.sendHeader("Content-Type", "text/plain");
    this.sendHeader("Content-Length", text.length);
    this.endHeaders();
    this.wfile.write(text);
  }
}

if (import.meta.main) {
  const [port, certfile, keyfile] = Deno.args;
  await using httpd = new ThreadingHTTPSServer(
    ["127.0.0.1", Number(port)],
    Hello,
    { certfile, keyfile },
  );
  console.log(`Serving on port ${httpd.serverPort}`);
  await httpd.serveForever();
}
