// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { readCommandLine } from "../../cli/flags.ts";
import { hostsToAllow } from "../../cli/hosts.ts";
import { readSettings } from "../../cli/settings/settings.ts";
import { stub } from "../support/stub.ts";

function hosts(...args: string[]): Promise<readonly string[] | null> {
  return hostsToAllow(readSettings(readCommandLine(args)));
}

Deno.test("hostsToAllow leaves out a machine's name that is no host name", async () => {
  const all = [".localhost", "0.0.0.0/0", "::/0", ".local"];
  for (
    const [name, names] of [["box.lan", ["box.lan", "box"]], [
      "my box",
      [],
    ]] as const
  ) {
    using _ = stub(Deno, "hostname", () => () => name);
    assertEquals(await hosts("--lan"), [...all, ...names]);
  }
});

Deno.test("hostsToAllow leaves a certificate that cannot be read to the server", async () => {
  const loopback = await hosts();
  assertEquals(await hosts("--tls-cert", "/no/such/file"), loopback);
});
