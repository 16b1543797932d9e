// Copyright 2026 the pystd authors. MIT license.

/**
 * What a server is told to listen on, and how it says that it cannot.
 *
 * @module
 */

import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { assertThrows } from "@std/assert/throws";
import { HTTPServer, ThreadingHTTPServer } from "../../server.ts";
import { pause, RawClient } from "../support/client.ts";
import { GET, Hello, LOCAL } from "../support/hello.ts";

Deno.test("HTTPServer listens on nothing but an address", () => {
  const rows: [address: unknown, problem: string][] = [
    ["127.0.0.1:8000", `"127.0.0.1:8000": it is not an address`],
    [8000, "8000: it is not an address"],
    [undefined, "undefined: it is not an address"],
    [["127.0.0.1"], "it is not a host and a port"],
    [["127.0.0.1", "0"], "its port is not an integer from 0 to 65535"],
    [["127.0.0.1", 65536], "its port is not an integer from 0 to 65535"],
    [["127.0.0.1", 0.5], "its port is not an integer from 0 to 65535"],
    [[undefined, 0], "its host is not a text"],
    [{ port: 0 }, "its host is not a text"],
    [{ hostname: undefined, port: 0 }, "its host is not a text"],
    [{ host: "127.0.0.1", port: 0 }, `the property "host" is not known`],
    [
      { hostname: "127.0.0.1", port: 0, path: "x" },
      `the property "path" is not known`,
    ],
    [
      { transport: "tcp", hostname: "127.0.0.1", port: 0 },
      `its transport is not "unix"`,
    ],
    [{ transport: "unix", path: "" }, "its path is not a text"],
    [
      { transport: "unix", path: "x", port: 0 },
      `the property "port" is not known`,
    ],
  ];
  for (const [address, problem] of rows) {
    const { message } = assertThrows(
      () => new HTTPServer(address as typeof LOCAL, Hello),
      TypeError,
    );
    assertStringIncludes(message, "Cannot listen on ");
    assertStringIncludes(message, problem);
    assertStringIncludes(message, `["127.0.0.1", 8000]`);
  }
});

Deno.test("HTTPServer asks for a class of handlers", () => {
  for (
    const [given, what] of [
      [undefined, "missing"],
      [{}, "of type object"],
      [() => {}, "an arrow or bound function"],
      [Hello.bind(null), "an arrow or bound function"],
    ]
  ) {
    assertThrows(
      () => new HTTPServer(LOCAL, given as typeof Hello),
      TypeError,
      `Cannot serve: the second argument is ${what}`,
    );
  }
});

Deno.test("HTTPServer takes no bind_and_activate by position", () => {
  assertThrows(
    () => new HTTPServer(LOCAL, Hello, false as unknown as object),
    TypeError,
    "Cannot use false as options",
  );
});

Deno.test("HTTPServer names the address that somebody else has", () => {
  const taken = Deno.listen({ hostname: "127.0.0.1", port: 0 });
  using _listener = taken;
  const { port } = taken.addr;
  for (const Server of [HTTPServer, ThreadingHTTPServer]) {
    assertThrows(
      () => new Server(["127.0.0.1", port], Hello),
      Deno.errors.AddrInUse,
      `Cannot listen on 127.0.0.1 port ${port}: `,
    );
  }
  assertThrows(
    () => new HTTPServer(["192.0.2.1", 0], Hello),
    Deno.errors.AddrNotAvailable,
    "Cannot listen on 192.0.2.1 port 0: ",
  );
  assertThrows(
    () => new HTTPServer(["no-such-host.invalid", 8000], Hello),
    Error,
    "Cannot listen on no-such-host.invalid port 8000: ",
  );
});

Deno.test("A handler may await shutdown() of its server", async () => {
  for (const Server of [HTTPServer, ThreadingHTTPServer]) {
    class Ending extends Hello {
      override async do_GET(): Promise<void> {
        await this.server.shutdown();
        await pause(0); // not in the same turn
        super.do_GET();
      }
    }
    await using httpd = new Server(LOCAL, Ending);
    const served = httpd.serveForever();
    await using client = await RawClient.connect(httpd.serverPort);
    await client.send(GET);
    assertEquals(await client.waitFor(() => client.closed), true, Server.name);
    assertStringIncludes(client.received, "hello");
    await served;
  }
});
