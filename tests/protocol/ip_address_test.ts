// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { clientNetwork } from "../../io/client_network.ts";
import {
  formatIPv4,
  Networks,
  parseAddress,
} from "../../protocol/ip_address.ts";

Deno.test("parseAddress reads only addresses", () => {
  const table: [text: string, number: bigint | undefined][] = [
    ["0.0.0.0", 0xffff_0000_0000n],
    ["255.255.255.255", 0xffff_ffff_ffffn],
    ["::ffff:127.0.0.1", 0xffff_7f00_0001n],
    ["::ffff:7f00:1", 0xffff_7f00_0001n],
    ["::", 0n],
    ["::1", 1n],
    ["1::", 1n << 112n],
    ["FE80::A", (0xfe80n << 112n) | 10n],
    ["1:2:3:4:5:6:7:8", 0x0001_0002_0003_0004_0005_0006_0007_0008n],
    ["1:2:3:4:5:6:7::", 0x0001_0002_0003_0004_0005_0006_0007_0000n],
    ["1:2:3:4:5:6:1.2.3.4", 0x0001_0002_0003_0004_0005_0006_0102_0304n],
    ["127.1", undefined],
    ["127.0.0.01", undefined],
    ["256.0.0.1", undefined],
    ["1.2.3.4.5", undefined],
    ["1:2:3:4:5:6:7", undefined],
    ["1:2:3:4:5:6:7:8:9", undefined],
    ["1:2:3:4:5:6:7:8::", undefined],
    ["1::2::3", undefined],
    ["12345::", undefined],
    ["::g", undefined],
    [":1", undefined],
    ["1.2.3.4::", undefined],
    ["[::1]", undefined],
    ["::1%eth0", undefined],
    ["", undefined],
    ["localhost", undefined],
  ];
  for (const [text, number] of table) {
    assertEquals(parseAddress(text), number, text);
  }
  assertEquals(formatIPv4(parseAddress("::ffff:192.0.2.7")!), "192.0.2.7");
});

Deno.test("Networks has the addresses that share a prefix", () => {
  const networks = new Networks(["10.0.0.0/8", "192.0.2.7", "2001:db8::/33"]);
  const inside = ["10.255.0.1", "::ffff:10.1.1.1", "192.0.2.7", "2001:db8::1"];
  const outside = ["11.0.0.1", "192.0.2.8", "2001:db8:8000::1", "::10.0.0.1"];
  for (const text of inside) assertEquals(networks.has(text), true, text);
  for (const text of [...outside, "10.0.0", "unix"]) {
    assertEquals(networks.has(text), false, text);
  }
  assertEquals(new Networks(["0.0.0.0/0"]).has("::1"), false);
  for (
    const text of ["10.0.0.0/33", "::/129", "10.0.0.0/", "a/8", "", "1/8/8"]
  ) {
    assertThrows(() => new Networks([text]), SyntaxError, `network "${text}"`);
  }
});

Deno.test("clientNetwork is the same for all addresses of an IPv6 client", () => {
  const table: [one: string, other: string, same: boolean][] = [
    ["2001:db8::1", "2001:db8:0:0:ffff::2", true],
    ["2001:db8::1", "2001:db8:0:1::1", false],
    ["fe80::1%eth0", "fe80::2", true],
    ["::ffff:192.0.2.7", "192.0.2.7", true],
    ["192.0.2.7", "192.0.2.8", false],
    ["unix", "-", false],
    ["::1", "unix:", false],
  ];
  for (const [one, other, same] of table) {
    assertEquals(
      clientNetwork(one) === clientNetwork(other),
      same,
      `${one} ${other}`,
    );
  }
});
