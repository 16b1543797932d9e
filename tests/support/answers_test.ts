// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { field, parseAnswers } from "./answers.ts";

Deno.test("parseAnswers splits a stream by its framing", () => {
  const length = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n";
  const chunked = "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n";
  const table: [string, string[], [number, string, boolean][]][] = [
    ["", [], []],
    [`${length}ok`, ["GET"], [[200, "ok", true]]],
    [`${length}o`, ["GET"], [[200, "o", false]]],
    [`${length}ok${length}ab`, ["GET", "GET"], [
      [200, "ok", true],
      [200, "ab", true],
    ]],
    [`${length}${length}ab`, ["HEAD", "GET"], [
      [200, "", true],
      [200, "ab", true],
    ]],
    [`HTTP/1.1 100 Continue\r\n\r\n${length}`, ["HEAD"], [
      [100, "", true],
      [200, "", true],
    ]],
    [`HTTP/1.1 204 \r\n\r\n${length}ok`, ["GET", "GET"], [
      [204, "", true],
      [200, "ok", true],
    ]],
    ["HTTP/1.0 200 OK\r\n\r\nuntil the end", [], [
      [200, "until the end", false],
    ]],
    ["raw, without a head\n", [], [[0, "raw, without a head\n", false]]],
    [`${length}okrest`, [], [[200, "ok", true], [0, "rest", false]]],
    [`${chunked}2\r\nhi\r\n3;x=y\r\n\r\n!\r\n0\r\n\r\n${length}ok`, [], [
      [200, "hi\r\n!", true],
      [200, "ok", true],
    ]],
    [`${chunked}2\r\nhi\r\n0\r\nTrailer: x\r\n\r\n`, [], [[200, "hi", true]]],
    [`${chunked}2\r\nhi\r\n`, [], [[200, "hi", false]]],
  ];
  for (const [text, methods, wanted] of table) {
    const answers = parseAnswers(text, methods);
    const got = answers.map((one) => [one.status, one.body, one.complete]);
    assertEquals(got, wanted, text);
    assertEquals(answers.map((one) => one.head + one.raw).join(""), text);
  }
});

Deno.test("parseAnswers keeps names and values as they were sent", () => {
  const [answer] = parseAnswers(
    "HTTP/1.0 999 \r\nx-UPPER:   spaced  \r\nEmpty:\r\nX-Twice: 1\r\n" +
      "X-Twice: 2\r\n\r\n",
  );
  assertEquals([answer!.version, answer!.status], ["HTTP/1.0", 999]);
  assertEquals(answer!.reason, "");
  assertEquals(answer!.fields, [
    ["x-UPPER", "  spaced  "],
    ["Empty", ""],
    ["X-Twice", "1"],
    ["X-Twice", "2"],
  ]);
  assertEquals(field(answer!, "x-twice"), "1, 2");
  assertEquals(field(answer!, "missing"), undefined);
});
