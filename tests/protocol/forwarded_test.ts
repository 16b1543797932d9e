// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { Fields } from "../../protocol/fields.ts";
import { type Forwarded, resolveForwarded } from "../../protocol/forwarded.ts";

const PROXY = "10.0.0.1";
const trusts = (address: string): boolean =>
  address === "unix" || address.startsWith("10.");

interface Case {
  name: string;
  fields: [name: string, value: string][];
  wanted?: Partial<Forwarded>;
}

const CASES: Case[] = [
  { name: "no field", fields: [] },
  {
    name: "one hop",
    fields: [["X-Forwarded-For", "192.0.2.7"]],
    wanted: { address: "192.0.2.7" },
  },
  {
    name: "a client's own entries are on the left",
    fields: [["X-Forwarded-For", "6.6.6.6, 192.0.2.7"]],
    wanted: { address: "192.0.2.7" },
  },
  {
    name: "beyond trusted proxies",
    fields: [["X-Forwarded-For", "6.6.6.6, 192.0.2.7, 10.0.0.9 ,10.0.0.8"]],
    wanted: { address: "192.0.2.7" },
  },
  {
    name: "in several fields",
    fields: [["X-Forwarded-For", "6.6.6.6"], ["x-forwarded-for", "192.0.2.7"]],
    wanted: { address: "192.0.2.7" },
  },
  {
    name: "all entries are trusted",
    fields: [["X-Forwarded-For", "10.0.0.3, 10.0.0.2"]],
    wanted: { address: "10.0.0.3" },
  },
  {
    name: "an address with a port, and IPv6",
    fields: [["X-Forwarded-For", "[2001:DB8::7]:4711, 10.0.0.2:80"]],
    wanted: { address: "2001:db8::7" },
  },
  {
    name: "IPv6 without brackets, IPv4 in IPv6",
    fields: [["X-Forwarded-For", "::ffff:192.0.2.7, ::ffff:10.0.0.2"]],
    wanted: { address: "192.0.2.7" },
  },
  ...["unknown", "_hidden", "evil", "1.2.3", "", "1.2.3.4 5.6.7.8", "unix:"]
    .map((bad) => ({
      name: `ignores entries left of ${JSON.stringify(bad)}`,
      fields: [["X-Forwarded-For", `6.6.6.6, ${bad}`]] as [string, string][],
    })),
  {
    name: "a bad entry before a trusted one",
    fields: [["X-Forwarded-For", "6.6.6.6, bad, 10.0.0.2"]],
    wanted: { address: "10.0.0.2" },
  },
  {
    name: "scheme and host with one value",
    fields: [
      ["X-Forwarded-For", "6.6.6.6, 192.0.2.7"],
      ["X-Forwarded-Proto", "HTTPS"],
      ["X-Forwarded-Host", "share.example:8443"],
    ],
    wanted: {
      address: "192.0.2.7",
      proto: "https",
      host: "share.example:8443",
    },
  },
  {
    name: "scheme and host beside the client",
    fields: [
      ["X-Forwarded-For", "6.6.6.6, 192.0.2.7, 10.0.0.2"],
      ["X-Forwarded-Proto", "http, https, http"],
      ["X-Forwarded-Host", "evil.example, a.example, b.example"],
    ],
    wanted: { address: "192.0.2.7", proto: "https", host: "a.example" },
  },
  {
    name: "more schemes and hosts than hops: the last is the proxy's",
    fields: [
      ["X-Forwarded-For", "192.0.2.7"],
      ["X-Forwarded-Proto", "http, https"],
      ["X-Forwarded-Host", "evil.example, a.example"],
    ],
    wanted: { address: "192.0.2.7", proto: "https", host: "a.example" },
  },
  {
    name: "bad scheme and host",
    fields: [
      ["X-Forwarded-Proto", "javascript"],
      ["X-Forwarded-Host", "a/b"],
    ],
  },
  {
    name: "Forwarded",
    fields: [[
      "Forwarded",
      "for=6.6.6.6;host=evil.example, " +
      'For="[2001:db8:cafe::17]:4711";Proto=https;Host="a.example:81";by=_x,' +
      "for=10.0.0.2;proto=http;host=b.example",
    ]],
    wanted: {
      address: "2001:db8:cafe::17",
      proto: "https",
      host: "a.example:81",
    },
  },
  ...[
    'for=6.6.6.6, for="1.2.3.4',
    "for=1.2.3.4;for=6.6.6.6",
    "for=1.2.3.4 for=6.6.6.6",
    "for=1.2.3.4,,",
    "for",
    "for=unknown",
    "for=_x",
    ";",
  ].map((bad) => ({
    name: `Forwarded: ${bad}`,
    fields: [["Forwarded", bad]] as [string, string][],
  })),
  {
    name: "both kinds agree",
    fields: [
      ["Forwarded", "for=192.0.2.7;proto=https"],
      ["X-Forwarded-For", "6.6.6.6, 192.0.2.7"],
      ["X-Forwarded-Proto", "https"],
    ],
    wanted: { address: "192.0.2.7", proto: "https" },
  },
  {
    name: "a client's Forwarded past a proxy that writes the others",
    fields: [
      ["Forwarded", "for=6.6.6.6;proto=https;host=evil.example"],
      ["X-Forwarded-For", "192.0.2.7"],
    ],
  },
  {
    name: "a client's X-Forwarded-For past a proxy that writes Forwarded",
    fields: [
      ["Forwarded", "for=192.0.2.7"],
      ["X-Forwarded-For", "6.6.6.6"],
      ["X-Forwarded-Host", "evil.example"],
    ],
  },
];

Deno.test("resolveForwarded trusts only entries of trusted proxies", () => {
  for (const { name, fields, wanted } of CASES) {
    assertEquals(resolveForwarded(PROXY, Fields.from(fields), trusts), {
      address: PROXY,
      proto: undefined,
      host: undefined,
      ...wanted,
    }, name);
  }
});
