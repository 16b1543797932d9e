// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import {
  parseResponseHead,
  responseFraming,
} from "../../protocol/response_head.ts";

Deno.test("parseResponseHead accepts only what handlers write", () => {
  const cases: [text: string, wanted: unknown][] = [
    ["HTTP/1.1 200 OK", [200, "OK", []]],
    ["HTTP/1.0 404 Not found here", [404, "Not found here", []]],
    ["HTTP/1.1 599 ", [599, "", []]],
    ["HTTP/1.1 999", [999, "", []]],
    ["HTTP/1.1 200 OK\r\nA: b\r\nc:d \r\nA:", [200, "OK", [
      ["A", "b"],
      ["c", "d"],
      ["A", ""],
    ]]],
    ["HTTP/1.1 200 OK\r\nno colon", undefined],
    ["HTTP/1.1 200 OK\r\n: no name", undefined],
    ["HTTP/1.1 20 OK", undefined],
    ["HTTP/1.1 099 OK", undefined],
    ["HTTP/11 200 OK", undefined],
    ["xHTTP/1.1 200 OK", undefined],
    ["", undefined],
  ];
  for (const [text, wanted] of cases) {
    const head = parseResponseHead(text);
    const found = head && [head.status, head.reason, head.fields];
    assertEquals(found, wanted, text);
  }
});

Deno.test("responseFraming follows RFC 9112 section 6.3", () => {
  const cases: [string, number, [string, string][], unknown][] = [
    ["GET", 200, [], "close"],
    ["GET", 200, [["content-LENGTH", "12"]], 12],
    ["GET", 200, [["Content-Length", "1x"]], "close"],
    ["GET", 200, [["Content-Length", "x1"]], "close"],
    ["GET", 200, [["Transfer-Encoding", "chunked"]], "chunked"],
    [
      "GET",
      200,
      [["Content-Length", "3"], ["transfer-encoding", "chunked"]],
      "chunked",
    ],
    ["HEAD", 200, [["Content-Length", "12"]], 0],
    ["GET", 204, [], 0],
    ["GET", 304, [["Content-Length", "12"]], 0],
    ["GET", 199, [], 0],
    ["GET", 205, [], "close"],
  ];
  for (const [method, status, fields, wanted] of cases) {
    const framing = responseFraming({ status, reason: "", fields }, method);
    assertEquals(framing, wanted, `${method} ${status} ${fields}`);
  }
});
