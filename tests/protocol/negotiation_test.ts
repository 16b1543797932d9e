// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  parseWeights,
  preferredCoding,
  preferredType,
} from "../../protocol/negotiation.ts";

Deno.test("parseWeights reads names and weights", () => {
  const cases: [string, [string, number][]][] = [
    ["", []],
    ["gzip", [["gzip", 1]]],
    ["GZIP;q=0.5,br ; Q=1.000", [["gzip", 0.5], ["br", 1]]],
    ["a;q=0", [["a", 0]]],
    ["text/html;level=1;q=0.3;x", [["text/html", 0.3]]],
    // An invalid weight is ignored.
    ["a;q=2, b;q=-1, c;q=0.1234, d;q=", [["a", 1], ["b", 1], ["c", 1], [
      "d",
      1,
    ]]],
    [", ,a,,", [["a", 1]]],
    ["a;q=0, a", [["a", 0]]],
    ["__proto__;q=0.1", [["__proto__", 0.1]]],
  ];
  for (const [value, wanted] of cases) {
    assertEquals([...parseWeights(value)], wanted, value);
  }
});

Deno.test("parseWeights limits the length of lists", () => {
  const names = Array.from({ length: 100 }, (_, i) => `a${i}`);
  assertEquals([...parseWeights(names.join()).keys()], names.slice(0, 32));
});

Deno.test("preferredCoding follows RFC 9110 section 12.5.3", () => {
  const offers = ["br", "zstd", "gzip"] as const;
  const cases: [string | undefined, string | undefined][] = [
    [undefined, undefined],
    ["", undefined],
    ["identity", undefined],
    ["gzip", "gzip"],
    ["x-gzip", "gzip"],
    ["gzip;q=0.1", "gzip"],
    ["gzip, deflate, br, zstd", "br"],
    ["gzip;q=1.0, br;q=0.9", "gzip"],
    ["br;q=0, *", "zstd"],
    ["*;q=0", undefined],
    ["*", "br"],
    ["identity;q=0.5, gzip;q=0.4", undefined],
    ["identity;q=0.5, gzip;q=0.5", "gzip"],
    ["identity;q=0, gzip;q=0.1", "gzip"],
    ["deflate", undefined],
  ];
  for (const [value, wanted] of cases) {
    assertEquals(preferredCoding(value, offers), wanted, value);
  }
  assertEquals(preferredCoding("gzip", []), undefined);
});

Deno.test("preferredType follows RFC 9110 section 12.5.1", () => {
  const offers = ["text/html", "application/json", "text/plain"] as const;
  const cases: [string | undefined, string][] = [
    [undefined, "text/html"],
    ["*/*", "text/html"],
    ["", "text/html"],
    ["image/png", "text/html"],
    ["application/json", "application/json"],
    ["application/*", "application/json"],
    ["text/*", "text/html"],
    ["text/*;q=0.5, application/json;q=0.4", "text/html"],
    ["text/html;q=0, */*", "application/json"],
    ["text/plain, */*;q=0.1", "text/plain"],
    ["TEXT/PLAIN", "text/plain"],
  ];
  for (const [value, wanted] of cases) {
    assertEquals(preferredType(value, offers), wanted, value);
  }
});
