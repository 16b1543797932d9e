// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import type { ObservedRequest } from "../../handlers/base.ts";
import { Fields } from "../../protocol/fields.ts";
import {
  redactQuery,
  SECRET_PARAMETERS,
  spanAttributes,
} from "../../telemetry/request_attributes.ts";

const SECRET = new Set(SECRET_PARAMETERS);

function request(
  target: string,
  more: Partial<ObservedRequest> = {},
): ObservedRequest {
  return {
    method: "GET",
    target,
    version: "HTTP/1.1",
    scheme: "http",
    fields: Fields.from([["Host", "a.example:8000"]]),
    client: "192.0.2.1",
    peer: ["192.0.2.1", 50000],
    ...more,
  };
}

Deno.test("redactQuery hides the values of secret parameters only", () => {
  const cases: [query: string, expected: string][] = [
    ["", ""],
    ["a=1&b", "a=1&b"],
    ["token=x", "token=REDACTED"],
    ["link=d0.tpjs55..okqD&view", "link=REDACTED&view"],
    ["TOKEN=x&tokens=y&token", "TOKEN=REDACTED&tokens=y&token"],
    ["%74oken=a=b&sig=%00", "%74oken=REDACTED&sig=REDACTED"],
    ["sig=&%zz=1", "sig=REDACTED&%zz=1"],
    [
      "X-Amz-Signature=1&AWSAccessKeyId=2",
      "X-Amz-Signature=REDACTED&AWSAccessKeyId=REDACTED",
    ],
  ];
  for (const [query, expected] of cases) {
    assertEquals(redactQuery(query, SECRET), expected, query);
  }
});

Deno.test("spanAttributes reads each form of a target, and no credentials", () => {
  const cases: [target: string, path: unknown, query: unknown][] = [
    ["/a/b?c=d#e", "/a/b", "c=d"],
    ["http://ann:secret@a.example/x?y", "/x", "y"],
    ["http://a.example", "/", undefined],
    ["*", "*", undefined],
    ["a.example:443", "a.example:443", undefined],
    ["/?", "/", undefined],
  ];
  for (const [target, path, query] of cases) {
    const attributes = spanAttributes(request(target), true, SECRET);
    assertEquals(
      [attributes["url.path"], attributes["url.query"]],
      [path, query],
      target,
    );
  }
});

Deno.test("spanAttributes cuts off what a client makes long", () => {
  const long = "x".repeat(60_000);
  const fields = Fields.from([["User-Agent", long]]);
  const attributes = spanAttributes(
    request(`/${long}?${long}`, { method: long, fields }),
    false,
    SECRET,
  );
  for (const value of Object.values(attributes)) {
    if (typeof value === "string") assertEquals(value.length <= 1024, true);
  }
  assertEquals(attributes["server.address"], undefined);
});

Deno.test("spanAttributes says what is known of the client and the server", () => {
  const names = (more: Partial<ObservedRequest>): unknown[] => {
    const attributes = spanAttributes(request("/", more), true, SECRET);
    return [
      "client.address",
      "client.port",
      "network.peer.address",
      "server.port",
    ]
      .map((name) => attributes[name]);
  };
  assertEquals(names({}), ["192.0.2.1", 50000, "192.0.2.1", 8000]);
  // A proxy's client, over TCP and over a Unix socket.
  assertEquals(names({ client: "198.51.100.9" }), [
    "198.51.100.9",
    undefined,
    "192.0.2.1",
    8000,
  ]);
  const unix: Partial<ObservedRequest> = {
    client: "198.51.100.9",
    peer: ["unix", 0],
  };
  assertEquals(names(unix), ["198.51.100.9", undefined, undefined, 8000]);
  assertEquals(names({ ...unix, client: "unix" }), [
    undefined,
    undefined,
    undefined,
    8000,
  ]);
  const fields = Fields.from([["Host", "a.example"]]);
  assertEquals(names({ fields, scheme: "https" }).at(-1), 443);
  assertEquals(names({ fields }).at(-1), 80);
});
