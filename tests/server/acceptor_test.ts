// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertRejects } from "@std/assert/rejects";
import type { Connection } from "../../io/connection.ts";
import { Acceptor } from "../../server/acceptor.ts";
import type { ClientAddress } from "../../server.ts";

Deno.test("Acceptor.pause ignores a failure to accept", async () => {
  const { promise, reject } = Promise.withResolvers<
    [Connection, ClientAddress]
  >();
  const acceptor = new Acceptor(() => promise);
  const coming = acceptor.comes(null);
  const paused = acceptor.pause(60_000);
  const refused = assertRejects(() => coming, Deno.errors.NotCapable, "No");
  reject(new Deno.errors.NotCapable("No"));
  await refused;
  assertEquals(await paused, undefined);
});
