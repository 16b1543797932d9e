// Copyright 2026 the pystd authors. MIT license.

import { assertEquals } from "@std/assert/equals";
import { assertThrows } from "@std/assert/throws";
import { HeaderBlock } from "../../protocol/header_block.ts";
import { HeadBuilder } from "../../protocol/response_head_builder.ts";

function begun(status: number, strict = true): HeadBuilder {
  const head = new HeadBuilder();
  head.begin(status, { silent: false, strict });
  head.addStatusLine("HTTP/1.1", "R");
  head.take();
  return head;
}

Deno.test("HeadBuilder writes a head as given", () => {
  const head = new HeadBuilder();
  head.begin(200, { silent: false, strict: true });
  head.addStatusLine("HTTP/1.1", "Fine & dandy");
  head.add("x-UPPER", "  spaced  ");
  head.add("X-Twice", "1");
  head.add("X-Twice", "2");
  head.end();
  assertEquals(
    head.take(),
    "HTTP/1.1 200 Fine & dandy\r\nx-UPPER:   spaced  \r\n" +
      "X-Twice: 1\r\nX-Twice: 2\r\n\r\n",
  );
  assertEquals(head.take(), "");
});

Deno.test("HeadBuilder writes nothing if silent", () => {
  const head = new HeadBuilder();
  head.begin(200, { silent: true, strict: false });
  head.addStatusLine("HTTP/1.0", "OK");
  head.add("Content-Length", "5");
  head.end();
  assertEquals(head.take(), "");
  assertEquals(head.contentLength, 5);
});

Deno.test("HeadBuilder refuses a length that is not a number of bytes", () => {
  for (const value of ["", "NaN", "-5", "+5", "1.5", "1e3", "0x5", "5, 5"]) {
    const fields: [string, string][] = [["content-length", value]];
    assertThrows(
      () => begun(200).add(...fields[0]!),
      TypeError,
      "not a number",
    );
    assertThrows(() => new HeaderBlock(fields), TypeError, "not a number");
  }
});

Deno.test("HeadBuilder.add returns the option of a Connection field", () => {
  const rows: [name: string, value: string, option: string | undefined][] = [
    ["Connection", "close", "close"],
    ["CONNECTION", "Keep-Alive", "keep-alive"],
    ["Connection", "Upgrade", undefined],
    ["Connexions", "close", undefined],
    ["X", "close", undefined],
  ];
  for (const [name, value, option] of rows) {
    const head = begun(200);
    assertEquals(head.add(name, value), option, name);
    assertEquals(head.saysConnection, name.toLowerCase() === "connection");
  }
});

Deno.test("HeadBuilder.delimited says whether the head determines the body", () => {
  // [status, field, delimited, sent if strict]
  const rows: [number, string | undefined, boolean, boolean][] = [
    [200, undefined, false, true],
    [200, "content-length", true, true],
    [200, "TRANSFER-ENCODING", true, true],
    // RFC 9112 6.3, rule 1: these responses end after the head.
    [204, undefined, true, true],
    [304, undefined, true, true],
    // RFC 9110 8.6: 1xx and 204 allow neither field, 304 a Content-Length.
    [204, "Content-Length", true, false],
    [103, "Transfer-Encoding", true, false],
    [304, "Content-Length", true, true],
  ];
  for (const [status, name, delimited, sent] of rows) {
    const head = begun(status);
    if (name !== undefined) head.add(name, "5");
    assertEquals(head.delimited, delimited, `${status} ${name}`);
    const text = name !== undefined && sent ? `${name}: 5\r\n` : "";
    assertEquals(head.take(), text, `${status} ${name}`);
    if (name === undefined) continue;
    const lenient = begun(status, false);
    lenient.add(name, "5");
    assertEquals(lenient.take(), `${name}: 5\r\n`, "CPython sends it");
  }
});

Deno.test("HeadBuilder accepts fields without a status, as CPython does", () => {
  const head = new HeadBuilder();
  assertEquals([head.status, head.saysConnection], [0, false]);
  head.add("Content-Length", "5");
  head.add("X", "\xff");
  assertEquals(head.take(), "Content-Length: 5\r\nX: \xff\r\n");
});

Deno.test("HeadBuilder refuses a CR, LF or NUL, and names the field", () => {
  const texts = ["a\rb", "a\nb", "a\0b", "a\u0100b", "\na", "a\n", "\r"];
  for (const bad of texts) {
    const head = begun(200);
    assertThrows(() => head.add("X-Name", bad), TypeError, '"X-Name"');
    assertThrows(() => head.add(bad, "v"), TypeError, "the header name");
    assertThrows(
      () => head.addStatusLine("HTTP/1.1", bad),
      TypeError,
      "the reason phrase",
    );
    assertEquals(head.take(), "");
  }
});

Deno.test("HeadBuilder distinguishes framing from names of the same length", () => {
  const head = begun(200);
  for (const name of ["Content-Length", "Transfer-Encoding", "Connection"]) {
    assertEquals(head.add("x".repeat(name.length), "5"), undefined);
  }
  assertEquals(head.contentLength, Infinity);
  assertEquals(head.saysConnection, false);
});
