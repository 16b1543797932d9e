// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { HostList, parseHost } from "../../protocol/host.ts";

Deno.test("parseHost splits host and port", () => {
  const table: [value: string, host: string | undefined, port?: number][] = [
    ["a", "a"],
    ["A.Example.:80", "a.example", 80],
    ["a:", "a"],
    ["", ""],
    [":80", "", 80],
    ["[::1]:8000", "::1", 8000],
    ["[FE80::1%25eth0]:80", "fe80::1", 80],
    ["[fe80::1%eth0]", "fe80::1"],
    ["xn--mnchen-3ya.example", "xn--mnchen-3ya.example"],
    ["a:65536", undefined],
    ["a:b", undefined],
    ["a:1:2", undefined],
    ["::1", undefined],
    ["[::1", undefined],
    ["[::g]", undefined],
    ["[1:2]", undefined],
    ["[v1.x]", undefined],
    ["u@a", undefined],
    ["a, b", undefined],
    ["a/b", undefined],
    ["m\xfcnchen.example", undefined],
  ];
  for (const [value, host, port] of table) {
    const wanted = host === undefined ? undefined : { host, port };
    assertEquals(parseHost(value), wanted, value);
  }
});

Deno.test("HostList allows names, subdomains and networks", () => {
  const hosts = new HostList([
    ".localhost",
    "127.0.0.0/8",
    "::1",
    "Share.Example.",
    ".m\xfcnchen.example",
  ]);
  const allowed = [
    "localhost",
    "LOCALHOST",
    "localhost.",
    "localhost.:8000",
    "a.b.localhost:8000",
    "127.0.0.1",
    "127.255.255.254:8000",
    "[::1]",
    "[0:0:0:0:0:0:0:1]:8000",
    "[::1%25lo]",
    "[::ffff:127.0.0.1]",
    "[::FFFF:7f00:1]:80",
    "share.example",
    "SHARE.example.:1",
    "xn--mnchen-3ya.example",
    "a.XN--MNCHEN-3ya.example:80",
  ];
  const refused = [
    "evil.example",
    "localhost.evil.example",
    "notlocalhost",
    "127.0.0.1.evil.example",
    "127.1",
    "0x7f.0.0.1",
    "2130706433",
    "128.0.0.1",
    "0.0.0.0",
    "[::2]",
    "[::]",
    "below.share.example",
    "localhost..",
    "localhost%2e",
    "localhost,evil.example",
    "user@localhost",
    "localhost:x",
    "[localhost]",
    "",
    ":80",
    "*",
  ];
  // Each twice: the list remembers the latest allowed value.
  for (const value of [...allowed, ...allowed]) {
    assertEquals(hosts.allows(value), true, value);
  }
  for (const value of [...refused, ...refused]) {
    assertEquals(hosts.allows(value), false, value);
  }
  assertEquals(new HostList(["*"]).allows("anything"), true);
  assertEquals(new HostList([]).allows("localhost"), false);
});

Deno.test("HostList refuses invalid patterns", () => {
  for (
    const pattern of [
      "",
      ".",
      "a b",
      "a:80",
      "a/b",
      "*.a",
      "[::1]",
      "u@a",
      "a%",
    ]
  ) {
    assertThrows(() => new HostList([pattern]), SyntaxError, "Cannot read the");
  }
});
