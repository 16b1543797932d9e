// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertStringIncludes } from "@std/assert/string-includes";
import { assertThrows } from "@std/assert/throws";
import { HTTPServer, ThreadingHTTPServer } from "../../server.ts";
import { pause, RawClient } from "../support/client.ts";
import { GET, Hello, LOCAL } from "../support/hello.ts";

Deno.test("HTTPServer throws for an invalid address", () => {
  const rows: [address: unknown, problem: string][] = [
    ["127.0.0.1:8000", `"127.0.0.1:8000": it is not an address`],
    [8000, "8000: it is not an address"],
    [undefined, "undefined: it is not an address"],
    [["127.0.0.1"], "it is not a host and a port"],
    [["127.0.0.1", "0"], "its port is not an integer from 0 to 65535"],
    [["127.0.0.1", 65536], "its port is not an integer from 0 to 65535"],
    [["127.0.0.1", 0.5], "its port is not an integer from 0 to 65535"],
    [[undefined, 0], "its host is not a string"],
    [{ port: 0 }, "its host is not a string"],
    [{ hostname: undefined, port: 0 }, "its host is not a string"],
    [{ host: "127.0.0.1", port: 0 }, `the property "host" is unknown`],
    [
      { hostname: "127.0.0.1", port: 0, path: "x" },
      `the property "path" is unknown`,
    ],
    [
      { transport: "tcp", hostname: "127.0.0.1", port: 0 },
      `its transport is not "unix"`,
    ],
    [{ transport: "unix", path: "" }, "its path is not a string, or empty"],
    [
      { transport: "unix", path: "x", port: 0 },
      `the property "port" is unknown`,
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

Deno.test("HTTPServer throws without a handler class", () => {
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

Deno.test("HTTPServer accepts no positional bind_and_activate", () => {
  assertThrows(
    () => new HTTPServer(LOCAL, Hello, false as unknown as object),
    TypeError,
    "Cannot use false as options",
  );
});

Deno.test("HTTPServer names an address in use", () => {
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
  if (Deno.build.os !== "windows") {
    const path = Deno.makeTempFileSync();
    assertThrows(
      () => new HTTPServer({ transport: "unix", path }, Hello),
      Deno.errors.AddrInUse,
      `Cannot listen on ${path}: `,
    );
    Deno.removeSync(path);
  }
  assertThrows(
    () => new HTTPServer(["no-such-host.invalid", 8000], Hello),
    Error,
    "Cannot listen on no-such-host.invalid port 8000: ",
  );
});

Deno.test("BaseServer.shutdown can be awaited by a handler", async () => {
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
