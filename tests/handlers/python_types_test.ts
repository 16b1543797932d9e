// Copyright 2026 the pystd authors. MIT license.

/**
 * Straight ports of Python's handlers: tests that they compile, and that code
 * without effect does not.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import {
  BaseHTTPRequestHandler,
  type ClientAddress,
  type Connection,
  SimpleHTTPRequestHandler,
  ThreadingHTTPServer,
} from "../../mod.ts";
import { respond } from "../../testing.ts";

class Counter extends ThreadingHTTPServer {
  hits = 0;
}

class Declared extends BaseHTTPRequestHandler {
  declare readonly server: Counter;

  do_GET(): void {
    const [host, port] = this.server.serverAddress;
    const same = host === this.server.serverName &&
      port === this.server.serverPort;
    this.sendResponse(200);
    this.endHeaders();
    this.wfile.write(`${++this.server.hits} ${host} ${same}`);
  }
  override logMessage(): void {}
}

class Constructed extends BaseHTTPRequestHandler {
  #counter: Counter;

  constructor(
    request: Connection,
    clientAddress: ClientAddress,
    server: Counter,
  ) {
    super(request, clientAddress, server);
    this.#counter = server;
  }

  do_GET(): void {
    this.sendResponse(200);
    this.endHeaders();
    this.wfile.write(`${++this.#counter.hits}`);
  }
  override logMessage(): void {}
}

class Fielded extends BaseHTTPRequestHandler {
  // @ts-expect-error: a class variable, which has no effect on an instance
  protocolVersion = "HTTP/1.1";
  // @ts-expect-error: the same
  timeout = 5000;
}

class FieldedFiles extends SimpleHTTPRequestHandler {
  // @ts-expect-error: the same
  extensionsMap = { ".x": "text/x" };
}

Deno.test("A handler gets its server's type by a declaration or its constructor", async () => {
  const rows: [Class: typeof Declared | typeof Constructed, body: string][] = [
    [Declared, "2 127.0.0.1 true"],
    [Constructed, "2"],
  ];
  for (const [Class, wanted] of rows) {
    await using httpd = new Counter(["127.0.0.1", 0], Class);
    const served = httpd.serveForever();
    let body = "";
    for (let i = 0; i < 2; i++) {
      const url = `http://127.0.0.1:${httpd.serverPort}/`;
      body = await (await fetch(url)).text();
    }
    assertEquals(body, wanted);
    await httpd.shutdown();
    await served;
  }
});

Deno.test("respond accepts a handler with a server type of its own", async () => {
  const { status } = await respond(Constructed, "GET / HTTP/1.0\r\n\r\n");
  assertEquals(status, 200);
});

Deno.test("A class variable that is written as a field is rejected without types, too", async () => {
  for (const Untyped of [Fielded, FieldedFiles]) {
    const Class = Untyped as unknown as typeof BaseHTTPRequestHandler;
    await assertRejects(
      async () => await respond(Class, "GET / HTTP/1.0\r\n\r\n"),
      TypeError,
      "static override",
    );
  }
});
