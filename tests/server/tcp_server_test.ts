// Copyright 2026 the pystd authors. MIT license.

import { assert } from "@std/assert/assert";
import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { HTTPServer, type ServerAddress } from "../../server.ts";
import { RawClient } from "../support/client.ts";
import { GET, Hello, LOCAL, start } from "../support/hello.ts";
import { makeTree } from "../support/tree.ts";

Deno.test("TCPServer listens", async (t) => {
  const rows: [address: ServerAddress, reachable: string[]][] = [
    [["127.0.0.1", 0], ["127.0.0.1"]],
    [{ hostname: "127.0.0.1", port: 0 }, ["127.0.0.1"]],
    [["::1", 0], ["::1"]],
    [["localhost", 0], ["localhost"]],
    [["", 0], ["127.0.0.1", "::1"]],
    [{ hostname: "", port: 0 }, ["127.0.0.1", "::1"]],
    [["::", 0], ["127.0.0.1", "::1"]],
  ];
  for (const [address, reachable] of rows) {
    await t.step(`on ${JSON.stringify(address)}`, async () => {
      await using stack = new AsyncDisposableStack();
      const server = start(stack, new HTTPServer(address, Hello));
      const [host, port] = server.serverAddress;
      assert(port > 0);
      assertEquals([server.serverName, server.serverPort], [host, port]);
      for (const hostname of reachable) {
        await using client = await RawClient.connect(port, hostname);
        await client.send(GET);
        assert(await client.waitFor(() => client.closed));
        assert(client.received.endsWith("hello\n"));
      }
    });
  }
  await t.step("not on an address in use", async () => {
    await using server = new HTTPServer(LOCAL, Hello);
    assertThrows(
      () => new HTTPServer(["127.0.0.1", server.serverPort], Hello),
      Deno.errors.AddrInUse,
    );
    await using everywhere = new HTTPServer(["", 0], Hello);
    assertThrows(
      () => new HTTPServer(["", everywhere.serverPort], Hello),
      Deno.errors.AddrInUse,
    );
  });
});

Deno.test({
  name: "TCPServer listens on a Unix domain socket",
  ignore: Deno.build.os === "windows",
}, async () => {
  await using tree = await makeTree();
  await using stack = new AsyncDisposableStack();
  const path = tree.path("socket");
  class Address extends Hello {
    override do_GET(): void {
      assertEquals(this.clientAddress, ["unix", 0]);
      super.do_GET();
    }
  }
  const server = new HTTPServer({ transport: "unix", path }, Address);
  start(stack, server);
  assertEquals([server.serverName, server.serverPort], [path, 0]);
  using connection = await Deno.connect({ transport: "unix", path });
  await connection.write(new TextEncoder().encode(GET));
  const text = await new Response(connection.readable).text();
  assert(text.endsWith("hello\n"));
});
